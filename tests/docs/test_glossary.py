"""The glossary: every word can be linked to and found, and AWS's links have their form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

LABS = Path(__file__).parents[2] / "labs"
GLOSSARY = LABS / "glossary.md"
_ENTRY = re.compile(
    r'<a id="(?P<anchor>[^"]+)"></a>\*\*(?P<word>[^*]+)\*\*: (?P<text>.+?)'
    r" · \[lab (?P<lab>\d\d)\]\((?P<folder>[\w-]+)/\)(?: · \[AWS\]\((?P<aws>[^)]+)\))?"
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


@dataclass(frozen=True)
class Entry:
    anchor: str
    word: str
    text: str
    lab: str
    folder: str
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


def test_the_lab_of_a_word_is_there(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.folder.startswith(f"{entry.lab}-")
        assert (LABS / entry.folder).is_dir(), entry.word


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
