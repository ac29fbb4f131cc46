"""Shows what an exercise's check says: in colour in a notebook, as plain text elsewhere."""

from __future__ import annotations

import html
from dataclasses import dataclass

from IPython.display import display

# Background and ink of each verdict: readable on a light page and on a dark one, since both are its
# own. Nobody has to tell the colours apart, because the word stands in them. Other words are grey.
_COLOURS = {
    "correct": ("#00694b", "#ffffff"),
    "not yet": ("#f0a500", "#000000"),
}
_GREY = ("#5a5a5a", "#ffffff")


@dataclass(frozen=True)
class Verdict:
    """A line about an exercise: its number, a word or two, and a text."""

    number: int
    word: str
    text: str = ""

    def __repr__(self) -> str:
        """The plain text. A notebook stores it beside the HTML."""
        return f"Exercise {self.number}: {self.word}{': ' if self.text else ''}{self.text}"

    def _repr_html_(self) -> str:
        """The same text, the word in colour. IPython calls it."""
        background, ink = _COLOURS.get(self.word, _GREY)
        style = (
            f"background-color: {background}; color: {ink}; padding: 0 0.4em; border-radius: 0.3em"
        )
        before, _, after = html.escape(repr(self), quote=False).partition(self.word)
        return (
            '<div style="white-space: pre-wrap">'
            f'{before}<strong style="{style}">{self.word}</strong>{after}</div>'
        )

    def show(self) -> None:
        """Shows the verdict below the cell. Outside of a notebook, it prints the plain text."""
        display(self)  # type: ignore[no-untyped-call]
