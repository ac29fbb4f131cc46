"""What a browser shows of this port gets an origin of its own.

A page that a function or an object has made would otherwise be a page of this host: its scripts
would read and write the cookies of every server on 127.0.0.1, whatever the port. Only what a
browser shows as a document is touched. Scripts that ask, and programs, get what AWS answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Message, Send

# What a request of a browser is for, where the answer becomes a document.
# https://fetch.spec.whatwg.org/#concept-request-destination
_DOCUMENTS = ("document", "embed", "fencedframe", "frame", "iframe", "object")
# Without allow-same-origin: https://html.spec.whatwg.org/multipage/browsers.html#sandboxing
_SANDBOX = b"sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts"
# Browsers show none of these in a sandbox; it runs no script of this origin either.
_HARMLESS = b"application/pdf"


def apart(headers: Mapping[str, str], send: Send) -> Send:
    """Answers to a request with these headers, as a browser may show them.

    A browser that does not say what it asks for is given a document.
    """
    wanted = headers.get("sec-fetch-dest")
    if wanted is None and not headers.get("user-agent", "").lower().startswith("mozilla/"):
        return send
    document = wanted is None or wanted in _DOCUMENTS

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            # What a script has put into the browser's cache is not shown as a document later.
            added = [(b"vary", b"Sec-Fetch-Dest")]
            if document and not _harmless(given):
                # Beside a policy of the function's own: a browser obeys both.
                added.append((b"content-security-policy", _SANDBOX))
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return sent


def _harmless(headers: list[tuple[bytes, bytes]]) -> bool:
    kinds = [value for name, value in headers if name.lower() == b"content-type"]
    return len(kinds) == 1 and kinds[0].partition(b";")[0].strip().lower() == _HARMLESS
