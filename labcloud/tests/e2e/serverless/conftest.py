"""One labcloud for the functions of all tests in this folder, and HTTP APIs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labcloud_support.lambdas import Lambdas
from labcloud_support.life import Life


@pytest.fixture(scope="package")
def lambdas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lambdas]:
    # A first try that fails is followed by the others at once, and an idle process is not ended
    # while a test looks at it.
    retries = ("function_retry=0.05", "function_second_retry=0.05", "function_throttled=0.1")
    others = ("function_room=5", "function_init=60")
    options = [word for each in (*retries, *others) for word in ("--timing", each)]
    life = Life(tmp_path_factory.mktemp("lambda") / "home", *options)
    try:
        yield Lambdas(life)
    finally:
        life.end(clean=True)


@pytest.fixture
def api(client: Callable[[str], Any]) -> Iterator[Callable[..., dict[str, Any]]]:
    """Makes HTTP APIs, which are gone after the test."""
    apis = client("apigatewayv2")
    with contextlib.ExitStack() as made:

        def make(**more: Any) -> dict[str, Any]:
            found: dict[str, Any] = apis.create_api(Name="api", ProtocolType="HTTP", **more)
            made.callback(_delete, apis, found["ApiId"])
            return found

        yield make


def _delete(apis: Any, api: str) -> None:
    with contextlib.suppress(apis.exceptions.NotFoundException):
        apis.delete_api(ApiId=api)
