"""One labcloud for all doors, with a secret in its environment; from it nothing may escape."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.life import Life, life_with

from .marks import SECRET, TOKEN

_OBJECT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """The labcloud of all tests in this folder."""
    secrets = {"MY_TOKEN": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET}
    with life_with(tmp_path_factory.mktemp("doors") / "home", **secrets) as life:
        yield life


@pytest.fixture(scope="package")
def s3(shared: Life) -> Any:
    return shared.client("s3")


@pytest.fixture(scope="package")
def sagemaker(shared: Life) -> Any:
    return shared.client("sagemaker")


def below(folder: Path) -> Iterator[Path]:
    """All that lies below a folder. Unlike rglob, it does not mind a folder that goes meanwhile."""
    for parent, folders, names in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *names))


@pytest.fixture(autouse=True)
def nothing_escapes(shared: Life) -> Iterator[None]:
    """After every test: no file outside, and the store's own names inside."""
    yield
    beside = [path for path in shared.home.path.parent.iterdir() if path != shared.home.path]
    above = [*shared.home.path.parents, Path.cwd(), *Path.cwd().parents, Path.home(), Path("/etc")]
    outside = [
        path for folder in {*above, Path(tempfile.gettempdir())} for path in folder.glob("*")
    ]
    escaped = {*beside, *[path for path in outside if TOKEN in path.name]}
    for path in escaped:
        path.unlink()
    assert not escaped
    assert not [path for path in below(shared.home.path) if TOKEN in path.name]
    objects = shared.home.path / "objects"
    for path in below(objects):
        with contextlib.suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                assert stat.S_ISREG(mode)
                assert _OBJECT.fullmatch(str(path.relative_to(objects)))
