"""The queues that a URL is one of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.sqs.models import sqs_backends

from labcloud.aws.queues import NoQueue, Queues

ACCOUNT, REGION = "123456789012", "eu-west-1"


@pytest.fixture
def queues() -> Iterator[Queues]:
    backend = sqs_backends[ACCOUNT][REGION]
    backend.create_queue("own-url")
    yield Queues(ACCOUNT, REGION)
    backend.delete_queue("own-url")


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:4566", "https://labcloud.example", "https://sqs.eu-west-1.amazonaws.com",
        "https://eu-west-1.queue.amazonaws.com",
        "https://vpce-1-2.sqs.eu-west-1.vpce.amazonaws.com",
    ],
)  # fmt: skip
def test_a_queue_of_this_account_and_region(queues: Queues, host: str) -> None:
    queues.send(f"{host}/{ACCOUNT}/own-url", "{}")


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:4566/{ACCOUNT}/other",
        "http://127.0.0.1:4566/210987654321/own-url",
        f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/own-url",
        f"https://queue.amazonaws.com/{ACCOUNT}/own-url",
        f"http://127.0.0.1:4566/{ACCOUNT}/x/own-url",
        "http://[/own-url",
        "own-url",
        "",
    ],
)
def test_a_queue_of_another_one_does_not_exist(queues: Queues, url: str) -> None:
    with pytest.raises(NoQueue) as refused:
        queues.send(url, "{}")
    assert str(refused.value) == "The specified queue does not exist."
