"""The members of requests, by botocore's model."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.model import ListShape, Shape, StructureShape


def members(shape: Shape | None, path: str = "") -> Iterator[str]:
    """The paths of all members, those of structures before what is in them."""
    if isinstance(shape, ListShape):
        yield from members(shape.member, path)
    elif isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            below = f"{path}.{name}" if path else name
            yield below
            yield from members(member, below)
