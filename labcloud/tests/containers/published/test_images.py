"""Build contexts whose folders are deep: who walks them calls itself for each folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from labcloud.containers.archives import MAX_DEPTH
from labcloud.containers.published.images import BadContext, PublishedImages

DOCKERFILE = b'FROM scratch\nCOPY . /opt/program\nENTRYPOINT ["python3", "/opt/program/main"]\n'


def layer(path: Path, depth: int, *, parents: bool) -> Path:
    """A build context with folders in folders; without `parents`, only the last one is named."""
    with tarfile.open(path, "w:gz") as tar:
        recipe = tarfile.TarInfo("Dockerfile")
        recipe.size = len(DOCKERFILE)
        tar.addfile(recipe, io.BytesIO(DOCKERFILE))
        for number in range(1 if parents else depth, depth + 1):
            folder = tarfile.TarInfo("/".join("d" * number))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
    return path


def test_a_context_as_deep_as_it_may_be_is_unpacked_copied_and_forgotten(tmp_path: Path) -> None:
    images = PublishedImages(tmp_path / "contexts", lambda _: None)
    image = images.unpacked(layer(tmp_path / "layer", MAX_DEPTH + 1, parents=True))
    assert image.recipe.entrypoint == ("python3", "/opt/program/main")
    assert [path.name for path in (tmp_path / "contexts").iterdir()] == ["layer"]
    images.forget(set())
    assert list((tmp_path / "contexts").iterdir()) == []


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 1500, 3000])
@pytest.mark.parametrize("parents", [True, False])
def test_one_that_is_too_deep_is_refused_in_a_sentence(
    tmp_path: Path, depth: int, parents: bool
) -> None:
    images = PublishedImages(tmp_path / "contexts", lambda _: None)
    with pytest.raises(BadContext, match=rf"cannot be unpacked: .* below {MAX_DEPTH} folders"):
        images.unpacked(layer(tmp_path / "layer", depth, parents=parents))
    assert list((tmp_path / "contexts").iterdir()) == []
