"""One labcloud for the functions of all tests in this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labcloud_support.lambdas import Lambdas
from labcloud_support.life import Life


@pytest.fixture(scope="package")
def lambdas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lambdas]:
    # A first try that fails is followed by the others at once, and an idle process is not ended
    # while a test looks at it.
    retries = ("function_retry=0.05", "function_second_retry=0.05", "function_throttled=0.1")
    options = [word for each in (*retries, "function_room=5") for word in ("--timing", each)]
    life = Life(tmp_path_factory.mktemp("lambda") / "home", *options)
    try:
        yield Lambdas(life)
    finally:
        life.end(clean=True)
