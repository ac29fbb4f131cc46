"""A model server can put anything into its /opt/ml: the outputs are written elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcloud.containers import images
from labcloud_support.algorithms import FakeAlgorithm

from ..conftest import Play, Stage


def test_pipes_and_links_in_the_place_of_outputs(
    act: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(images.BUILT_IN, "echo", FakeAlgorithm("hostile", repository="echo"))
    victim = tmp_path / "victim"
    victim.write_text("secret")

    async def scene(stage: Stage) -> None:
        stage.put(a=b"one\n", b=b"two\n", c=b"three\n")
        outputs = await stage.done(environment={"VICTIM": str(victim)})
        assert outputs == {"a.out": b"one\n", "b.out": b"two\n", "c.out": b"three\n"}
        assert list((stage.folder / "jobs" / "transform-job").iterdir()) == []

    act(scene)
    assert victim.read_text() == "secret"
