"""The console as an ASGI application: its door, its routes, and the headers of every answer."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labcloud.cloud import Cloud
from labcloud.console import (
    apis,
    costs,
    endpoints,
    failures,
    functions,
    images,
    jobs,
    models,
    overview,
    pipelines,
    registry,
    shortened,
    storage,
)
from labcloud.console.calls import Calls
from labcloud.console.desk import SESSION, Desk, NotThere, desk
from labcloud.console.door import PATH, SESSION_LIFE, TOKEN_LIFE, Door, Shut, check_sender, is_visit
from labcloud.console.pages import HERE, page
from labcloud.state.credentials import Credentials

# What `static` serves, by its type.
_STATIC = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "keep.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
PAGES = [
    *overview.ROUTES, *jobs.ROUTES, *pipelines.ROUTES, *endpoints.ROUTES, *models.ROUTES,
    *registry.ROUTES, *functions.ROUTES, *apis.ROUTES, *images.ROUTES, *storage.ROUTES,
    *costs.ROUTES, *shortened.ROUTES,
]  # fmt: skip
_TOKEN = "token"
# So many functions have their files' names kept.
_FOLDERS = 64

logger = logging.getLogger(__name__)


class Console:
    """Answers everything below PATH, and a browser that was given the server's address alone."""

    def __init__(
        self, cloud: Cloud, services: Mapping[str, ASGIApp], credentials: Credentials, port: int,
        files: Callable[[str], list[tuple[str, int]]], signed_out: Path,
    ) -> None:  # fmt: skip
        """`files` lists a folder of a function's code: names and sizes."""
        self.door = Door(credentials.secret_key, port, signed_out)
        calls = Calls(services, credentials.access_key, cloud.arns.region, port)
        self._application = Starlette(
            routes=[
                Mount(
                    PATH,
                    routes=[
                        *PAGES,
                        Route("/static/{name}", _static),
                        Route("/sign-out", self._sign_out, methods=["POST"]),
                    ],
                )
            ],
            exception_handlers=failures.HANDLERS,
        )
        # A folder of code never changes: other code is in another one.
        kept = functools.lru_cache(maxsize=_FOLDERS)(files)
        self._application.state.desk = Desk(
            cloud, calls, self.door, f"http://127.0.0.1:{port}", kept
        )

    @staticmethod
    def serves(scope: Scope) -> bool:
        """Whether a request is for the console, whoever sends it."""
        path: str = scope.get("path", "")
        return scope["type"] == "http" and (
            path == PATH
            or path.startswith(f"{PATH}/")
            or (path == "/" and is_visit(scope, _joined(scope)))
        )

    async def token(self, request: Request) -> Response:
        """For whoever has signed the request: what opens the console once."""
        try:
            life = int(request.query_params.get("seconds", TOKEN_LIFE))
        except ValueError:
            life = 0
        return JSONResponse({"Path": f"{PATH}/", "Token": self.door.new_token(life)})

    async def waits(self, request: Request) -> Response:
        """For whoever has signed the request: whether a token has not been used yet."""
        return JSONResponse({"Waits": self.door.waits(request.query_params.get(_TOKEN, ""))})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _joined(scope)
        answering = _Answering(send, headers.get("host", ""))
        request = Request({**scope, "app": self._application}, receive)
        try:
            check_sender(scope, headers)
        except Shut as error:
            logger.warning("console: %s", error, extra={"event": "refused", "path": scope["path"]})
            response: ASGIApp = HTMLResponse(str(error), 403)
        else:
            session = self.door.session(headers)
            response = self._application
            if scope["path"] in (PATH, "/"):
                query = scope["query_string"].decode("latin-1")
                response = RedirectResponse(f"{PATH}/{'?' + query if query else ''}")
            elif _TOKEN in request.query_params and scope["method"] == "GET":
                response = self._entered(request, session)
            elif session is None and not scope["path"].startswith(f"{PATH}/static/"):
                response = page(request, "sign_in.html", 401, why="none")
            scope[SESSION] = session or ""
        try:
            await response(scope, receive, answering)
        except Exception:
            if not answering.done:
                # What has been sent cannot be taken back: the connection is closed.
                raise
            logger.exception("the console failed", extra={"event": "internal-failure"})
        except asyncio.CancelledError:
            # The server is being stopped, and waits no longer.
            if not answering.begun:
                await failures.stopped(request)(scope, receive, answering)

    def _entered(self, request: Request, session: str | None) -> Response:
        """The first page after a token, which leaves the address without it."""
        cookie = self.door.enter(request.query_params[_TOKEN])
        if cookie is None:
            if session:
                return RedirectResponse(f"{PATH}/", 303)
            return page(request, "sign_in.html", 401, why="used")
        # A page, not a redirect: after a link on another site, a redirect is that site's request
        # still, to which no browser adds this cookie.
        response = page(request, "entered.html")
        response.set_cookie(
            self.door.cookie, cookie, max_age=SESSION_LIFE, path=PATH, httponly=True,
            samesite="strict",
        )  # fmt: skip
        logger.info("the console was entered", extra={"event": "console"})
        return response

    async def _sign_out(self, request: Request) -> Response:
        """Ends the session, in all windows of the browser."""
        await desk(request).fields(request)
        await asyncio.to_thread(self.door.sign_out, request.scope[SESSION])
        logger.info("a browser has signed out", extra={"event": "console"})
        response = page(request, "sign_in.html", why="out")
        response.delete_cookie(self.door.cookie, path=PATH, httponly=True, samesite="strict")
        return response


class _Answering:
    """Adds what tells a browser to run, load and tell others nothing that is not the console's."""

    def __init__(self, send: Send, host: str) -> None:
        self._send = send
        own = f"http://{host}{PATH}/static/"
        self._policy = (
            f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        self.begun = self.done = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", self._policy)
            headers.setdefault("cache-control", "no-store")
            headers["x-frame-options"] = "DENY"
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
        self.begun = True
        await self._send(message)
        self.done = message["type"] == "http.response.body" and not message.get("more_body")


def _joined(scope: Scope) -> dict[str, str]:
    """The headers of a request. One that is repeated is all of its values: two Hosts are none."""
    found: dict[str, str] = {}
    for raw_name, raw in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw.decode("latin-1")
        mark = "; " if name == "cookie" else ", "
        found[name] = f"{found[name]}{mark}{value}" if name in found else value
    return found


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        raise NotThere("There is no such file.")
    response = FileResponse(HERE / "static" / name, media_type=_STATIC[name])
    # Its address changes with its content.
    response.headers["cache-control"] = "private, max-age=31536000, immutable"
    return response
