"""Who may enter the console: a token opens it once, a cookie keeps it open, forms carry a proof.

The cookie is signed with a key that is derived from the secret access key: it outlives a restart of
the server, and says nothing of the secret. Nothing but the console looks at it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from starlette.types import Scope

from labcloud.client.owners import may_be_ours
from labcloud.state.home import LOOPBACK
from labcloud.state.paths import write_private

PATH = "/_console"
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
# How long a browser stays signed in, and how long a token waits at most to be used (seconds).
SESSION_LIFE = TOKEN_LIFE = 12 * 3600
# So many tokens wait at a time; the oldest go.
_TOKENS = 50


class Shut(Exception):
    """The console does not answer this request; the message says why."""


class Door:
    """Tokens and sessions of one server.

    Sessions that have signed out are in the file `ended`: their cookies open nothing after a
    restart either.
    """

    def __init__(self, secret: str, port: int, ended: Path) -> None:
        self._key = hmac.digest(secret.encode(), b"labcloud console", "sha256")
        # Two servers on one machine share the cookies of 127.0.0.1, whatever their ports are.
        self.cookie = f"labcloud-console-{port}"
        # By the hash of a token, until when it may be used (seconds since the epoch).
        self._tokens: dict[bytes, float] = {}
        self._file = ended
        # By the head of a session's cookie, until when it would be valid.
        self._ended: dict[str, float] = _read(ended)

    def new_token(self, life: float = TOKEN_LIFE) -> str:
        """What opens the console once, within its life (seconds)."""
        token = secrets.token_urlsafe(32)
        while len(self._tokens) >= _TOKENS:
            del self._tokens[next(iter(self._tokens))]
        self._tokens[_hash(token)] = time.time() + min(life, TOKEN_LIFE)
        return token

    def waits(self, token: str) -> bool:
        """Whether a token has not been used yet."""
        return _hash(token) in self._tokens

    def enter(self, token: str) -> str | None:
        """A new session's cookie for a token, which is used up; None for any other."""
        until = self._tokens.pop(_hash(token), 0.0)
        if until < time.time():
            return None
        head = f"{secrets.token_urlsafe(16)}.{int(time.time()) + SESSION_LIFE}"
        return f"{head}.{self._proof('session', head)}"

    def session(self, headers: Mapping[str, str]) -> str | None:
        """The session of a request, by its cookie; None where it has none that is valid.

        Cookies of all programs of this machine come with it, whatever they look like. One of them
        may even be called as ours.
        """
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            head, _, proof = value.rpartition(".")
            if name != self.cookie or not head or not _same(proof, self._proof("session", head)):
                continue
            if _end_of(head) > time.time() and head not in self._ended:
                return head
        return None

    def sign_out(self, session: str) -> None:
        """Ends a session, whoever has its cookie. Blocking. Raises OSError."""
        now = time.time()
        left = {head: end for head, end in self._ended.items() if end > now}
        left[session] = _end_of(session)
        write_private(self._file, json.dumps(left))
        self._ended = left

    def form_proof(self, session: str) -> str:
        """What each form of a session carries: pages of others cannot know it."""
        return self._proof("form", session)

    def check_form(self, session: str, given: str) -> None:
        """Raises Shut where a form does not carry the session's proof."""
        if not _same(given, self.form_proof(session)):
            raise Shut("This form is not one of this console's, or it is too old. Reload the page.")

    def _proof(self, use: str, of: str) -> str:
        return hmac.new(self._key, f"{use}:{of}".encode(), "sha256").hexdigest()


def check_sender(scope: Scope, headers: Mapping[str, str]) -> None:
    """Raises Shut for another machine, a container, another user of this machine, another Host, and
    what a page of another origin sends.

    A cookie does not know of ports: a page on another port of this machine would send it, too, and
    a server of another user's there would be sent it.
    """
    # Another address of loopback's is that of containers, whose connections are handed on.
    client, server = scope.get("client"), scope.get("server")
    if client is None or client[0] != LOOPBACK:
        raise Shut("The console answers programs of this machine only, and no containers.")
    if server is not None and not may_be_ours(tuple(client), tuple(server)):
        raise Shut("The console answers programs of its own user only.")
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise Shut("The Host of this request is not this machine.")
    changes = scope["method"] not in ("GET", "HEAD")
    origin = headers.get("origin")
    if origin != f"http://{host}" if changes else origin not in (None, f"http://{host}"):
        raise Shut("This request comes from another page than this console's.")
    site = headers.get("sec-fetch-site", "none")
    followed = not changes and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("none", "same-origin") and not followed:
        raise Shut("This request comes from another page than this console's.")


def is_visit(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether a browser's user has typed or followed the server's address, and nothing more.

    To programs, and under a bucket's name, that address is S3's list of buckets or objects.
    """
    asked = (scope["method"], scope["path"], scope["query_string"])
    browser = headers.get("sec-fetch-mode") == "navigate" and "authorization" not in headers
    return asked == ("GET", "/", b"") and browser and bool(_HOST.fullmatch(headers.get("host", "")))


def _end_of(session: str) -> float:
    """Until when a session is valid (seconds since the epoch)."""
    return float(session.partition(".")[2])


def _read(file: Path) -> dict[str, float]:
    try:
        return {str(head): float(end) for head, end in json.loads(file.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())
