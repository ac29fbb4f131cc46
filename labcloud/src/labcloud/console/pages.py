"""Turns what a page shows into HTML: templates, all of whose values are escaped."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from labcloud.console import shown
from labcloud.console.desk import SESSION
from labcloud.console.kinds import KINDS
from labcloud.version import __version__

HERE = Path(__file__).parent
# In the place of a version that is not known yet.
_UNKNOWN = "0" * 16
# What is shown is escaped: nothing else can look like these.
_BEGINS, _ENDS = '<main id="main" tabindex="-1">', "</main>"
_FILTERS = (
    "moment", "iso", "duration", "size", "money", "number", "brief", "image_name", "as_json",
)  # fmt: skip


@functools.cache
def environment() -> Environment:
    """Jinja2's environment: what a template shows is escaped, and none uses `|safe`."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals |= {"url": shown.url, "kinds": KINDS, "static": static, "zone": shown.zone}
    found.globals["version"] = __version__
    for name in _FILTERS:
        found.filters[name] = getattr(shown, name)
    return found


@functools.cache
def static(name: str) -> str:
    """The address of a static file, which changes with its content."""
    content = (HERE / "static" / name).read_bytes()
    return f"{shown.url('static', name)}?v={hashlib.sha256(content).hexdigest()[:12]}"


def page(request: Request, template: str, code: int = 200, **values: Any) -> Response:
    """A whole page, with this status of HTTP."""
    return HTMLResponse(_rendered(request, template, values), code)


def live(request: Request, template: str, part: str, **values: Any) -> Response:
    """A page that is asked for again while it is looked at, because its part says so.

    All between the marks of `main` is sent then, so that no form and no answer on the page is older
    than the rest. The part says which version of it the page shows: where nothing has changed,
    nothing is sent.
    """
    query = {n: v for n, v in request.query_params.items() if n not in ("live", "seen")}
    again = shown.url(*request.url.path.split("/")[2:], **query, live="1", seen=_UNKNOWN)
    made = _rendered(request, part, {**values, "again": again})
    # A template has made it, and has escaped what is in it.
    whole = _rendered(request, template, {**values, "part": Markup(made)})
    main = whole.partition(_BEGINS)[2].partition(_ENDS)[0]
    seen = hashlib.sha256(main.encode()).hexdigest()[: len(_UNKNOWN)]
    if request.query_params.get("seen") == seen:
        return Response(status_code=204)
    sent = main if "live" in request.query_params else whole
    return HTMLResponse(sent.replace(f"seen={_UNKNOWN}", f"seen={seen}"))


def see_other(*parts: str, **query: Any) -> Response:
    """Leads to another page: what a form that has been done answers with."""
    return RedirectResponse(shown.url(*parts, **query), 303)


def _rendered(request: Request, template: str, values: dict[str, Any]) -> str:
    at = request.app.state.desk
    session = request.scope.get(SESSION, "")
    return (
        environment()
        .get_template(template)
        .render(
            region=at.cloud.arns.region,
            account=at.cloud.arns.account,
            here=request.url.path,
            proof=at.door.form_proof(session) if session else "",
            **values,
        )
    )
