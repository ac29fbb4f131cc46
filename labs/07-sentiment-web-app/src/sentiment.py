"""The function behind the web page: takes a review, asks the endpoint, answers in JSON.

AWS Lambda calls `handler` for each request to the API. ENDPOINT names the SageMaker endpoint, and
vocabulary.json, beside this file, has the words that its model was trained with.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import boto3
from bag_of_words import bag, libsvm
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# Characters. A person types less, and somebody else need not cost us much.
LONGEST = 5000
# What is out here runs once for each new process, and not for each review.
VOCABULARY: dict[str, int] = json.loads(Path(__file__).with_name("vocabulary.json").read_text())
# The browser waits for us, so we do not wait long, and try a second time at most.
RUNTIME = boto3.client(
    "sagemaker-runtime",
    config=Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2}),
)


class Refused(Exception):
    """A request that gets no prediction: the status, and a sentence for the page."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers a request of an HTTP API (payload format 2.0)."""
    try:
        status, answer = 200, predict(review_of(event))
    except Refused as refused:
        status, answer = refused.status, {"error": refused.sentence}
    # What people write is theirs: the log has none of it.
    print(f"status {status}")
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(answer),
    }


def review_of(event: dict[str, Any]) -> str:
    """The text of the review. Raises Refused for anything else."""
    body = event.get("body") or ""
    try:
        # An API hands over as base64 what it does not take for text.
        text = base64.b64decode(body) if event.get("isBase64Encoded") else body
        review = json.loads(text)["review"]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, 'Send JSON: {"review": "the text"}.') from None
    if not isinstance(review, str) or not review.strip():
        raise Refused(400, "Please write a review first.")
    if len(review) > LONGEST:
        raise Refused(413, f"Please write {LONGEST} characters at most.")
    return review


def predict(review: str) -> dict[str, Any]:
    """What the model says about a review: positive or not, and the probability of that."""
    row = bag(review, VOCABULARY)
    # Column 0 is in every row.
    known = len(row) - 1
    if not known:
        raise Refused(422, "I know none of these words. I have learned from English reviews.")
    try:
        answer = RUNTIME.invoke_endpoint(
            EndpointName=os.environ["ENDPOINT"],
            ContentType="text/libsvm",
            Accept="text/csv",
            Body=libsvm(row),
        )
        probability = float(answer["Body"].read())
    except (BotoCoreError, ClientError, ValueError) as error:
        # For us in the log, by AWS's name for it; the page need not know how this is built.
        aws = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
        print(f"ERROR the endpoint: {aws or type(error).__name__}")
        raise Refused(503, "The model does not answer now. Please try again later.") from None
    positive = probability > 0.5
    return {
        "positive": positive,
        "probability": round(probability if positive else 1 - probability, 3),
        "known": known,
    }
