"""A pytest plugin, which pytest finds by itself where labcloud is installed.

- `labcloud`: this process is pointed at a server that all tests of the session share.
- `session_labcloud`: the same from then on until the session ends, for fixtures of modules.
- `fresh_labcloud`: this process is pointed at a server of this test's own, with an empty account.
- `cloud_environment`: the environment of a program that is pointed at the shared server.

A server starts when the first test asks for it. It listens on a free port, and its state directory
is deleted when it stops.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from labcloud.client.environment import Environment
from labcloud.client.local import LocalAWS, entered, local_aws, server


def pytest_assertrepr_compare(left: object, right: object) -> list[str] | None:
    """An environment holds keys: what pytest says of a comparison with it does not list them."""
    if isinstance(left, Environment) or isinstance(right, Environment):
        return [f"{left!r} and {right!r} are not as compared"]
    return None


_stack = pytest.StashKey[ExitStack]()
_shared = pytest.StashKey[LocalAWS]()


def shared_server(config: pytest.Config) -> LocalAWS:
    """The server of this test session; started by the first call."""
    if _shared not in config.stash:
        config.stash[_stack] = ExitStack()
        config.stash[_shared] = config.stash[_stack].enter_context(server())
    return config.stash[_shared]


@pytest.fixture
def labcloud(pytestconfig: pytest.Config) -> Iterator[LocalAWS]:
    """Amazon SageMaker, for real, on this machine: AWS SDKs call it while the test runs.

    All tests of the session share the server: what one test has made, the next one sees. It takes
    no time to speak of; `fresh_labcloud` starts a server, which takes a second or two.
    """
    aws = shared_server(pytestconfig)
    with entered(aws.environment):
        yield aws


@pytest.fixture(scope="session")
def session_labcloud(pytestconfig: pytest.Config) -> Iterator[LocalAWS]:
    """Like `labcloud`, until the end of the session: for fixtures of a class, module or session.

    Every test that runs after it has been asked for is pointed at the shared server, too.
    """
    aws = shared_server(pytestconfig)
    with entered(aws.environment):
        yield aws


@pytest.fixture
def fresh_labcloud() -> Iterator[LocalAWS]:
    """Like `labcloud`, with a server and an empty account of this test's own."""
    with local_aws() as aws:
        yield aws


@pytest.fixture(scope="session")
def cloud_environment(pytestconfig: pytest.Config) -> Environment:
    """The environment of a program that is pointed at the server that all tests share."""
    return shared_server(pytestconfig).environment


def pytest_unconfigure(config: pytest.Config) -> None:
    if _stack in config.stash:
        config.stash[_stack].close()
