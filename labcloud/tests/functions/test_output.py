"""What a function prints comes into its log, and holds up nobody meanwhile."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT

from labcloud.aws.logs import Logs
from labcloud.functions import log as module
from labcloud.functions.log import Log, Output


class _Counting(Log):
    def __init__(self, logs: Logs) -> None:
        super().__init__(logs, "/aws/lambda/printing")
        self.pieces: list[int] = []

    def write_all(self, texts: list[str]) -> None:
        self.pieces.append(len(texts))
        super().write_all(texts)


def _printed(folder: Path) -> tuple[_Counting, Output, int]:
    """4001 lines that have been printed, the last of them not ended, and where more is printed."""
    log = _Counting(Logs(ACCOUNT, "us-east-1", folder / "logs"))
    reading, writing = os.pipe()
    output = Output(reading, log)
    os.write(writing, b"\n" * 4000 + b"the last line")
    return log, output, writing


def test_many_lines_are_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine can take a second for these: what is left then would come later.
    monkeypatch.setattr(module, "_LONGEST", 60.0)

    async def scene() -> None:
        log, output, writing = _printed(tmp_path)
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(others())
        await output.drain()
        task.cancel()
        assert sum(log.pieces) == 4001
        assert max(log.pieces) <= 500
        assert turns >= 4
        assert log.tail().endswith(b"\n\nthe last line\n")
        os.write(writing, b"after all")
        os.close(writing)
        await output.drain()
        assert log.tail() == b"after all\n"
        output.close()
        log.flush()

    asyncio.run(scene())


def test_what_is_not_written_in_time_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.0)

    async def scene() -> None:
        log, output, writing = _printed(tmp_path)
        await output.drain()
        assert log.pieces == [500]
        async with asyncio.timeout(60):
            while sum(log.pieces) < 4000:
                await asyncio.sleep(0)
        output.close()
        os.close(writing)
        assert sum(log.pieces) == 4001
        assert log.tail().endswith(b"\n\nthe last line\n")

    asyncio.run(scene())


def test_what_is_beyond_the_limit_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_STREAM", 10)

    async def scene() -> None:
        log = Log(Logs(ACCOUNT, "us-east-1", tmp_path / "logs"), "/aws/lambda/printing")
        for text in ("x" * 20, "y"):
            log.write(text)
        assert [each["message"] for each in log._stream._pending] == ["x" * 20 + "\n"]
        assert log.tail().endswith(b"y\n")
        log.flush()

    asyncio.run(scene())
