"""A form's body, whatever is in it, is read in one pass, or refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labcloud.gateway.post_policy import ENOUGH, read, size_of_file
from labcloud.gateway.refusals import Refused

PIECES = [
    b"--b", b"\r\n--b", b"\r\n--b--\r\n", b"\r\n", b"\r\n\r\n", b"x" * 40_000, b"",
    b'Content-Disposition: form-data; name="key"', b'Content-Disposition: form-data; name="file"',
    b"Content-Disposition: \xff\x00;;;name=", b"Content-Disposition",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        fields, begin = read(body[:ENOUGH], "b")
        size = size_of_file(begin, body[-ENOUGH:], len(body), "b")
    except Refused:
        return
    assert 0 <= size <= len(body) - begin
    assert len("".join(fields)) <= begin
