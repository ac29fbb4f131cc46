"""STS: whatever moto answers with credentials gets ones that this server accepts.

moto's own are the same for everybody, or known to moto alone.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, unescape

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from labcloud.aws.front import WsgiApp
from labcloud.gateway import sessions
from labcloud.gateway.refusals import Refused
from labcloud.gateway.signature import claim_of
from labcloud.state.credentials import Credentials


class Tokens:
    """A WSGI application in front of moto's STS. `owner` is the server's own key."""

    def __init__(self, moto: WsgiApp, owner: Credentials) -> None:
        self._moto = moto
        self._owner = owner

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answered: list[Any] = []

        def remember(*given: Any) -> None:
            answered[:] = given

        caller = self._caller(environ)
        self._check_role(environ, caller)
        text = b"".join(self._moto(environ, remember)).decode()
        status, fields = answered[0], answered[1]
        if "<GetCallerIdentityResult>" in text and caller and caller.arn:
            text = _named(text, caller)
        elif "<Credentials>" in text:
            text = self._replaced(text, caller)
        body = text.encode()
        kept = [(name, value) for name, value in fields if name.lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    def _caller(self, environ: dict[str, Any]) -> sessions.Session | None:
        token = claim_of(environ["asgi.scope"]).token
        return sessions.read(self._owner, token) if token else None

    def _check_role(self, environ: dict[str, Any], caller: sessions.Session | None) -> None:
        """Raises Refused for a role that is not there, which nobody may assume."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        given = dict(parse_qsl(f"{environ['QUERY_STRING']}&{body.decode('latin-1')}"))
        if given.get("Action") != "AssumeRole":
            return
        iam: Any = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
        try:
            iam.get_role_by_arn(given.get("RoleArn", ""))
        except NotFoundException as error:
            who = caller.arn if caller and caller.arn else self._owner_arn()
            raise Refused(
                "AccessDenied",
                f"User: {who} is not authorized to perform: sts:AssumeRole on resource: "
                f"{given.get('RoleArn')}",
                403,
            ) from error

    def _owner_arn(self) -> str:
        found: Any = sts_backends[DEFAULT_ACCOUNT_ID]["aws"]
        role = found.get_assumed_role_from_access_key(self._owner.access_key)
        return str(role.arn)

    def _replaced(self, text: str, caller: sessions.Session | None) -> str:
        """moto's answer, with credentials of a new session."""
        ends = datetime.datetime.fromisoformat(_value(text, "Expiration"))
        # GetSessionToken names nobody: the session is its caller's.
        arn = _value(text, "Arn") or (caller.arn if caller else "")
        user_id = _value(text, "AssumedRoleId") or _value(text, "FederatedUserId")
        user_id = user_id or (caller.user_id if caller else "")
        made = sessions.issue(self._owner, int(ends.timestamp()), user_id, arn)
        for name, value in (
            ("AccessKeyId", made.credentials.access_key),
            ("SecretAccessKey", made.credentials.secret_key),
            ("SessionToken", made.token),
        ):
            text = _with(text, name, value)
        return text


def _named(text: str, caller: sessions.Session) -> str:
    account = caller.arn.split(":")[4] if caller.arn.count(":") > 4 else ""
    text = _with(_with(text, "Arn", caller.arn), "UserId", caller.user_id)
    return _with(text, "Account", account) if account else text


def _value(text: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return unescape(found[1]) if found else ""


def _with(text: str, name: str, value: str) -> str:
    written = f"<{name}>{escape(value)}</{name}>"
    return re.sub(f"<{name}>[^<]*</{name}>", lambda _: written, text, count=1)
