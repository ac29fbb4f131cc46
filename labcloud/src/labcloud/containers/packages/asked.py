"""What pip is asked for: names and versions, and whether they are there already."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from labcloud.containers.packages.layer import packages_of
from labcloud.containers.packages.settings import NAMES

# Files that pip takes for packages, with or without a path.
ARCHIVE = re.compile(r".*\.(whl|zip|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz)")
# A name and what it must be; not a path, an archive, an address or an option.
REQUIREMENT = re.compile(
    rf"(?!{ARCHIVE.pattern}(\[|$))"
    r"[A-Za-z0-9][\w.-]*\s*(\[[\w\s,.-]*\])?\s*([=<>!~;(].*)?"
)
_COMMENT = re.compile(r"(^|\s)#.*")
_FILE = ("-r", "--requirement")
_QUIET = ("-q", "--quiet")
# Options of pip that change what is said or how, and not what is installed.
HARMLESS = (*_QUIET, "-U", "--upgrade", "--no-cache-dir", "--disable-pip-version-check")
# pip's variables for where packages come from, and those that change nothing of what is installed.
_KNOWN = {
    *NAMES, "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_ROOT_USER_ACTION", "PIP_NO_CACHE_DIR",
    "PIP_CACHE_DIR", "PIP_NO_INPUT", "PIP_PROGRESS_BAR", "PIP_NO_COLOR", "PIP_QUIET", "PIP_VERBOSE",
}  # fmt: skip


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
    return _is_for_others(wanted) or _found(wanted, places) is not None


def _is_for_others(wanted: str) -> bool:
    """Whether it is for other Pythons or systems, or for who asks for an extra."""
    try:
        marker = Requirement(wanted).marker
    except InvalidRequirement:
        return False
    return marker is not None and not marker.evaluate({"extra": ""})


def _found(wanted: str, places: list[str]) -> metadata.Distribution | None:
    """The one that is imported, if it is as wanted."""
    try:
        named = Requirement(wanted)
    except InvalidRequirement:
        return None
    found = next(iter(metadata.distributions(name=named.name, path=places)), None)
    good = (
        found is not None
        and not (named.extras or named.url)
        and named.specifier.contains(found.version, prereleases=True)
    )
    return found if good else None


def requirements(arguments: Sequence[str]) -> list[str] | None:
    """What a command of pip asks for, sorted; None if that is more than names and versions."""
    if not arguments or arguments[0] != "install":
        return None
    found, rest = list[str](), iter(arguments[1:])
    for word in rest:
        if word in _FILE:
            lines = lines_of(Path(next(rest, "")))
            if lines is None:
                return None
            found += lines
        elif word in HARMLESS:
            continue
        elif REQUIREMENT.fullmatch(word):
            found.append(word)
        else:
            return None
    return sorted(set(found))


def is_plain(environment: Mapping[str, str], known: Iterable[str] = ()) -> bool:
    """Whether no variable of pip's makes other packages of the same requirements."""
    return not any(
        name.startswith("PIP_") and name not in _KNOWN and name not in known for name in environment
    )


def satisfied(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str] | None:
    """What pip says of an installation for which it has nothing to do; None for any other.

    It looks where this Python finds modules, at what the requirements require, too. Nobody looks
    whether there is a newer version: `-U` leaves nothing to be done, as in a Dockerfile. Blocking.
    """
    wanted = requirements(arguments)
    if not wanted:
        return None
    # A folder that programs do not look into is to have its own.
    known = ["PIP_TARGET"] if environment.get("PIP_TARGET") in sys.path else []
    if not is_plain(environment, known):
        return None
    found, waiting = dict[str, metadata.Distribution](), list(wanted)
    while waiting:
        text = waiting.pop()
        if text in found or _is_for_others(text):
            continue
        if (distribution := _found(text, sys.path)) is None:
            return None
        found[text] = distribution
        waiting += distribution.requires or []
    if any(word in _QUIET for word in arguments):
        return []
    there = {text: found[text] for text in wanted if text in found}
    return [
        f"Requirement already satisfied: {text} in {each.locate_file('')} ({each.version})"
        for text, each in there.items()
    ]
