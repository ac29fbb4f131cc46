"""Points this process at a labcloud: for tests and programs that call AWS themselves."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labcloud.client import launch
from labcloud.client.environment import PLUGINS, pointed_at


@dataclass(frozen=True)
class LocalAWS:
    """A running labcloud, and what a program needs to know of it."""

    url: str
    region: str
    environment: dict[str, str]
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


@contextlib.contextmanager
def local_aws() -> Iterator[LocalAWS]:
    """A server with an empty account, and this process pointed at it: as a block or a decorator.

        with local_aws():
            boto3.client("sagemaker").list_models()

    Clients that were made before still call AWS, as with every change of the environment.
    """
    with server() as aws, entered(aws.environment):
        yield aws
