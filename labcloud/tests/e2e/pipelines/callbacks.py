"""Callback steps, and the queues that they ask."""

from __future__ import annotations

import json
from typing import Any

from labcloud_support.life import eventually

from .definitions import step


def callback(name: str, queue: Any, *outputs: str, **members: Any) -> dict[str, Any]:
    listed = [{"OutputName": each, "OutputType": "String"} for each in outputs]
    return step(
        name, "Callback", {"who": name}, SqsQueueUrl=queue, OutputParameters=listed, **members
    )


class Queue:
    """A queue of SQS, and what Callback steps have sent to it."""

    def __init__(self, sqs: Any, name: str) -> None:
        self._sqs = sqs
        self.url: str = sqs.create_queue(QueueName=name)["QueueUrl"]

    def receive(self) -> dict[str, Any]:
        """The next message, which is there no more then."""

        def look() -> Any:
            found = self._sqs.receive_message(QueueUrl=self.url).get("Messages")
            if found:
                receipt = found[0]["ReceiptHandle"]
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=receipt)
            return found

        (message,) = eventually(look, "a message has come")
        body: dict[str, Any] = json.loads(message["Body"])
        return body
