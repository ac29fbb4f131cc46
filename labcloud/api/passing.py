"""An answer of a model server, passed on to the client as it comes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import aiohttp
from starlette.types import Receive, Scope, Send

logger = logging.getLogger(__name__)


class Passed:
    """An ASGI response: the body of `response`; `done` is called at its end, whatever that is.

    A body that breaks off breaks off for the client too: its status has been sent by then.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        headers: Mapping[str, str],
        done: Callable[[], None],
    ) -> None:
        self._response = response
        self._headers = dict(headers)
        self._done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._response
        if response.content_length is not None:
            self._headers["content-length"] = str(response.content_length)
        raw = [(name.lower().encode(), value.encode("latin-1"))
               for name, value in self._headers.items()]  # fmt: skip
        try:
            await send({"type": "http.response.start", "status": response.status, "headers": raw})
            async for chunk in response.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (aiohttp.ClientError, TimeoutError) as error:
            # Left unfinished, which makes the server close the connection.
            logger.warning("an answer broke off: %r", error, extra={"event": "answer-broke-off"})
        finally:
            response.close()
            self._done()
