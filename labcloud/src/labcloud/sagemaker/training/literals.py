"""What a line must contain for a regular expression to have a chance.

An image's own metric definitions are many, and each line of its log is of one of them: looking for
a few plain characters first spares nearly all of the searches.
"""

from __future__ import annotations

import functools

import regex

# An escape, a set, a quantifier in braces, or one character.
_TOKEN = regex.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[^}]*\}|.", regex.DOTALL)
_PLAIN = regex.compile(r"[\p{L}\p{N}#:=_/ ,;%@!&~\"'<>-]")
# With alternatives, extensions, or escapes that take up what follows them, one would have to parse.
_HARD = regex.compile(r"\||\(\?(?!:)|\\[^dDwWsSbB\W]")


@functools.lru_cache(1024)
def literal(expression: str) -> str:
    """The longest plain text that every match contains; it may be empty."""
    if _HARD.search(expression):
        return ""
    best = run = ""
    depth = 0
    for token in _TOKEN.findall(expression):
        if not depth and _PLAIN.fullmatch(token):
            run += token
            continue
        if token[0] in "*?{":
            # The character before it need not be there.
            run = run[:-1]
        best, run = max(best, run, key=len), ""
        depth += {"(": 1, ")": -1}.get(token, 0)
    return max(best, run, key=len)
