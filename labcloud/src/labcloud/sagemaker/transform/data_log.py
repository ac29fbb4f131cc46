"""The `data-log` stream of a transform job's instance: what became of the objects, as AWS words it.

Lines of a real job's log: `2020-03-15T20:11:31.510:[sagemaker logs]: MaxConcurrentTransforms=1,
MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD`, and `…: bucket/key: ClientError: 400` with the
container's answer on the lines after it. How far a job has come is labcloud's addition.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from labcloud.aws.logs import LogStream
from labcloud.aws.s3.uris import Location


class DataLog:
    """Writes to the stream of one instance."""

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        moment = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self._stream.write(f"{moment}:[sagemaker logs]: {text}")

    def say(self, place: Location, text: str) -> None:
        """Something about one object."""
        self.write(f"{place.bucket}/{place.key}: {text}")

    def failed(self, place: Location, lines: Iterable[str]) -> None:
        """Why an object has no output."""
        for line in lines:
            self.say(place, line)

    def close(self) -> None:
        """All that was written can be read now."""
        self._stream.flush()
