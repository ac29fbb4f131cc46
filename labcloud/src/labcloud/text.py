"""Text of strangers, made harmless for terminals and pages.

A terminal obeys control characters: the C0 and C1 sets of ECMA-48, whose sequences retitle windows
and hide lines. The bidirectional controls of Unicode show text in another order than it has. Half
of a surrogate pair, which JSON can spell, is no character: no encoding can write it.
"""

from __future__ import annotations

import json
from typing import Any

_BIDIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# In octal, as CloudWatch shows a tab: #011.
_SURROGATES = range(0xD800, 0xE000)
CONTROLS = {
    code: f"#{code:03o}" for code in (*range(32), *range(127, 160), *_BIDIRECTIONAL, *_SURROGATES)
}
_LINES = {code: text for code, text in CONTROLS.items() if chr(code) not in "\n\t"}


def of_error(error: BaseException) -> str:
    """What an error says, without the paths of this machine, which an OSError names."""
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


def as_one_line(text: str) -> str:
    """Text without any control character."""
    return text if text.isprintable() else text.translate(CONTROLS)


def as_lines(text: str) -> str:
    """Text whose only control characters are tabs and line breaks."""
    return text if text.isprintable() else text.translate(_LINES)


def check_characters(value: Any) -> None:
    """Raises UnicodeEncodeError, a ValueError, where a text in decoded JSON is none.

    Half a surrogate pair is no character: JSON may have it, and no file and no answer can.
    """
    json.dumps(value, ensure_ascii=False).encode()
