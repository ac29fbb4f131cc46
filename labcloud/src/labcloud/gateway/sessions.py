"""Credentials for a while, as STS hands them out: a key, its secret, and a token.

The token says all that is to be known of its session, and is signed with the server's own secret.
So nothing has to be stored, and a session outlives the server's restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from labcloud.state.credentials import Credentials


@dataclass(frozen=True)
class Session:
    """`expires` is in seconds since the epoch. `arn` says who it is; "": the server's own user."""

    credentials: Credentials
    token: str
    expires: int
    user_id: str
    arn: str


def issue(owner: Credentials, expires: int, user_id: str, arn: str) -> Session:
    """A new session. `owner` is the server's own key."""
    access_key = "LABT" + base64.b32encode(secrets.token_bytes(10)).decode()
    said = json.dumps([access_key, expires, user_id, arn]).encode()
    payload = base64.urlsafe_b64encode(said).decode()
    token = f"{payload}.{_mac(owner, 'token', payload)}"
    key = Credentials(access_key, _mac(owner, "secret", payload))
    return Session(key, token, expires, user_id, arn)


def read(owner: Credentials, token: str) -> Session | None:
    """The session of a token, ended or not; None: the token is not of this server."""
    payload, _, mac = token.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(owner, "token", payload).encode()):
        return None
    access_key, expires, user_id, arn = json.loads(base64.urlsafe_b64decode(payload))
    key = Credentials(access_key, _mac(owner, "secret", payload))
    return Session(key, token, expires, user_id, arn)


def _mac(owner: Credentials, purpose: str, payload: str) -> str:
    text = f"session {purpose} {payload}".encode()
    digest = hmac.digest(owner.secret_key.encode(), text, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
