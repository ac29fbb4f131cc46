"""The exercises of lab 07b, with their checks, hints and solutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_number, need

# Exercise 5: the two pages.
PAGES = ("https://films.example", "https://test.films.example")
# Exercise 6: requests in 30 days, and what each costs (dollars), as in step 10.
REQUESTS = 30 * 24 * 3600 * 20
API, CALL, SECONDS = 1.00 / 1e6, 0.20 / 1e6, 0.1 * 256 / 1024 * 0.0000166667


def statement(answer: Any, *, lab: Any) -> str:
    """A statement that lets a role read one object of S3."""
    given = _fields(answer, ("Effect", "Action", "Resource"), "a statement")
    if given["Effect"] != "Allow":
        raise NotYet("Effect is Allow: what is not allowed is forbidden anyway.")
    (action,) = _one(given["Action"], "Action")
    if "*" in action:
        raise NotYet(f"a * in an action allows more than reading: {action!r}.")
    if action.lower() != "s3:getobject":
        raise NotYet(f"{action!r} does not read an object.")
    (resource,) = _one(given["Resource"], "Resource")
    if resource.startswith("s3://"):
        raise NotYet("a resource is an ARN: arn:aws:s3::: stands in the place of s3://.")
    if not resource.startswith("arn:aws:s3:::"):
        raise NotYet("a resource is an ARN, which begins with arn:aws:s3::: here.")
    if "*" in resource:
        raise NotYet("a * in the resource is more than one file.")
    if resource != "arn:aws:s3:::" + lab.uri("prices.json").removeprefix("s3://"):
        raise NotYet("that is another file: look at lab.uri.")
    return "one action on one object. If the function has an error, that is all it can do."


def cors(answer: Any) -> str:
    """A CorsConfiguration for two pages."""
    names = ("AllowOrigins", "AllowMethods", "AllowHeaders", "MaxAge")
    given = _fields(answer, names, "this configuration")
    origins = _several(given["AllowOrigins"], "AllowOrigins")
    if "*" in origins:
        raise NotYet("with * in AllowOrigins, every page in the world may read the answers.")
    if any(origin.endswith("/") for origin in origins):
        raise NotYet("an origin has no / at its end: it is scheme and host, and no path.")
    if sorted(origins) != sorted(PAGES):
        raise NotYet(f"AllowOrigins should hold {' and '.join(PAGES)}.")
    if _several(given["AllowMethods"], "AllowMethods") != ["POST"]:
        raise NotYet("AllowMethods holds POST alone. The API answers OPTIONS by itself.")
    if [name.lower() for name in _several(given["AllowHeaders"], "AllowHeaders")] != [
        "content-type"
    ]:
        raise NotYet("AllowHeaders holds content-type alone.")
    if as_number(given["MaxAge"], "MaxAge is a number of seconds", whole=True) != 3600:
        raise NotYet("MaxAge is how long a browser may remember the answer, in seconds.")
    return (
        "browsers keep to it. A program need not: CORS protects your visitors, and no API from "
        "strangers."
    )


def bill(answer: Any) -> str:
    """What API and function cost in a month of attacks, in dollars."""
    dollars = as_number(answer, "dollars are a number")
    right = REQUESTS * (API + CALL + SECONDS)
    if abs(dollars - right) <= 0.6:
        return (
            "as much as one endpoint, and no more: without the limit it would be as much as "
            "somebody wants. A budget that sends you an e-mail belongs beside it."
        )
    for part, said in (
        (API, "that is the API alone."),
        (API + CALL, "that leaves out the function's seconds."),
        (CALL + SECONDS, "that leaves out the API."),
        (API + SECONDS, "that leaves out the 0.20 dollars for a million calls."),
        ((API + CALL + SECONDS) / 30, "that is for one day."),
        ((API + CALL + SECONDS) / 20, "that is for one request a second."),
    ):
        if abs(dollars - REQUESTS * part) <= max(0.6, REQUESTS * part / 1000):
            raise NotYet(said)
    raise NotYet("20 requests a second for 30 days, each with the three prices of step 10.")


def _fields(answer: Any, names: tuple[str, ...], what: str) -> Mapping[str, Any]:
    need(answer, Mapping, "the answer is a dict")
    if more := [name for name in answer if name not in names and name != "Sid"]:
        raise NotYet(f"{more[0]} is not needed here.")
    if missing := [name for name in names if name not in answer]:
        raise NotYet(f"{what} has {', '.join(missing)}, too.")
    found: Mapping[str, Any] = answer
    return found


def _several(value: Any, name: str) -> list[str]:
    """A text, or a list of texts."""
    if isinstance(value, str):
        raise NotYet(f"{name} is a list: put it in square brackets.")
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise NotYet(f"{name} is a list of texts.")
    return list(value)


def _one(value: Any, name: str) -> list[str]:
    """The text, as a list of one. IAM takes a list, too."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(each, str) for each in found):
        raise NotYet(f"{name} is text.")
    if len(found) != 1:
        raise NotYet(f"{name} should name one thing, and this names {len(found)}.")
    return list(found)


