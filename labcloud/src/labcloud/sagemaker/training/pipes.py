"""Pipe mode: a channel as a stream, one pipe of the file system for each epoch.

A program reads `/opt/ml/input/data/CHANNEL_0` to its end, then `CHANNEL_1`, as often as it likes.
Follows "Access Training Data" of the developer guide.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import select
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from labcloud.algorithms.frames import framed
from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.sagemaker.data import Item
from labcloud.sagemaker.failures import ClientError

# How often a pipe is looked at that nobody reads (seconds).
_EVERY = 0.02
_CHUNK = 64 * 1024


class Pipe:
    """A channel that a thread of its own streams into the folder `data`, until `close`.

    It must be made before the program starts, which could put a link in the folder's place.
    """

    def __init__(
        self, objects: Objects, channel: dict[str, Any], found: Sequence[Item], data: Path
    ) -> None:
        self._objects = objects
        self._channel = channel
        self._items = found
        self._folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        self._closed = threading.Event()
        self._failed: Exception | None = None
        os.mkfifo(self._name(0), dir_fd=self._folder)
        name = f"pipe-{channel['ChannelName']}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the stream of a program that has ended. Blocking.

        Raises ClientError for data that could not be streamed.
        """
        self._closed.set()
        self._thread.join()
        os.close(self._folder)
        if self._failed:
            raise ClientError(f"Data download failed: {self._failed}") from self._failed

    def _name(self, epoch: int) -> str:
        return f"{self._channel['ChannelName']}_{epoch}"

    def _run(self) -> None:
        try:
            epoch = 0
            while (descriptor := self._opened(epoch)) is not None:
                # The next one is there before this one ends: who has read it may open that.
                os.mkfifo(self._name(epoch + 1), dir_fd=self._folder)
                try:
                    self._pour(descriptor, epoch)
                except BrokenPipeError:
                    # A program need not read to the end.
                    pass
                finally:
                    os.close(descriptor)
                os.unlink(self._name(epoch), dir_fd=self._folder)
                epoch += 1
        except (OSError, EOFError, zlib.error, ObjectStoreError) as error:
            self._failed = error

    def _opened(self, epoch: int) -> int | None:
        """The writing end of a pipe, once somebody reads from it; None after `close`."""
        writing = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW
        while not self._closed.wait(_EVERY):
            try:
                return os.open(self._name(epoch), writing, dir_fd=self._folder)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
        return None

    def _pour(self, pipe: int, epoch: int) -> None:
        found = list(self._items)
        if shuffle := self._channel.get("ShuffleConfig"):
            random.Random(shuffle["Seed"] + epoch).shuffle(found)
        for item in found:
            with self._objects.open(item.location) as stored:
                source = stored
                if self._channel.get("CompressionType") == "Gzip":
                    source = cast(BinaryIO, gzip.GzipFile(fileobj=stored))
                if self._channel.get("RecordWrapperType") == "RecordIO":
                    source = cast(BinaryIO, io.BytesIO(framed(source.read())))
                while chunk := source.read(_CHUNK):
                    if not self._write(pipe, chunk):
                        return

    def _write(self, pipe: int, content: bytes) -> bool:
        """False after `close`: what a program leaves behind may hold its pipe, and never read."""
        left = memoryview(content)
        room = select.poll()
        room.register(pipe, select.POLLOUT)
        while left:
            try:
                left = left[os.write(pipe, left) :]
            except BlockingIOError:
                if self._closed.is_set():
                    return False
                room.poll(_EVERY * 1000)
        return True
