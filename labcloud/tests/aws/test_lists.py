"""S3's lists: every page together is what sorting all keys would give."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from labcloud.aws.s3.names import Names

keys = st.text("ab/é\U0010ffff", min_size=1, max_size=5)


def entries(names: set[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    """What S3 lists, made from all names at once."""
    found = set()
    for name in names:
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                found.add((prefix + rest.partition(delimiter)[0] + delimiter, True))
            else:
                found.add((name, False))
    return sorted(found)


@given(
    st.sets(keys, max_size=20),
    st.sampled_from(["", "a", "a/", "/"]),
    st.sampled_from(["", "/", "b/"]),
)
def test_it_goes_through_names_and_folders_in_order(
    names: set[str], prefix: str, delimiter: str
) -> None:
    listed = Names()
    for name in names:
        listed.add(name)
        listed.add(name)
    whole = entries(names, prefix, delimiter)
    assert list(listed.walk(prefix, delimiter)) == whole
    for position, (after, _) in enumerate(whole, 1):
        assert list(listed.walk(prefix, delimiter, after)) == whole[position:]


@given(st.sets(keys, max_size=20), keys)
def test_it_begins_behind_any_name(names: set[str], after: str) -> None:
    listed = Names()
    listed.fill(names)
    assert [name for name, _ in listed.walk(after=after)] == sorted(n for n in names if n > after)


@given(st.lists(st.tuples(st.booleans(), keys), max_size=30))
def test_it_follows_every_change(steps: list[tuple[bool, str]]) -> None:
    listed, expected = Names(), set[str]()
    for adds, name in steps:
        (listed.add if adds else listed.discard)(name)
        (expected.add if adds else expected.discard)(name)
        assert [found for found, _ in listed.walk()] == sorted(expected)


def test_a_folder_of_nothing_that_counts_is_not_listed() -> None:
    listed = Names()
    listed.fill(["a/1", "a/2", "b/1", "c"])
    assert list(listed.walk(delimiter="/", counts=lambda name: name == "a/2")) == [("a/", True)]
    assert all(one < two for one, two in pairwise(listed.walk()))
