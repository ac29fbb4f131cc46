"""The exercises of lab 03b, with their checks, hints and solutions."""

from __future__ import annotations

from typing import Any

from sklearn.tree import DecisionTreeClassifier

from labhelpers import Exercise, NotYet
from labhelpers.answers import agrees, as_number, need, need_value

# Exercise 5: what `serve` starts on a machine of so many processors.
PROCESSORS, THREADS = 4, 4
# Exercise 6: what it takes to pull from a repository.
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LOGIN = "ecr:GetAuthorizationToken"


def nonsense_on_test(answer: Any, *, parts: Any) -> str:
    """How often a tree that has learned shuffled species is right about flowers kept away."""
    given = as_number(answer, "a share is a number")
    shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
    train, test = (part.drop(columns="species") for part in (parts.train, parts.test))
    true = parts.test["species"]
    tree = DecisionTreeClassifier(random_state=0).fit(train, shuffled)
    honest = DecisionTreeClassifier(random_state=0).fit(train, parts.train["species"])
    expected = tree.score(test, true)
    known = (
        (
            tree.score(train, shuffled),
            "those are the flowers that it has learned. Ask for those of parts.test.",
        ),
        (
            honest.score(test, true),
            "that tree has learned the true species. Shuffle those of parts.train first.",
        ),
        (1 - expected, "that is the share that it gets wrong."),
        (expected * len(test), "that is how many flowers; divide by how many there are."),
    )
    other = (
        "fit on the measures of parts.train and their species, shuffled with random_state=1; "
        "score on the measures of parts.test and their true species."
    )
    if given > 1 and agrees(given / 100, expected, 2):
        raise NotYet("that is per cent, and a share lies between 0 and 1.")
    need_value(given, expected, 2, known, other)
    return (
        f"{expected:.0%}, where guessing among three species has 33%. The same nonsense was right "
        "about 29 of 29 flowers in step 3: only flowers kept away can tell the difference."
    )


def requests_at_a_time(answer: Any) -> str:
    """How many requests the threads of all workers can work on."""
    given = as_number(answer, "a number of requests is a whole number", whole=True)
    known = (
        (PROCESSORS, "that is the number of workers. Each of them has several threads."),
        (PROCESSORS + THREADS, "there are four workers, and each has threads of its own."),
    )
    other = "it is the number of workers times the number of threads in each of them."
    need_value(given, PROCESSORS * THREADS, 0, known, other)
    return (
        f"{PROCESSORS} workers of {THREADS} threads. With nginx in front, more clients may be "
        "connected: those that are still sending wait in nginx, and hold no thread."
    )


def may_pull(answer: Any, *, arn: str) -> str:
    """A statement that allows to pull from one repository, and nothing else."""
    need(answer, dict, "a statement is a dict")
    if missing := [key for key in ("Effect", "Action", "Resource") if key not in answer]:
        raise NotYet(f"the statement has no {missing[0]}.")
    if more := set(answer) - {"Sid", "Effect", "Action", "Resource"}:
        raise NotYet(f"the statement needs no {', '.join(sorted(map(str, more)))}.")
    if answer["Effect"] != "Allow":
        raise NotYet("the Effect of a statement that permits something is Allow.")
    _need_actions(_texts(answer["Action"], "Action"))
    if _texts(answer["Resource"], "Resource") != [arn]:
        raise NotYet(
            "the Resource is your repository and no other: its ARN as step 6 shows it, without a "
            "tag and without a *. The address of the image is no ARN."
        )
    return (
        "the job pulls your image, and can neither push nor delete one, here or elsewhere. That "
        "is least privilege: what is not written cannot be misused."
    )


def _texts(value: Any, key: str) -> list[str]:
    """The texts of an Action or a Resource: IAM takes one, or a list of them."""
    found = [value] if isinstance(value, str) else value
    need(found, (list, tuple), f"{key} is one text or a list of texts")
    for text in found:
        need(text, str, f"{key} is one text or a list of texts")
    return list(found)


def _need_actions(actions: list[str]) -> None:
    # IAM does not regard their case.
    given = {action.lower() for action in actions}
    pull = {action.lower() for action in PULL}
    if LOGIN.lower() in given:
        raise NotYet(f"{LOGIN} is about no single repository, and the role has it already.")
    if more := [action for action in actions if action.lower() not in pull]:
        raise NotYet(f"{more[0]} allows more than to pull.")
    if less := pull - given:
        raise NotYet(f"step 6 names {len(pull)} actions that a pull takes, and {len(less)} of "
                     "them you do not have.")  # fmt: skip


EXERCISES = (
    Exercise(
        check=nonsense_on_test,
        hints=(
            "The cell with `nonsense` in step 3 is the pattern. Take parts.train where it takes "
            "flowers.",
            'tree.score(parts.test[measures], parts.test["species"]) is the share that is right.',
        ),
        solution="""\
shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], shuffled)
answer_4 = tree.score(parts.test[measures], parts.test["species"])""",
        wrong=(
            """\
shuffled = parts.train["species"].sample(frac=1, random_state=1).to_numpy()
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], shuffled)
answer_4 = tree.score(parts.train[measures], shuffled)""",
            """\
tree = DecisionTreeClassifier(random_state=0).fit(parts.train[measures], parts.train["species"])
answer_4 = tree.score(parts.test[measures], parts.test["species"])""",
            'answer_4 = tree.score(parts.test[measures], parts.test["species"])',
            "answer_4 = 1.0",
            'answer_4 = "a third"',
        ),
    ),
    Exercise(
        check=requests_at_a_time,
        hints=(
            "A worker is a process, and each worker has threads of its own.",
            "A thread works on one request. Multiply workers by threads.",
        ),
        solution="answer_5 = 4 * 4",
        wrong=(
            "answer_5 = 4",
            "answer_5 = 8",
            "answer_5 = 5",
            "answer_5 = 17",
            'answer_5 = "many"',
        ),
    ),
    Exercise(
        check=may_pull,
        hints=(
            "Step 6 names the three actions that a pull takes, beside the one for the login.",
            'The form is {"Effect": "Allow", "Action": [...], "Resource": arn}.',
        ),
        solution="""\
answer_6 = {
    "Effect": "Allow",
    "Action": [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ],
    "Resource": arn,
}""",
        wrong=(
            'answer_6 = {"Effect": "Allow", "Action": "ecr:*", "Resource": arn}',
            'answer_6 = {"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": arn}',
            """\
answer_6 = {
    "Effect": "Allow",
    "Action": [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ],
    "Resource": "*",
}""",
            """\
answer_6 = {
    "Effect": "Allow",
    "Action": [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:PutImage",
    ],
    "Resource": arn,
}""",
            'answer_6 = ["ecr:BatchGetImage"]',
            'answer_6 = {"Action": ["ecr:BatchGetImage"], "Resource": arn}',
        ),
    ),
)
