"""What the console says when a page cannot be shown, or a form cannot be carried out."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from labcloud.console.calls import Refusal
from labcloud.console.desk import NotThere
from labcloud.console.door import PATH, Shut
from labcloud.console.forms import BadForm
from labcloud.console.pages import page
from labcloud.gateway.refusals import STOPPED, unwritten
from labcloud.sagemaker.errors import ApiError
from labcloud.state.records import Missing

logger = logging.getLogger(__name__)


def stopped(request: Request) -> Response:
    """For what the server cannot wait for at its end. It may have been done all the same."""
    return _said(request, STOPPED.status, "This was not finished", STOPPED.message)


def _said(request: Request, status: int, title: str, said: str) -> Response:
    return page(request, "refused.html", status, title=title, said=said, back=_before(request))


def _before(request: Request) -> str:
    """The console's page from which the browser says that it comes, or nothing."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.url.netloc and came.path.startswith(f"{PATH}/")
    return f"{came.path}?{came.query}".rstrip("?") if ours else ""


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal | ApiError)
    return _said(request, error.status, error.code, error.message)


def _http(request: Request, error: Exception) -> Response:
    """What Starlette itself raises: no route has the path, or none of its routes the method."""
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return _missing(request, error)
    answer = _said(request, 405, "Not allowed", f"This address does not take {request.method}.")
    answer.headers.update(error.headers or {})
    return answer


def _missing(request: Request, error: Exception) -> Response:
    known = isinstance(error, NotThere)
    return _said(request, 404, "Not found", str(error) if known else "There is no such page.")


def _shut(request: Request, error: Exception) -> Response:
    return _said(request, 403, "Refused", str(error))


def _told(request: Request, error: Exception) -> Response:
    return _said(request, 400, "This cannot be done", str(error))


def _gone(request: Request, error: Exception) -> Response:
    """A browser that was closed before it had sent all of its form: nobody reads the answer."""
    logger.info("a form has broken off", extra={"event": "console"})
    return Response(status_code=400)


def _unwritten(request: Request, error: Exception) -> Response:
    logger.error("could not write: %s", error, extra={"event": "write-failed"})
    return _said(request, 500, "This could not be written", unwritten(error))


def _failed(request: Request, error: Exception) -> Response:
    return _said(request, 500, "labcloud has failed", "Its log says more.")


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Response]] = {
    Refusal: _refused,
    ApiError: _refused,
    Missing: _missing,
    NotThere: _missing,
    HTTPException: _http,
    Shut: _shut,
    BadForm: _told,
    ClientDisconnect: _gone,
    OSError: _unwritten,
    sqlite3.Error: _unwritten,
    Exception: _failed,
}
