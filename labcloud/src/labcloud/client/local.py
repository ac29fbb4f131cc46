"""Points this process at a labcloud: for tests and programs that call AWS themselves."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from labcloud.client import launch
from labcloud.client.decorated import BARE, decorated
from labcloud.client.environment import PLUGINS, Environment, pointed_at

Decorated = TypeVar("Decorated")


@dataclass(frozen=True)
class LocalAWS:
    """A running labcloud, and what a program needs to know of it."""

    url: str
    region: str
    environment: Environment = field(repr=False)
    """The whole environment of a program that is pointed at it, for `subprocess.run(env=...)`."""


@contextlib.contextmanager
def entered(environment: Mapping[str, str]) -> Iterator[None]:
    """This process, and every program that it starts meanwhile, has this environment instead.

    botocore's plugins are imported from `sys.path`, which has read PYTHONPATH once and for all.
    boto3's default session has read its credentials, so there is a new one.
    """
    before, path = dict(os.environ), list(sys.path)
    boto3: Any = sys.modules.get("boto3")
    session = boto3.DEFAULT_SESSION if boto3 else None
    os.environ.clear()
    os.environ.update(environment)
    if PLUGINS not in sys.path:
        sys.path.append(PLUGINS)
    if boto3:
        boto3.DEFAULT_SESSION = None
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.path[:] = path
        boto3 = sys.modules.get("boto3")
        if boto3:
            boto3.DEFAULT_SESSION = session


@contextlib.contextmanager
def server() -> Iterator[LocalAWS]:
    """A server of its own with an empty account; both are gone afterwards.

    Raises launch.StartFailed.
    """
    with launch.temporary() as (home, running):
        environment = pointed_at(home, running, os.environ)
        yield LocalAWS(running.url, running.region, environment)


class Block(contextlib.AbstractContextManager["LocalAWS"]):
    """What `local_aws()` returns: a block, or a decorator. Each use has a server of its own."""

    def __init__(self) -> None:
        self._open: list[contextlib.ExitStack] = []

    def __enter__(self) -> LocalAWS:
        with contextlib.ExitStack() as stack:
            aws = stack.enter_context(server())
            stack.enter_context(entered(aws.environment))
            self._open.append(stack.pop_all())
        return aws

    def __exit__(self, *error: Any) -> None:
        self._open.pop().__exit__(*error)

    def __call__(self, what: Decorated) -> Decorated:
        """`what`, each call of it (of a class: each test) in its own block. Raises TypeError."""
        found: Decorated = decorated(Block, what)
        return found


def local_aws(*misplaced: object) -> Block:
    """A server with an empty account, and this process pointed at it: as a block or a decorator.

        with local_aws():
            boto3.client("sagemaker").list_models()

        @local_aws()
        def test_there_are_no_models(): ...

    It decorates functions, async functions, generators, and test classes, where each test has a
    server of its own. Clients that were made before still call AWS, as with every change of the
    environment.
    """
    if misplaced:
        raise TypeError(BARE)
    return Block()
