"""The words of a Dockerfile's line: blanks, quotes, escapes and variables, as Docker reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What a Dockerfile, all of its variables, and one value may have (characters). Linux gives a
# program no longer variable than that, and Docker's own images are far below the others.
LARGEST = 1024**2
_LONGEST_VALUE = 128 * 1024
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+?])([^}]*))?\})")


class BadDockerfile(Exception):
    """What is wrong with a Dockerfile, in words for its author."""


def words(text: str, escape: str = "\\") -> list[str]:
    """Split at blanks that are neither in quotes nor escaped. Nothing else changes.

    Raises BadDockerfile for a quotation without an end.
    """
    found, word, quote, at = list[str](), "", "", 0
    while at < len(text):
        character = text[at]
        if character == escape and quote != "'" and at + 1 < len(text):
            word += text[at : at + 2]
            at += 2
            continue
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        if character.isspace() and not quote:
            if word:
                found.append(word)
            word = ""
        else:
            word += character
        at += 1
    if quote:
        raise BadDockerfile("No closing quotation")
    return [*found, word] if word else found


def variables(text: str) -> set[str]:
    """The names of the variables in a text, those in single quotes among them."""
    return {found[1] or found[2] for found in _VARIABLE.finditer(text)}


def filled(text: str, known: Mapping[str, str], escape: str = "\\") -> str:
    """A word without its quotes and escapes, its variables replaced; an unknown one is empty.

    In single quotes, nothing is replaced. Raises BadDockerfile.
    """
    found, quote, at, size = list[str](), "", 0, 0
    while at < len(text):
        character = text[at]
        variable = _VARIABLE.match(text, at) if character == "$" and quote != "'" else None
        if character == escape and quote != "'" and at + 1 < len(text):
            plain = quote == '"' and text[at + 1] not in f'"${escape}'
            part, at = (character if plain else "") + text[at + 1], at + 2
        elif variable:
            part, at = _value(variable, known), variable.end()
        elif character == "$" and text[at : at + 2] == "${" and quote != "'":
            raise BadDockerfile(f"labcloud does not replace {text[at:][:40]!r}")
        elif character in "'\"" and quote in ("", character):
            part, quote, at = "", "" if quote else character, at + 1
        else:
            part, at = character, at + 1
        found.append(part)
        size += len(part)
        # A variable of variables of variables grows like a power of their number.
        if size > _LONGEST_VALUE:
            raise BadDockerfile(f"a value has more than {_LONGEST_VALUE} characters")
    if quote:
        raise BadDockerfile("No closing quotation")
    return "".join(found)


def _value(variable: re.Match[str], known: Mapping[str, str]) -> str:
    name, operator, other = variable[1] or variable[2], variable[3] or "", variable[4] or ""
    value = known.get(name)
    # With a colon, an empty value is as good as none.
    given = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("-"):
        return value if given and value is not None else other
    if operator.endswith("+"):
        return other if given else ""
    if operator.endswith("?") and not given:
        raise BadDockerfile(f"{name}: {other or 'it has no value'}")
    return value or ""
