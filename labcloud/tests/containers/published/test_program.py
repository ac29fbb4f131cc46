"""Where a path of the container lies on a machine that gives a process no /opt/ml of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcloud.containers.published.program import moved


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("/usr/bin/serve", "image/usr/bin/serve"),
        ("/opt/ml/model", "root/model"),
        ("/opt/ml/model/", "root/model"),
        # Not below /opt/ml, though it begins so; there is none in the image.
        ("/opt/mlmodel", None),
        ("/etc/passwd", None),
        ("//model", None),
        ("/", None),
        ("model", None),
        ("--model=/opt/ml/model", None),
    ],
)
def test_a_path_that_is_there_is_moved(tmp_path: Path, word: str, place: str | None) -> None:
    for folder in ("image/usr/bin", "root/model"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "image" / "usr" / "bin" / "serve").touch()
    places = {"/": tmp_path / "image", "/opt/ml": tmp_path / "root"}
    assert moved(word, places) == (str(tmp_path / place) if place else word)
