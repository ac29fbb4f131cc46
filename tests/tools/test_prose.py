"""What is taken out of a notebook's texts and code."""

from __future__ import annotations

import pytest

from tools.printing import prose
from tools.printing.slides import excerpt


@pytest.mark.parametrize(
    ("text", "longest", "said"),
    [
        ("One. Two is long. Three.", 17, "One. Two is long."),
        ("One is `a. B` and (see. There) done. Two.", 36, "One is `a. B` and (see. There) done."),
        ("**It stops here.** And on.", 20, "**It stops here.**"),
        ("On two\nlines. Next.", 15, "On two lines."),
        ("No end at all, which is too long", 20, "No end at all …"),
        ("| a | b |\n|---|---|\n\nText.", 99, "Text."),
        ("- a point\n\n```python\nCode = 1.\n```\n\n![A. B](c.svg)\n\nText.", 99, "Text."),
        ("Two things:\n\n1. a **model**: it runs.\n2. an endpoint. More.", 99,
         "Two things: a **model**; an endpoint."),
        ("First. The settings:\n\n| a | b |\n|---|---|", 99, "First."),
        ("All:\n\n| a |\n|---|", 99, ""),
        ("A [b. C](https://a.b/c. D) now. Two.", 11, "A [b. C](https://a.b/c. D) now."),
        ("", 99, ""),
    ],
)  # fmt: skip
def test_the_opening_of_a_text(text: str, longest: int, said: str) -> None:
    assert prose.opening(text, longest) == said


def test_points_and_tables() -> None:
    text = "Text.\n\n- one\n  goes on\n- two\n\n1. three\n\n| a |\n|---|\n| 1 |\n\n```\n- no\n```\n"
    assert prose.items(text) == ["one goes on", "two", "three"]
    assert prose.table(text) == "| a |\n|---|\n| 1 |\n"


def test_an_excerpt_has_no_imports_and_fits() -> None:
    source = "from a import (\n    b,\n    c,\n)\nimport d\n\n" + "x = 1\n" * 30 + "y" * 200
    lines = excerpt(source).splitlines()
    assert lines[0] == "x = 1"
    assert lines[-1] == "# …"
    assert len(lines) == 10
    assert max(map(len, excerpt("y" * 200).splitlines())) == 100
    assert excerpt("import d\n") == "import d"
