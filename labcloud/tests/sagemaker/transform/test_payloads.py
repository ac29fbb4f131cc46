"""Objects cut into payloads: whatever the bytes and the limit, nothing is lost, added or moved."""

from __future__ import annotations

import gzip
import io
from itertools import pairwise, takewhile
from typing import BinaryIO, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labcloud.sagemaker.transform.payloads import TooLarge, assembled, blocks, lines, packed, whole

# Short lines, empty ones, and some that are longer than most limits.
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from([b"\n", b"a", b"bc\n", b"\r\n", b"d" * 9 + b"\n"])).map(b"".join),
)
LIMITS = st.integers(1, 40)
# With a line that some limit is too short for.
CONTENTS_TO_REFUSE = (
    st.tuples(CONTENTS, st.binary(min_size=2), CONTENTS)
    .map(b"".join)
    .filter(lambda content: longest(content) > 1)
)


class Trickle(io.RawIOBase):
    """A stream that gives less than it is asked for, as sockets do; `sizes` are used in turn."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._content = io.BytesIO(content)
        self._sizes = sizes
        self._reads = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = self._sizes[self._reads % len(self._sizes)]
        self._reads += 1
        return self._content.readinto(memoryview(buffer)[:size])


@st.composite
def streams(
    draw: st.DrawFn, contents: st.SearchStrategy[bytes] = CONTENTS
) -> tuple[bytes, BinaryIO]:
    """A content, and a stream of it: as a file, in short reads, or unpacked on the way."""
    content = draw(contents)
    kind = draw(st.sampled_from(["file", "trickle", "gzip", "gzip in members"]))
    if kind == "file":
        return content, io.BytesIO(content)
    if kind == "trickle":
        sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=3))
        return content, cast(BinaryIO, Trickle(content, sizes))
    cut = draw(st.integers(0, len(content))) if kind == "gzip in members" else 0
    pieces = [content[:cut], content[cut:]] if cut else [content]
    zipped = b"".join(gzip.compress(piece) for piece in pieces)
    return content, cast(BinaryIO, gzip.GzipFile(fileobj=io.BytesIO(zipped)))


def cut_by_hand(content: bytes) -> list[bytes]:
    """Lines with their ends. bytes.splitlines would also cut at a carriage return."""
    *ended, rest = content.split(b"\n")
    return [line + b"\n" for line in ended] + ([rest] if rest else [])


def longest(content: bytes) -> int:
    """The bytes of its longest line."""
    return max(map(len, cut_by_hand(content)), default=0)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[bytes, BinaryIO, int]:
    """A content, a stream of it, and a limit that no line exceeds."""
    content, stream = draw(streams())
    return content, stream, draw(st.integers(max(1, longest(content)), longest(content) + 40))


@st.composite
def too_long(draw: st.DrawFn) -> tuple[bytes, BinaryIO, int]:
    """A content, a stream of it, and a limit that a line exceeds."""
    content, stream = draw(streams(CONTENTS_TO_REFUSE))
    return content, stream, draw(st.integers(1, longest(content) - 1))


@given(fitting())
def test_lines_are_the_lines(given_: tuple[bytes, BinaryIO, int]) -> None:
    content, stream, limit = given_
    assert list(lines(stream, limit)) == cut_by_hand(content)


@given(fitting())
@example((b"a\nb", io.BytesIO(b"a\nb"), 3))
@example((b"ab\nc\n", io.BytesIO(b"ab\nc\n"), 3))
def test_blocks_are_whole_lines_and_as_many_as_fit(given_: tuple[bytes, BinaryIO, int]) -> None:
    content, stream, limit = given_
    found = list(blocks(stream, limit))
    assert b"".join(found) == content
    assert all(0 < len(block) <= limit for block in found)
    assert all(block.endswith(b"\n") for block in found[:-1])
    for block, after in pairwise(found):
        assert len(block) + len(cut_by_hand(after)[0]) > limit


@given(fitting())
@example((b"a\nb", io.BytesIO(b"a\nb"), 3))
def test_blocks_are_what_packing_line_by_line_gives(given_: tuple[bytes, BinaryIO, int]) -> None:
    content, _, limit = given_
    one_by_one = [b"".join(p) for p in packed(lines(io.BytesIO(content), limit), limit)]
    assert list(blocks(io.BytesIO(content), limit)) == one_by_one


@given(too_long())
def test_a_line_that_does_not_fit_is_refused_after_those_before_it(
    given_: tuple[bytes, BinaryIO, int],
) -> None:
    content, stream, limit = given_
    before = list(takewhile(lambda line: len(line) <= limit, cut_by_hand(content)))
    found = []
    with pytest.raises(TooLarge):
        for line in lines(stream, limit):
            found.append(line)
    assert found == before


@given(too_long())
def test_blocks_refuse_what_lines_refuse(given_: tuple[bytes, BinaryIO, int]) -> None:
    content, stream, limit = given_
    found = []
    with pytest.raises(TooLarge):
        for block in blocks(stream, limit):
            found.append(block)
    assert content.startswith(b"".join(found))
    assert all(len(block) <= limit and block.endswith(b"\n") for block in found)


@given(streams(), LIMITS)
def test_the_whole_is_one_payload_or_none_at_all(
    given_: tuple[bytes, BinaryIO], limit: int
) -> None:
    content, stream = given_
    if len(content) > limit:
        with pytest.raises(TooLarge):
            list(whole(stream, limit))
    else:
        assert list(whole(stream, limit)) == ([content] if content else [])


@given(st.lists(st.binary(min_size=1, max_size=20)), st.integers(20, 50))
def test_packed_records_are_all_there_and_no_payload_has_room_for_the_next(
    records: list[bytes], limit: int
) -> None:
    found = list(packed(iter(records), limit))
    assert [record for payload in found for record in payload] == records
    assert all(payload and sum(map(len, payload)) <= limit for payload in found)
    for payload, after in pairwise(found):
        assert sum(map(len, payload)) + len(after[0]) > limit


def test_the_refusal_says_what_may_help() -> None:
    with pytest.raises(TooLarge) as refused:
        list(lines(io.BytesIO(b"x" * (1024**2 + 1)), 1024**2))
    assert str(refused.value) == (
        "a record is larger than MaxPayloadInMB=1 allows; a larger payload or SplitType Line may "
        "help"
    )


@pytest.mark.parametrize(
    ("answer", "by_line", "added"),
    [
        (b"a", True, b"a\n"),
        (b"a\n", True, b"a\n"),
        (b"a\nb", True, b"a\nb\n"),
        (b"a", False, b"a"),
        (b"a\n", False, b"a\n"),
        (b"", False, b""),
    ],
)
def test_an_answer_ends_its_line_where_lines_are_assembled(
    answer: bytes, by_line: bool, added: bytes
) -> None:
    assert assembled(answer, by_line) == added


@given(st.lists(st.from_regex(rb"[a-z]{0,4}\n?", fullmatch=True)))
def test_assembling_by_line_gives_every_answer_its_own_lines(answers: list[bytes]) -> None:
    output = b"".join(assembled(answer, True) for answer in answers)
    expected = [line for answer in answers for line in (cut_by_hand(answer) or [b""])]
    assert output.split(b"\n")[:-1] == [line.rstrip(b"\n") for line in expected]
    assert b"".join(assembled(answer, False) for answer in answers) == b"".join(answers)
