"""A channel as a stream, whose reader does not read."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from labcloud.aws.s3.uris import Location
from labcloud.sagemaker.data import Item
from labcloud.sagemaker.training.pipes import Pipe

from ..conftest import Play, Stage


@pytest.mark.parametrize("begun", [True, False])
def test_a_pipe_that_somebody_holds_and_does_not_read_can_be_closed(
    act: Play, tmp_path: Path, begun: bool
) -> None:
    """As a process does that a program has left behind."""

    async def scene(stage: Stage) -> None:
        # More than a pipe of the system takes.
        stage.put(a=bytes(10**6))
        item = Item(Location("bucket", "in/a"), "a")
        pipe = Pipe(stage.cloud.objects, {"ChannelName": "train"}, [item], tmp_path)
        held = os.open(tmp_path / "train_0", os.O_RDONLY)
        try:
            if begun:
                assert os.read(held, 10) == bytes(10)
            closing = threading.Thread(target=pipe.close, daemon=True)
            closing.start()
            closing.join(timeout=60)
            assert not closing.is_alive()
        finally:
            os.close(held)

    act(scene)
