"""Requests made from botocore's shapes: valid ones, and ones that are damaged somewhere."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from hypothesis import strategies as st

from .existing import EVERY_NAME

# Names that exist, so that a request gets past the lookup now and then.
# What the other tests call something that is not there ("nobody") must not be made here.
KNOWN = (*sorted(EVERY_NAME), "somebody-new")
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def requests(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of a shape; one part in about twenty is something else altogether."""
    return _values(shape, depth=0)


def _values(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda n: _JUNK if n == 0 and depth else _right(shape, depth))


def _right(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        if depth > 4:
            return st.just({})
        required = {
            name: _values(shape.members[name], depth + 1) for name in shape.required_members
        }
        optional = {
            name: _values(member, depth + 1)
            for name, member in shape.members.items()
            if name not in required
        }
        return st.fixed_dictionaries(required, optional=optional) if depth < 2 else (
            st.fixed_dictionaries(required)
        )  # fmt: skip
    if isinstance(shape, ListShape):
        return st.lists(_values(shape.member, depth + 1), max_size=2)
    if isinstance(shape, MapShape):
        keys = _values(shape.key, depth + 1).filter(lambda key: isinstance(key, str))
        return st.dictionaries(keys, _values(shape.value, depth + 1), max_size=2)
    if isinstance(shape, StringShape):
        return st.sampled_from(shape.enum) if shape.enum else _text(shape)
    return {
        "integer": st.integers(-5, 200),
        "long": st.integers(-5, 200),
        "boolean": st.booleans(),
        "timestamp": st.integers(0, 2**33),
    }.get(shape.type_name, st.floats(-10, 10))


def _text(shape: Shape) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(KNOWN),
        st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,20}", fullmatch=True),
        st.text(max_size=70),
        st.sampled_from(
            ["s3://data-of-the-tests/x", "s3://b/../x", "arn:aws:iam::123456789012:role/r", "\0"]
        ),
    )
