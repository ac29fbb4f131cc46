"""The queues of Amazon SQS for those who send from within: no HTTP in between.

SQS itself is moto's, mounted in this process.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from moto.core.exceptions import ServiceException
from moto.sqs.models import sqs_backends

_AWS = re.compile(r"\.amazonaws\.com(\.cn)?$")


class NoQueue(Exception):
    """A message cannot be sent to the queue; the message says why, in SQS's words."""


class Queues:
    """The queues of one account in one region. Its calls block."""

    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._backend: Any = sqs_backends[account][region]

    def send(self, url: str, body: str) -> None:
        """Puts a message into a queue. Raises NoQueue."""
        name = self._name(url)
        if name not in self._backend.queues:
            raise NoQueue("The specified queue does not exist.")
        try:
            self._backend.send_message(name, body)
        except ServiceException as error:
            raise NoQueue(error.message) from error

    def _name(self, url: str) -> str | None:
        """The name of a queue of this account and region; None for a URL of another one.

        A host that is not AWS's is an address of this server, whatever its user calls it.
        """
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return None
        if _AWS.search(host) and self._region not in _regions(host):
            return None
        owner, _, name = parts.path.removeprefix("/").partition("/")
        return name if owner == self._account else None


def _regions(host: str) -> list[str]:
    """What may be the region in a host of SQS: `sqs.REGION.…`, `REGION.queue.…`, `queue.…`."""
    return ["us-east-1"] if host == "queue.amazonaws.com" else host.split(".")
