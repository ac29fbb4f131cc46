"""An answer of a model server, passed on to the client as it comes: as it is, or in events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

import aiohttp
from starlette.types import Receive, Scope, Send

from labcloud.gateway.refusals import STOPPED
from labcloud.sagemaker.runtime.event_stream import CONTENT_TYPE, event, exception

logger = logging.getLogger(__name__)


def as_sent(headers: Mapping[str, str]) -> dict[str, str]:
    """A container's headers as texts of Latin-1, which is what a header is.

    aiohttp has read them as UTF-8: what is of no Latin-1 then stands for the bytes that were sent.
    """
    found = {}
    for name, value in headers.items():
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            found[name] = value.encode("utf-8", "surrogateescape").decode("latin-1")
        else:
            found[name] = value
    return found


class ProxiedResponse:
    """An ASGI response: the body of `response`; `done` is called at its end.

    If the model's answer stops early, the client's stops early too, because the status line has
    already been sent.
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
        if response.content_length is not None:
            self._headers["content-length"] = str(response.content_length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def body(chunk: bytes, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

        headers = [(name.lower().encode(), value.encode("latin-1"))
                   for name, value in self._headers.items()]  # fmt: skip
        status = self._response.status
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            try:
                async for chunk in self._response.content.iter_any():
                    await body(self._part(chunk))
                last = b""
            # Cancelled: the server is being stopped.
            except (aiohttp.ClientError, TimeoutError, asyncio.CancelledError) as error:
                logger.warning(
                    "an answer broke off: %r", error, extra={"event": "answer-broke-off"}
                )
                if not (last := self._broken(error)):
                    # Left unfinished, which makes the server close the connection.
                    return
            await body(last, more=False)
        finally:
            self._response.close()
            self._done()

    def _part(self, chunk: bytes) -> bytes:
        return chunk

    def _broken(self, error: BaseException) -> bytes:
        """The end of an incomplete body. Empty: plain HTTP cannot say that it is incomplete."""
        return b""


class EventStreamResponse(ProxiedResponse):
    """The same as an event stream, which has an event for an answer that breaks off."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        headers: Mapping[str, str],
        done: Callable[[], None],
    ) -> None:
        super().__init__(response, headers, done)
        self._headers.pop("content-length", None)
        self._headers["content-type"] = CONTENT_TYPE

    def _part(self, chunk: bytes) -> bytes:
        return event("PayloadPart", chunk)

    def _broken(self, error: BaseException) -> bytes:
        if isinstance(error, asyncio.CancelledError):
            return exception("InternalStreamFailure", Message=STOPPED.message)
        if isinstance(error, TimeoutError):
            return exception(
                "ModelStreamError",
                Message="The model failed to finish sending the response within the timeout "
                "period allowed by Amazon SageMaker.",
                ErrorCode="ModelInvocationTimeExceeded",
            )
        return exception(
            "ModelStreamError",
            Message="The TCP connection between the client and the model was reset or closed.",
            ErrorCode="StreamBroken",
        )
