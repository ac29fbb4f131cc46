"""`@local_aws()`: whatever it decorates works with labcloud, or is refused; none calls AWS."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from labcloud import LocalAWS, local_aws
from labcloud.client import local
from labcloud.client.environment import Environment


def address() -> str:
    return os.environ.get("AWS_ENDPOINT_URL", "the real AWS")


@pytest.fixture(autouse=True)
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that only have an address, each its own: what is tested here is who gets which."""
    numbers = iter(range(1, 100))

    @contextlib.contextmanager
    def server() -> Iterator[LocalAWS]:
        url = f"server {next(numbers)}"
        yield LocalAWS(url, "us-east-1", Environment(os.environ, AWS_ENDPOINT_URL=url))

    monkeypatch.setattr(local, "server", server)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.fixture(autouse=True)
def nothing_stays(numbered: None) -> Iterator[None]:
    yield
    assert address() == "the real AWS"


def test_an_async_function() -> None:
    @local_aws()
    async def asked(word: str) -> tuple[str, str]:
        await asyncio.sleep(0)
        return word, address()

    assert asyncio.run(asked("x")) == ("x", "server 1")
    assert asyncio.run(functools.partial(local_aws()(asked), "y")()) == ("y", "server 3")


def test_a_generator() -> None:
    @local_aws()
    def items() -> Iterator[str]:
        got = yield address()
        yield f"{got}, {address()}"

    made: Any = items()
    assert [next(made), made.send("got")] == ["server 1", "got, server 1"]
    made.close()


def test_an_async_generator_is_closed_and_told_of_errors() -> None:
    said = list[str]()

    @local_aws()
    async def items() -> AsyncIterator[str]:
        try:
            yield address()
        except ValueError as error:
            said.append(f"{error}, {address()}")
            yield "went on"
        finally:
            said.append(f"end, {address()}")

    async def use() -> list[str]:
        made: Any = items()
        found = [await anext(made), await made.athrow(ValueError("no"))]
        await made.aclose()
        return found

    assert asyncio.run(use()) == ["server 1", "went on"]
    assert said == ["no, server 1", "end, server 1"]
    assert asyncio.run(all_of(items())) == ["server 2"]


async def all_of(items: AsyncIterator[str]) -> list[str]:
    return [item async for item in items]


def test_an_object_whose_call_is_async() -> None:
    class Asked:
        async def __call__(self) -> str:
            return address()

    assert asyncio.run(local_aws()(Asked())()) == "server 1"


def test_what_hides_that_it_is_async_is_refused() -> None:
    async def asked() -> str:
        return address()

    hidden = local_aws()(lambda: asked())
    with pytest.raises(TypeError, match=r"cannot see that .* is async"):
        hidden().close()


def test_each_test_of_a_class_has_its_own() -> None:
    @local_aws()
    class TestMine:
        def test_one(self) -> str:
            return address()

        async def test_two(self) -> str:
            return address()

        @staticmethod
        def test_three() -> str:
            return address()

        def helper(self) -> str:
            return address()

    mine = TestMine()
    assert mine.test_one() == "server 1"
    assert asyncio.run(mine.test_two()) == "server 2"
    assert [mine.test_three(), TestMine.test_three()] == ["server 3", "server 4"]
    assert mine.helper() == "the real AWS"


def test_a_test_case_has_one_for_each_test_with_its_set_up() -> None:
    found = list[tuple[str, str]]()

    @local_aws()
    class Mine(unittest.TestCase):
        def setUp(self) -> None:
            self.address = address()

        def test_one(self) -> None:
            found.append((self.address, address()))

        def test_two(self) -> None:
            found.append((self.address, address()))

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Mine).run(result)
    assert result.wasSuccessful()
    assert found == [("server 1", "server 1"), ("server 2", "server 2")]


class PreparesItself:
    def setup_method(self) -> None: ...

    def test_one(self) -> None: ...


class PreparesItsClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None: ...


class NoTests:
    def work(self) -> None: ...


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (PreparesItself, "it has setup_method"),
        (PreparesItsClass, "it has setUpClass"),
        (NoTests, "it has no method whose name begins with test"),
    ],
)
def test_a_class_that_would_call_aws_is_refused(found: type, why: str) -> None:
    with pytest.raises(TypeError, match=f"{found.__name__}: {why}.*Decorate its methods"):
        local_aws()(found)


def test_without_parentheses() -> None:
    with pytest.raises(TypeError, match=r"Write @local_aws\(\), with parentheses"):

        @local_aws
        def asked() -> None: ...


def test_what_is_no_function() -> None:
    with pytest.raises(TypeError, match="it is no function and no class"):
        local_aws()(5)
