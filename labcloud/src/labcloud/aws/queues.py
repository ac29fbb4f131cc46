"""The queues of Amazon SQS for those who send from within: no HTTP in between.

SQS itself is moto's, mounted in this process.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from moto.core.exceptions import ServiceException
from moto.sqs.models import sqs_backends


class NoQueue(Exception):
    """A message cannot be sent to the queue; the message says why, in SQS's words."""


class Queues:
    """The queues of one account in one region. Its calls block."""

    def __init__(self, account: str, region: str) -> None:
        self._backend: Any = sqs_backends[account][region]

    def send(self, url: str, body: str) -> None:
        """Puts a message into a queue. Raises NoQueue."""
        name = urlsplit(url).path.rpartition("/")[2]
        if name not in self._backend.queues:
            raise NoQueue("The specified queue does not exist.")
        try:
            self._backend.send_message(name, body)
        except ServiceException as error:
            raise NoQueue(error.message) from error
