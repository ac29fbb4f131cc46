"""A visit: one request at a deployed stage, as the visitor has sent it."""

from __future__ import annotations

import base64
import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

# A browser sends what it holds for this host to every port of it: the cookies of a JupyterLab that
# runs beside labcloud, too. These headers say that it was one.
_OF_A_BROWSER = ("origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
# What is about one connection (RFC 9110, section 7.6.1), and not about the request.
HOP_BY_HOP = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade", "expect",
    )
)  # fmt: skip


def _trace() -> str:
    """The root of a trace, as X-Ray writes it: a version, the time and 96 bits, in hex."""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"


@dataclass(frozen=True)
class Visit:
    """A request at a stage.

    `path` is what stands behind the API in the request line, not decoded, and begins with a slash.
    `headers` have their names as they were sent, in their order.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str
    protocol: str = "HTTP/1.1"
    moment: float = field(default_factory=time.time)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # HTTP APIs have no other one.
    extended_id: str = field(default_factory=lambda: base64.b64encode(os.urandom(11)).decode())
    trace: str = field(default_factory=_trace)

    def header(self, name: str) -> str | None:
        """The last value of a header, by its lower-case name."""
        found = [value for each, value in self.headers if each.lower() == name]
        return found[-1] if found else None

    @property
    def host(self) -> str:
        return self.header("host") or ""

    @property
    def from_browser(self) -> bool:
        names = {name.lower() for name, _ in self.headers}
        agent = (self.header("user-agent") or "").lower()
        return agent.startswith("mozilla/") or any(name in names for name in _OF_A_BROWSER)

    @property
    def cookies(self) -> list[str]:
        """The cookies of a client that keeps them by itself, each as `name=value`."""
        if self.from_browser:
            return []
        sent = [value for name, value in self.headers if name.lower() == "cookie"]
        found = [each.strip() for value in sent for each in value.split(";")]
        return [each for each in found if each]

    def handed_on(self) -> list[tuple[str, str]]:
        """The headers for a function, with those that API Gateway adds, and without cookies."""
        port = self.host.rpartition(":")[2]
        added = {
            "X-Amzn-Trace-Id": self.trace,
            "X-Forwarded-For": ", ".join([*self._forwarded, self.client]),
            "X-Forwarded-Port": port if port.isdigit() else "80",
            "X-Forwarded-Proto": "http",
        }
        dropped = {name.lower() for name in added} | {"cookie"} | HOP_BY_HOP
        kept = [(name, value) for name, value in self.headers if name.lower() not in dropped]
        return [*kept, *added.items()]

    @property
    def _forwarded(self) -> list[str]:
        """What the visitor says of this; the last one in the header is always the peer."""
        found = [value for name, value in self.headers if name.lower() == "x-forwarded-for"]
        return [value for value in found if value]

    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the query, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True, errors="replace")

    @property
    def time(self) -> str:
        """The moment as a common log has it."""
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.moment))

    @property
    def epoch(self) -> int:
        """The moment in milliseconds."""
        return int(self.moment * 1000)


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pairs as a map; values of one name are joined with commas."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Pairs as a map to all values of a name."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
