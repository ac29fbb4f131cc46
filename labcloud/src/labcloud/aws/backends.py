"""The services that moto answers, as one ASGI application.

moto guesses from a request which service it is for. Here the gateway knows it from the signature,
and the guess is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from moto.moto_server import werkzeug_app
from starlette.types import ASGIApp

from labcloud.aws.completed import Completed
from labcloud.aws.front import Front
from labcloud.aws.s3.answers import DurableS3, WsgiApp
from labcloud.aws.s3.vault import Vault
from labcloud.aws.sts import Tokens
from labcloud.gateway.signature import claim_of
from labcloud.state.credentials import Credentials

# Requests that moto works on at a time.
_WORKERS = 10
# moto's names of the services, by their signing names.
MOTO_NAMES = {
    "ecr": "ecr",
    "iam": "iam",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "s3": "s3",
    "sqs": "sqs",
    "sts": "sts",
}

# Of which botocore's model says what a request can be; botocore's names are moto's.
_MODELS = ("cloudwatch", "ecr", "iam", "logs", "sqs", "sts")


def application(vault: Vault, credentials: Credentials) -> Completed:
    """moto, with an S3 that survives."""
    threads = WSGIMiddleware(cast(Any, Backends(vault, credentials)), workers=_WORKERS)
    return Completed(cast(ASGIApp, threads))


class Backends:
    """A WSGI application: moto's application for the service that a request was signed for."""

    def __init__(self, vault: Vault, credentials: Credentials) -> None:
        self._vault = vault
        self._credentials = credentials
        self._lock = threading.Lock()
        self._applications: dict[str, WsgiApp] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        scope = environ["asgi.scope"]
        # The path as it was sent. moto would take the decoded one and decode it once more.
        environ["RAW_URI"] = scope["raw_path"].decode("latin-1")
        claim = claim_of(scope)
        name = MOTO_NAMES[claim.service]
        if claim.service == "s3":
            if "HTTP_X_AMZ_ACCOUNT_ID" in environ and environ["PATH_INFO"].startswith("/v20180820"):
                # S3 Control, which is signed as S3.
                name = "s3control"
        else:
            # moto reads region and key from this header, also where the signature was in the query.
            # It does not know the keys of sessions, which are the owner's too.
            ours = replace(claim, access_key=self._credentials.access_key)
            environ["HTTP_AUTHORIZATION"] = ours.authorization
        return self._application(name)(environ, start_response)

    def _application(self, name: str) -> WsgiApp:
        with self._lock:
            found = self._applications.get(name)
            if found is None:
                made: WsgiApp = werkzeug_app.create_backend_app(cast(Any, name))
                if name == "s3":
                    made = DurableS3(made, self._vault, self._credentials)
                elif name in _MODELS:
                    made = Tokens(made, self._credentials) if name == "sts" else made
                    made = Front(made, name)
                found = self._applications[name] = made
            return found
