"""The sheet of a lab for its learners: what it does in which order, and room for the answers.

It is made of the notebook's text alone. Outputs, which give results away, are not on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.printing import pages, prose
from tools.printing.lesson import BEFORE, CLEAN_UP, LEARN, LEARNED, Lesson

# What is read of a step, and of the clean-up (characters).
_STEP, _CLEAN_UP = 240, 320
_LINK = re.compile(r"\]\([^)]*glossary\.md#([\w-]+)\)")
_ENTRY = re.compile(r'<a id="([^"]+)"></a>(\*\*[^*]+\*\*: .+?) · \[lab ')


def sheet(lesson: Lesson, glossary: str) -> str:
    """The page of a lesson. `glossary` is the text of labs/glossary.md."""
    folder = lesson.path.parent

    def shown(text: str) -> str:
        return pages.markdown(text, folder)

    return pages.page(
        "sheet",
        title=lesson.title,
        summary=shown(lesson.summary),
        picture=pages.image(lesson.picture, folder),
        goals=[shown(goal) for goal in prose.items(lesson.section(LEARN).text)],
        before=shown(prose.table(lesson.section(BEFORE).text)),
        steps=[(step.heading, shown(prose.opening(step.text, _STEP))) for step in lesson.steps],
        exercises=[shown(exercise.text) for exercise in lesson.exercises],
        clean_up=shown(prose.opening(lesson.section(CLEAN_UP).text, _CLEAN_UP)),
        learned=[shown(point) for point in prose.items(lesson.section(LEARNED).text)],
        words=[shown(word) for word in words(lesson, glossary)],
    )


def words(lesson: Lesson, glossary: str) -> Iterator[str]:
    """The words of the glossary that a lesson links to, as they come, with what they mean."""
    known = dict(_ENTRY.findall(glossary))
    text = "\n".join(section.text for section in lesson.sections)
    yield from (known[word] for word in dict.fromkeys(_LINK.findall(text)) if word in known)
