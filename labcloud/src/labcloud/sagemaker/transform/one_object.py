"""One object of a transform job: cut into payloads, sent to the model, and put together again."""

from __future__ import annotations

import asyncio
import gzip
import io
import time
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import aiohttp

from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.sagemaker.data import Item
from labcloud.sagemaker.models.replica import Replica
from labcloud.sagemaker.transform import payloads
from labcloud.sagemaker.transform.association import Association, CannotAssociate
from labcloud.sagemaker.transform.data_log import DataLog
from labcloud.sagemaker.transform.settings import MB, MULTI, Settings

# How often the log says how far a long object has come (seconds).
_PROGRESS = 10.0
# Records are needed one by one for filters and joins: a payload without limit gets this one.
_LARGEST = 100

Payload = bytes | list[bytes] | BinaryIO


class ObjectFailed(Exception):
    """An object that gets no output; `lines` are for the log.

    `refused` says that the model has answered, and that the data was at fault.
    """

    def __init__(self, *lines: str, refused: bool = False) -> None:
        super().__init__(*lines)
        self.lines = lines
        self.refused = refused


class TransformedObject:
    """The way of objects, one at a time, through one model server."""

    def __init__(
        self,
        objects: Objects,
        replica: Replica,
        settings: Settings,
        association: Association | None,
        log: DataLog,
    ) -> None:
        self._objects = objects
        self._replica = replica
        self._settings = settings
        self._association = association
        self._log = log

    async def run(self, source: Item, target: Path) -> None:
        """Writes the output to a file. Raises ObjectFailed."""
        try:
            size = self._objects.size(source.location)
            with self._objects.open(source.location) as stored, target.open("wb") as output:
                await self._run(source, stored, size, output)
        except ObjectStoreError as error:
            raise ObjectFailed(str(error)) from error
        except (payloads.TooLarge, CannotAssociate) as error:
            raise ObjectFailed(str(error)) from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ObjectFailed(f"ClientError: it is no gzip file: {error}") from error

    async def _run(self, source: Item, stored: BinaryIO, size: int, output: BinaryIO) -> None:
        """Several payloads under way at a time; their answers are written in their order."""
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=stored)) if self._settings.gzip else stored
        cut = self._payloads(stream)
        under_way: deque[asyncio.Task[bytes]] = deque()
        said = time.monotonic()
        try:
            while (payload := await asyncio.to_thread(next, cut, None)) is not None:
                under_way.append(asyncio.create_task(self._transformed(payload)))
                if len(under_way) >= self._settings.concurrency:
                    output.write(await under_way.popleft())
                if time.monotonic() - said > _PROGRESS:
                    said = time.monotonic()
                    self._log.say(source.location, f"{stored.tell() / size:.0%} read")
            while under_way:
                output.write(await under_way.popleft())
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _payloads(self, stream: BinaryIO) -> Iterator[Payload]:
        """The object in pieces: lists of records where they are filtered or joined."""
        given = self._settings.payload
        limit = (given or _LARGEST) * MB
        if self._association and self._association.by_line and not self._settings.by_line:
            return (
                [line for line in payloads.lines(io.BytesIO(content), limit) if line.strip()]
                for content in payloads.whole(stream, limit)
            )
        if self._association:
            records = payloads.lines(stream, limit) if self._settings.by_line else (
                payloads.whole(stream, limit)
            )  # fmt: skip
            kept = (record for record in records if record.strip())
            if self._settings.strategy == MULTI:
                return payloads.packed(kept, limit)
            return ([record] for record in kept)
        if given == 0:
            return iter([stream])
        if not self._settings.by_line:
            return payloads.whole(stream, limit)
        if self._settings.strategy == MULTI:
            return payloads.blocks(stream, limit)
        return payloads.lines(stream, limit)

    async def _transformed(self, payload: Payload) -> bytes:
        """What a payload adds to the output."""
        if isinstance(payload, list):
            assert self._association
            body = await asyncio.to_thread(self._association.body, payload)
            answer = await self._answered(body)
            return await asyncio.to_thread(self._association.output, payload, answer)
        answer = await self._answered(payload)
        return payloads.assembled(answer, self._settings.assemble_by_line)

    async def _answered(self, body: bytes | BinaryIO) -> bytes:
        """The model's answer. Raises ObjectFailed."""
        pause, left = self._replica.cloud.timings.transform_retry, self._settings.retries
        while True:
            try:
                return await self._ask(body)
            except _MayPass as error:
                # What has been streamed is gone.
                if not left or not isinstance(body, bytes):
                    raise ObjectFailed(*error.args) from error
            await asyncio.sleep(pause)
            pause, left = pause * 2, left - 1

    async def _ask(self, body: bytes | BinaryIO) -> bytes:
        session = self._replica.session
        assert session
        try:
            async with session.post(
                "/invocations",
                # As a file: aiohttp sends a large one in pieces.
                data=io.BytesIO(body) if isinstance(body, bytes) else _chunks(body),
                headers=self._settings.headers,
                skip_auto_headers=("content-type", "accept", "user-agent"),
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
            ) as response:
                answer = await response.read()
                if response.status < 400:
                    return answer
        except (aiohttp.ClientError, TimeoutError, RuntimeError) as error:
            raise _MayPass("Unable to get response from algorithm") from error
        said = answer.decode(errors="replace").splitlines()
        if response.status < 500:
            lines = (f"ClientError: {response.status}", "", "Message:", *said)
            raise ObjectFailed(*lines, refused=True)
        raise _MayPass(
            f"Bad HTTP status received from algorithm: {response.status}", "", "Message:", *said
        )


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    """A stream of unknown length. (For a compressed file, aiohttp would send the file's length.)"""
    while chunk := await asyncio.to_thread(stream.read, MB):
        yield chunk


class _MayPass(Exception):
    """No answer, or one that says that the server has failed; the next may be better."""
