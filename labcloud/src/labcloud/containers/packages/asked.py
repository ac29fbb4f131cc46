"""What pip is asked for: names and versions, and whether they are there already."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from labcloud.containers.packages.layer import packages_of

# Files that pip takes for packages, with or without a path.
ARCHIVE = re.compile(r".*\.(whl|zip|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz)")
# A name and what it must be; not a path, an archive, an address or an option.
REQUIREMENT = re.compile(
    rf"(?!{ARCHIVE.pattern}(\[|$))"
    r"[A-Za-z0-9][\w.-]*\s*(\[[\w\s,.-]*\])?\s*([=<>!~;(].*)?"
)
_COMMENT = re.compile(r"(^|\s)#.*")


def lines_of(file: Path) -> list[str] | None:
    """The requirements in a file; None if there is more in it than names and versions. Blocking."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    joined = text.replace("\\\n", " ")
    lines = [_COMMENT.sub("", line).strip() for line in joined.splitlines()]
    found = [line for line in lines if line]
    return found if all(REQUIREMENT.fullmatch(line) for line in found) else None


def are_there(wanted: Iterable[str], environments: Sequence[Path]) -> bool:
    """Whether environments (the first one's packages count) or labcloud's own satisfy them all.

    One that cannot be told without pip, with extras or a hash, is not there. Blocking.
    """
    places = [*(str(packages_of(each)) for each in environments), *sys.path]
    return all(_is_there(each, places) for each in wanted)


def _is_there(wanted: str, places: list[str]) -> bool:
    try:
        named = Requirement(wanted)
    except InvalidRequirement:
        return False
    if named.marker and not named.marker.evaluate():
        return True
    found = next(iter(metadata.distributions(name=named.name, path=places)), None)
    return (
        found is not None
        and not (named.extras or named.url)
        and named.specifier.contains(found.version, prereleases=True)
    )
