"""A pytest plugin: one labcloud for a whole test session, for notebooks and tests alike.

Loaded with `-p labcloud.testing`. The server starts when the first test asks for it (or when
there are notebooks to test), on a free port and a state directory that is gone afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from labcloud.client import launch
from labcloud.client.environment import pointed_at

_stack = pytest.StashKey[ExitStack]()
_environment = pytest.StashKey[dict[str, str]]()


def _cloud(config: pytest.Config) -> dict[str, str]:
    """The environment of a program that is pointed at this session's labcloud."""
    if _environment not in config.stash:
        config.stash[_stack] = ExitStack()
        home, running = config.stash[_stack].enter_context(launch.temporary())
        config.stash[_environment] = pointed_at(home, running, os.environ)
    return config.stash[_environment]


@pytest.fixture(scope="session")
def cloud_environment(pytestconfig: pytest.Config) -> dict[str, str]:
    """The environment of a program that is pointed at this session's labcloud."""
    return _cloud(pytestconfig)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A notebook's kernel takes this process's environment: it points at the labcloud."""
    if item.path.suffix != ".ipynb":
        return (yield)
    before = dict(os.environ)
    # The daemon is one for all tests of this machine: who wants images in it says LABCLOUD_ENGINE.
    environment = {"LABCLOUD_ENGINE": "process"} | _cloud(item.config)
    os.environ.clear()
    os.environ.update(environment)
    try:
        return (yield)
    finally:
        os.environ.clear()
        os.environ.update(before)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _stack in config.stash:
        config.stash[_stack].close()
