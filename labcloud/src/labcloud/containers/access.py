"""AWS from inside a container: this labcloud's address, and credentials of the container's role.

On AWS a container finds both by itself. Here they are in its environment, where every SDK looks
first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labcloud.state.home import LOOPBACK

# What makes a program choose its own credentials. It gets none of ours, which would mix with them.
_OWN_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@dataclass(frozen=True)
class Access:
    """How containers reach the server, which answers at `port` of 127.0.0.1.

    `session` makes the credential variables of a role's ARN, and of a session's name where it is
    not SageMaker's. `names` are the Hosts by which the server is reached from elsewhere: an engine
    adds those of its containers.
    """

    port: int
    region: str
    session: Callable[..., Mapping[str, str]]
    names: set[str] = field(default_factory=set)

    def variables(
        self,
        role: str,
        given: Mapping[str, str],
        host: str = LOOPBACK,
        port: int = 0,
        session_name: str = "",
    ) -> dict[str, str]:
        """What the environment of a container of this role gets besides what it is `given`.

        `host` and `port` are where the container finds the server.
        """
        names = [session_name] if session_name else []
        found = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port or self.port}",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # Nobody waits for a service of EC2 that is not there.
            "AWS_EC2_METADATA_DISABLED": "true",
            **(self.session(role, *names) if not any(name in given for name in _OWN_KEYS) else {}),
        }
        return {name: value for name, value in found.items() if name not in given}