EXERCISES = (
    Exercise(
        check=statement,
        hints=(
            "Reading an object of S3 is the action s3:GetObject.",
            'lab.uri("prices.json") begins with s3://. An ARN has arn:aws:s3::: in that place.',
        ),
        solution="""\
answer_4 = {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::" + lab.uri("prices.json").removeprefix("s3://"),
}""",
        wrong=(
            'answer_4 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}',
            'answer_4 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}',
            'answer_4 = {"Effect": "Allow", "Action": "s3:GetObject", '
            '"Resource": lab.uri("prices.json")}',
            'answer_4 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": '
            '"arn:aws:s3:::" + lab.uri("*").removeprefix("s3://")}',
            'answer_4 = {"Effect": "Allow", "Action": "s3:GetObject"}',
            'answer_4 = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}',
            'answer_4 = "s3:GetObject"',
        ),
    ),
    Exercise(
        check=cors,
        hints=(
            "Step 6 has AllowOrigins, AllowMethods and AllowHeaders. How long a browser may "
            "remember the answer is MaxAge, in seconds.",
            "An origin is scheme and host: https://films.example, without a / at its end.",
        ),
        solution="""\
answer_5 = {
    "AllowOrigins": ["https://films.example", "https://test.films.example"],
    "AllowMethods": ["POST"],
    "AllowHeaders": ["content-type"],
    "MaxAge": 3600,
}""",
        wrong=(
            'answer_5 = {"AllowOrigins": ["*"], "AllowMethods": ["POST"], '
            '"AllowHeaders": ["content-type"], "MaxAge": 3600}',
            'answer_5 = {"AllowOrigins": ["https://films.example/", "https://test.films.example/"],'
            ' "AllowMethods": ["POST"], "AllowHeaders": ["content-type"], "MaxAge": 3600}',
            'answer_5 = {"AllowOrigins": ["https://films.example", "https://test.films.example"],'
            ' "AllowMethods": ["*"], "AllowHeaders": ["content-type"], "MaxAge": 3600}',
            'answer_5 = {"AllowOrigins": ["https://films.example", "https://test.films.example"],'
            ' "AllowMethods": ["POST"], "AllowHeaders": ["content-type"], "MaxAge": 1}',
            'answer_5 = {"AllowOrigins": ["https://films.example"], "AllowMethods": ["POST"]}',
            'answer_5 = ["https://films.example", "https://test.films.example"]',
        ),
    ),
    Exercise(
        check=bill,
        hints=(
            "30 days are 30 * 24 * 3600 seconds, with 20 requests in each.",
            "A request costs 1.00 / 1e6 for the API, 0.20 / 1e6 for the call, and "
            "0.1 * 0.25 * 0.0000166667 for the seconds of a quarter of a gigabyte.",
        ),
        solution="""\
attack = 30 * 24 * 3600 * 20
answer_6 = attack * (1.00 / 1e6 + 0.20 / 1e6 + 0.1 * 0.25 * 0.0000166667)""",
        wrong=(
            "answer_6 = 30 * 24 * 3600 * 20 * 1.00 / 1e6",
            "answer_6 = 30 * 24 * 3600 * 20 * 1.20 / 1e6",
            "answer_6 = 24 * 3600 * 20 * (1.20 / 1e6 + 0.1 * 0.25 * 0.0000166667)",
            "answer_6 = 10_000 * 1.20 / 1e6",
            'answer_6 = "a lot"',
        ),
    ),
)
