"""The glossary: every word can be linked to and found, and AWS's links have their form."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

LABS = Path(__file__).parents[2] / "labs"
GLOSSARY = LABS / "glossary.md"
_ENTRY = re.compile(
    r'<a id="(?P<anchor>[^"]+)"></a>\*\*(?P<word>[^*]+)\*\*: (?P<text>.+?)'
    r" · \[lab (?P<lab>\d\d[a-c]?)\]\((?P<notebook>[\w/-]+\.ipynb)\)"
    r"(?: · \[AWS\]\((?P<aws>[^)]+)\))?"
)
# The guides of AWS, and the documentation of its SDK for Python. No test asks the network.
_AWS = re.compile(
    r"https://docs\.aws\.amazon\.com/[\w-]+/latest/[\w/-]+\.html"
    r"|https://boto3\.amazonaws\.com/v1/documentation/api/latest/[\w/-]+\.html"
)
# Each stands in a notebook, and not everybody knows it.
WORDS = {
    "arn", "artifact", "batch-transform", "bucket", "channel", "cloudwatch", "container", "ecr",
    "early-stopping", "endpoint", "endpoint-configuration", "entrypoint", "hyperparameter", "image",
    "key", "lambda", "layer", "log-loss", "log-stream", "model", "object", "objective",
    "overfitting", "passrole", "policy", "port", "prefix", "quota", "region", "rmse", "role", "sdk",
    "serverless", "tag", "thread", "unix-socket", "variant", "waiter", "warm-start", "worker",
    "wsgi",
}  # fmt: skip
# How they are written in a notebook's sentences. Of these, a reader may not know one.
SAID = {
    "api-gateway": "API Gateway", "artifact": "artifact", "bag-of-words": "bag of words",
    "batch-transform": "transform job|batch transform",
    "bayesian-search": "(?-i:Bayesian)", "blue-green-deployment": "blue/green",
    "bootstrap": "bootstrap", "bucket": "bucket", "built-in-algorithm": "built-in algorithm",
    "canary": "canary", "channel": "channel", "cloudwatch": "CloudWatch", "container": "container",
    "cold-start": "cold start", "content-type": "content type", "cors": "(?-i:CORS)",
    "deserializer": "deserializer", "dockerfile": "Dockerfile",
    "drift": "drift", "early-stopping": "early stopping", "ecr": "ECR", "endpoint": "endpoint",
    "endpoint-configuration": "endpoint configuration", "health-check": "health check",
    "hyperparameter": "hyperparameter", "iam": "IAM", "image": "image", "labcloud": "labcloud",
    "lambda": "(?-i:Lambda)", "objective": "objective", "overfitting": "overfitting",
    "policy": r"policy(?!\.json)|policies", "permissions-boundary": "permissions boundary",
    "prefix": "prefix",
    "processing-job": "processing job", "quota": "quota",
    "region": "region", "rmse": "RMSE", "role": "role", "rollback": "rollback", "s3": "S3",
    "script-mode": "script mode", "sdk": "SDK", "seed": "seed", "serializer": "serializer",
    "studio": "(?-i:Studio)", "training-job": "training job", "tuning-job": "tuning job",
    "variant": "variant", "vpc": "VPC",
    "waiter": "waiter", "warm-start": "warm start", "wsgi": "WSGI", "xgboost": "XGBoost",
}  # fmt: skip
# What is no sentence: headings, code, pictures, menus (*A → B*), where links lead, the links to
# other labs, and the goals, which say what will be explained.
_NO_SENTENCE = re.compile(
    r"^## What you will learn\n.*?(?=^## )|^#+ .*?$|^\[All labs\].*?$|^```.*?^```|`[^`\n]+`"
    r"|!\[[^]]*\]\([^)]*\)|(?<=\])\([^)]*\)|\*[^*\n]+→[^*\n]+\*",
    re.M | re.S,
)
# A link to the glossary, and what a sentence puts into relief because it explains it.
_EXPLAINED = r"\[[^]]*\]\((?:\.\./)?glossary\.md#{anchor}\)|\*\*[^*]+\*\*|(?<!\*)\*[^*\n]+\*"


@dataclass(frozen=True)
class Entry:
    anchor: str
    word: str
    text: str
    lab: str
    notebook: str
    aws: str | None


@pytest.fixture
def entries() -> list[Entry]:
    paragraphs = GLOSSARY.read_text().strip().split("\n\n")[2:]
    matched = [(text, _ENTRY.fullmatch(text)) for text in paragraphs]
    assert [text for text, match in matched if match is None] == []
    return [Entry(**match.groupdict()) for _, match in matched if match]


def test_words_are_in_alphabetical_order(entries: list[Entry]) -> None:
    words = [entry.word.lower() for entry in entries]
    assert words == sorted(words)
    assert {entry.anchor for entry in entries} >= WORDS


def test_an_anchor_follows_from_its_word_and_stands_once(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.anchor == re.sub(r"[^a-z0-9]+", "-", entry.word.lower()).strip("-")
    anchors = [entry.anchor for entry in entries]
    assert len(set(anchors)) == len(anchors)


def test_an_explanation_is_one_or_two_sentences_or_three(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.text.endswith("."), entry.word
        assert 1 <= len(re.findall(r"\.(?: |$)", entry.text)) <= 3, entry.word
        assert len(entry.text.split()) <= 40, entry.word


def first_notebook(anchor: str, word: str, lab: Path) -> Path | None:
    """The first of a lab that links or explains a word or, if none does, that says it."""
    said = rf"(?<![\w./-])(?:{SAID.get(anchor, re.escape(word))})s?(?![\w-])"
    explained = rf"glossary\.md#{anchor}\)|\*[^*\n]*{said}[^*\n]*\*"
    code = r"`[^`\n]+`"
    # Some words stand in code alone.
    for pattern, left_out in ((explained, code), (said, code), (re.escape(word), "\0")):
        for path in sorted(lab.glob("*.ipynb")):
            if re.search(pattern, re.sub(left_out, "", _text(path)), re.I):
                return path
    return None


@functools.cache
def _text(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_a_word_leads_to_the_notebook_in_which_it_first_stands(entries: list[Entry]) -> None:
    for entry in entries:
        path = LABS / entry.notebook
        assert path.is_file() and path.stem.partition("-")[0] == entry.lab, entry.word
        # Some are said in other words.
        assert first_notebook(entry.anchor, entry.word, path.parent) in (path, None), entry.word


def test_links_to_aws_have_their_form(entries: list[Entry]) -> None:
    linked = [entry for entry in entries if entry.aws]
    assert len(linked) > 40
    for entry in linked:
        assert _AWS.fullmatch(entry.aws or ""), entry.word


def test_links_to_the_glossary_find_their_word(entries: list[Entry]) -> None:
    """In the notebooks and in every document."""
    anchors = {entry.anchor for entry in entries}
    root = LABS.parent
    sources = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("labs/**/*.md")]
    sources += root.glob("labs/*/*.ipynb")
    for source in sources:
        for anchor in re.findall(r"glossary\.md#([\w-]+)", source.read_text()):
            assert anchor in anchors, f"{source.name}: {anchor}"


def first_uses(text: str) -> dict[str, tuple[int, int]]:
    """Where each of SAID stands first in the sentences of a notebook."""
    sentences = _NO_SENTENCE.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), text)
    found = {
        anchor: re.search(rf"(?<![\w./-])(?:{said})s?(?![\w-])", sentences, re.I)
        for anchor, said in SAID.items()
    }
    return {anchor: match.span() for anchor, match in found.items() if match}


def is_explained(text: str, anchor: str, span: tuple[int, int]) -> bool:
    found = re.finditer(_EXPLAINED.format(anchor=anchor), text)
    return any(match.start() <= span[0] and span[1] <= match.end() for match in found)


@pytest.mark.parametrize(
    "path", sorted(LABS.glob("*/*.ipynb")), ids=lambda path: path.stem.partition("-")[0]
)
def test_a_word_is_linked_or_explained_where_a_notebook_first_says_it(path: Path) -> None:
    text = _text(path)
    uses = first_uses(text)
    assert len(uses) > 10
    bare = [
        f"{anchor}: …{text[max(0, span[0] - 40) : span[1] + 20]!r}"
        for anchor, span in uses.items()
        if not is_explained(text, anchor, span)
    ]
    assert bare == []


def test_what_is_said_in_a_notebook_is_in_the_glossary(entries: list[Entry]) -> None:
    assert set(SAID) <= {entry.anchor for entry in entries}


def test_a_word_that_is_not_explained_is_found() -> None:
    text = "## What you will learn\n\n1. S3\n\n## Step 1 · S3\n\n`s3` holds {}, in S3's buckets."
    for written, explained in (
        ("S3", False), ("[S3](../glossary.md#s3)", True), ("**S3**", True), ("*S3*", True),
        ("[S3](../glossary.md#bucket)", False), ("[S3](https://aws.amazon.com/s3/)", False),
        ("*S3 → Buckets*", False),
    ):  # fmt: skip
        said = text.format(written)
        assert is_explained(said, "s3", first_uses(said)["s3"]) == explained, written
