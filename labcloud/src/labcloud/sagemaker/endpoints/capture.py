"""Data capture: what an endpoint was asked and what it answered, as JSON lines in S3.

See "Capture data from real-time endpoint" in the SageMaker developer guide for the format and keys.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import logging
import random
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud

# Captures are written together: after this time (seconds), or at this size (bytes).
_EVERY = 2.0
_ENOUGH = 1024**2
# What could not be written waits for the next time, up to this much of it (bytes).
_MOST = 64 * 1024**2

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Side:
    """A request's or an answer's content."""

    data: bytes
    content_type: str | None


class Capture:
    """The data capture that a configuration's DataCaptureConfig asks for."""

    def __init__(self, cloud: Cloud, endpoint: str, config: dict[str, Any]) -> None:
        self.config = config
        self.enabled: bool = config.get("EnableCapture", True)
        self._cloud = cloud
        self._endpoint = endpoint
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        self._input = bool(modes & {"Input", "InputAndOutput"})
        self._output = bool(modes & {"Output", "InputAndOutput"})
        headers = config.get("CaptureContentTypeHeader", {})
        self._encodings = dict.fromkeys(headers.get("JsonContentTypes", []), "JSON")
        self._encodings |= dict.fromkeys(headers.get("CsvContentTypes", []), "CSV")
        # By variant, lines that are not in S3 yet.
        self._pending: dict[str, list[bytes]] = {}
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def described(self) -> dict[str, Any]:
        """DataCaptureConfigSummary of DescribeEndpoint."""
        key = self.config.get("KmsKeyId")
        return {
            "EnableCapture": self.enabled,
            "CaptureStatus": "Started" if self.enabled else "Stopped",
            "CurrentSamplingPercentage": self.config["InitialSamplingPercentage"],
            "DestinationS3Uri": self.config["DestinationS3Uri"],
            **({"KmsKeyId": key} if key else {}),
        }

    def wants(self) -> bool:
        """Whether the next call is in the sample."""
        percentage: int = self.config["InitialSamplingPercentage"]
        return self.enabled and random.random() * 100 < percentage

    def add(self, variant: str, asked: Side, answered: Side, **metadata: Any) -> None:
        """One call; `metadata` are fields of eventMetadata."""
        captured = {}
        if self._input:
            captured["endpointInput"] = self._side(asked, "INPUT")
        if self._output:
            captured["endpointOutput"] = self._side(answered, "OUTPUT")
        moment = datetime.datetime.now(datetime.UTC)
        line = {
            "captureData": captured,
            "eventMetadata": {
                "eventId": str(uuid.uuid4()),
                **metadata,
                "inferenceTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "eventVersion": "0",
        }
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._pending.setdefault(variant, []).append(text)
        before, self._size = self._size, self._size + len(text)
        if before < _ENOUGH <= self._size:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY, self._flush)

    async def close(self) -> None:
        """Writes what there is. No more calls must come."""
        await self._write()
        if self._pending:
            logger.error("captured data of %s is lost: %d bytes", self._endpoint, self._size)
            self._pending = {}
        if self._timer:
            self._timer.cancel()

    def _side(self, side: Side, mode: str) -> dict[str, str]:
        content_type = side.content_type or ""
        encoding = self._encodings.get(content_type.partition(";")[0].strip().lower(), "BASE64")
        try:
            data = side.data.decode() if encoding != "BASE64" else ""
        except UnicodeDecodeError:
            encoding = "BASE64"
        if encoding == "BASE64":
            data = base64.b64encode(side.data).decode()
        found = {"mode": mode, "data": data, "encoding": encoding}
        return {"observedContentType": content_type, **found} if content_type else found

    def _flush(self) -> None:
        task = asyncio.get_running_loop().create_task(self._write())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self) -> None:
        """One object for each variant that has been called since the last time."""
        async with self._writing:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            pending, self._pending, self._size = self._pending, {}, 0
            for variant, lines in pending.items():
                try:
                    await asyncio.to_thread(self._upload, variant, b"".join(lines))
                except Exception as error:
                    logger.error("captured data of %s: %s", self._endpoint, error)
                    self._keep(variant, lines)

    def _upload(self, variant: str, content: bytes) -> None:
        moment = datetime.datetime.now(datetime.UTC)
        name = f"{moment:%M-%S}-{moment.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
        target = Location.parse(self.config["DestinationS3Uri"]).child(
            self._endpoint, variant, f"{moment:%Y/%m/%d/%H}", name
        )
        path = self._cloud.jobs_folder / f"capture-{secrets.token_hex(8)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(content)
            self._cloud.objects.upload(path, target)
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, variant: str, lines: list[bytes]) -> None:
        """For the next time; the oldest go where that is too much."""
        kept = lines + self._pending.get(variant, [])
        self._size += sum(len(line) for line in lines)
        while kept and self._size > _MOST:
            self._size -= len(kept.pop(0))
        self._pending[variant] = kept
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY, self._flush)


def capture_of(cloud: Cloud, endpoint: str, config: dict[str, Any]) -> Capture | None:
    """The capture that an endpoint configuration asks for, if it does."""
    found = config.get("DataCaptureConfig")
    return Capture(cloud, endpoint, found) if found else None
