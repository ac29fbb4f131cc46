"""What `@local_aws()` makes of a function or a class: its work is done within a block.

The work of an async function or a generator begins after its call. What this module does not
understand is refused: without the block, its clients would call the real AWS.
"""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, aclosing
from typing import Any

Block = Callable[[], AbstractContextManager[object]]

BARE = "Write @local_aws(), with parentheses."
# They are called outside of the block of a test, and a client that they make would call AWS.
_PREPARES = (
    "setup_method", "setup_class", "teardown_method", "teardown_class", "setUpClass",
    "tearDownClass",
)  # fmt: skip


def decorated(block: Block, what: Any) -> Any:
    """`what`, each call of it in a block of its own. Raises TypeError where that cannot be."""
    if inspect.isclass(what):
        return _class(block, what)
    if isinstance(what, (staticmethod, classmethod)):
        return type(what)(decorated(block, what.__func__))
    if not callable(what):
        raise TypeError(f"@local_aws() cannot decorate {what!r}: it is no function and no class.")
    return _function(block, what)


def _function(block: Block, function: Callable[..., Any]) -> Callable[..., Any]:
    work = _work(function)
    if inspect.isasyncgenfunction(work):
        return _async_generator(block, function)
    if inspect.iscoroutinefunction(work):

        @functools.wraps(function)
        async def coroutine(*args: Any, **named: Any) -> Any:
            with block():
                return await function(*args, **named)

        return coroutine
    if inspect.isgeneratorfunction(work):

        @functools.wraps(function)
        def generator(*args: Any, **named: Any) -> Generator[Any, Any, Any]:
            with block():
                return (yield from function(*args, **named))

        return generator

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        with block():
            answer = function(*args, **named)
            if inspect.iscoroutine(answer) or inspect.isgenerator(answer):
                answer.close()
                raise TypeError(
                    f"@local_aws() cannot see that {_name(function)} is async, or a generator. Put "
                    "it on the function itself, below other decorators."
                )
            return answer

    return call


def _async_generator(block: Block, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def generator(*args: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        with block():
            async with aclosing(function(*args, **named)) as items:
                step = items.__anext__()
                while True:
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    # As `yield from` does it, which async generators do not have.
                    try:
                        step = items.asend((yield item))
                    except Exception as error:
                        step = items.athrow(error)

    return generator


def _work(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function whose kind counts: that of a partial, or the __call__ of an object."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return function
    called: Callable[..., Any] = type(function).__call__
    return called


def _class(block: Block, found: type) -> type:
    """A test class: each test in a block of its own."""
    prepares = [name for name in _PREPARES if _own(found, name)]
    if prepares:
        raise _refusal(found, f"it has {prepares[0]}, which is called outside of the tests")
    if issubclass(found, unittest.TestCase):
        # It calls setUp and tearDown, too.
        run = found.run

        @functools.wraps(run)
        def in_block(self: unittest.TestCase, *args: Any, **named: Any) -> Any:
            with block():
                return run(self, *args, **named)

        found.run = in_block  # type: ignore[method-assign]
        return found
    tests = {
        name: inspect.getattr_static(found, name) for name in dir(found) if name.startswith("test")
    }
    if not tests:
        raise _refusal(found, "it has no method whose name begins with test")
    for name, method in tests.items():
        if inspect.isroutine(method) or isinstance(method, (staticmethod, classmethod)):
            setattr(found, name, decorated(block, method))
    return found


def _own(found: type, name: str) -> bool:
    """Whether a class has a method of this name that does something."""
    method = getattr(found, name, None)
    default = getattr(unittest.TestCase, name, None)
    same = getattr(method, "__func__", method) is getattr(default, "__func__", default)
    return method is not None and not same


def _refusal(found: type, why: str) -> TypeError:
    return TypeError(
        f"@local_aws() cannot decorate the class {found.__name__}: {why}. Decorate its methods, "
        "or write `with local_aws():`. With pytest, take the fixture fresh_labcloud."
    )


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", repr(function))
