"""The table of a room: a line a learner, a sign an exercise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.room.course import Notebook
from tools.room.notes import Learner, Note

# After so many tries in a row that were not correct, somebody may want help.
STUCK = 3
_NAME, _PLACE = 16, 18
_ENDPOINT = re.compile(r"labs-[a-z0-9]{1,8}-(\d\d[a-z]?)-")


@dataclass(frozen=True)
class Style:
    """What a terminal can show: signs for solved and untouched, colours, and its width."""

    solved: str = "✓"
    untouched: str = "·"
    colours: bool = False
    width: int = 100


def table(
    learners: Sequence[Learner], notebooks: Sequence[Notebook], now: float, style: Style
) -> Iterator[str]:
    """The lines of the table, and below it who may want help and with what."""
    if not learners:
        yield "Nobody has a folder here yet."
        return
    begun = {note.notebook.name for learner in learners for note in learner.notes}
    wanted = [notebook for notebook in notebooks if notebook.name in begun]
    shown = list(_fitting(wanted, style.width))
    header = [f"  {'learner':<{_NAME}} {'now at':<{_PLACE}} {'ran':>6}"]
    header += [f"{notebook.number:<{_width(notebook)}}" for notebook in shown]
    yield "  ".join([*header, "endpoints"]).rstrip()
    for learner in learners:
        line = _line(learner, shown, now, style)
        yield f"\033[1m{line}\033[0m" if style.colours and is_stuck(learner) else line
    yield ""
    yield f"{style.solved} solved   2 two tries, not solved   {style.untouched} not tried"
    if len(shown) < len(wanted):
        left_out = ", ".join(one.number for one in wanted[: len(wanted) - len(shown)])
        yield f"The window is too narrow for {left_out}."
    yield from _about_help(learners)


def is_stuck(learner: Learner) -> bool:
    """Whether the last tries in the notebook that they work on have failed."""
    return bool(learner.notes) and learner.notes[0].failed >= STUCK


def _about_help(learners: Sequence[Learner]) -> Iterator[str]:
    stuck = [_name(learner) for learner in learners if is_stuck(learner)]
    if stuck:
        yield f"! The last {STUCK} tries have failed: {', '.join(stuck)}"
    tried = Counter(
        f"{note.notebook.number} exercise {number}"
        for learner in learners
        for note in learner.notes
        for number in note.notebook.exercises
        if (tries := note.exercises.get(number)) and tries.count and not tries.solved
    )
    if tried:
        most = [f"{exercise} ({count})" for exercise, count in tried.most_common(3)]
        yield f"Tried and not solved, by how many: {', '.join(most)}"
    if unreadable := [_name(learner) for learner in learners if learner.unreadable]:
        yield f"? A note cannot be read: {', '.join(unreadable)}"


def _line(learner: Learner, notebooks: Sequence[Notebook], now: float, style: Style) -> str:
    mark = "!" if is_stuck(learner) else "?" if learner.unreadable else " "
    newest = learner.notes[0] if learner.notes else None
    place = f"{newest.notebook.number} {newest.place}".strip() if newest else ""
    since = ago(now - newest.time) if newest else ""
    fields = [f"{mark} {_name(learner):<{_NAME}} {place[:_PLACE]:<{_PLACE}} {since:>6}"]
    notes = {note.notebook.name: note for note in learner.notes}
    for notebook in notebooks:
        signs = _signs(notebook, notes.get(notebook.name), style)
        fields.append(f"{signs:<{_width(notebook)}}")
    return "  ".join([*fields, _endpoints(newest)]).rstrip()


def _signs(notebook: Notebook, note: Note | None, style: Style) -> str:
    """A sign for each exercise: solved, the number of tries, or untouched."""
    signs = ""
    for number in notebook.exercises:
        tries = note.exercises.get(number) if note else None
        if tries is None or not (tries.count or tries.solved):
            signs += style.untouched
        else:
            signs += style.solved if tries.solved else str(min(tries.count, 9))
    return signs


def _endpoints(note: Note | None) -> str:
    """The notebooks that the learner's endpoints are of, as the newest note says."""
    names = note.endpoints if note else ()
    found = [match[1] if (match := _ENDPOINT.match(name)) else "other" for name in names]
    counts = Counter(sorted(found))
    return ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts.items())


def ago(seconds: float) -> str:
    """How long ago, in a word: `now`, `5 min`, `2 h`, `3 d`."""
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _name(learner: Learner) -> str:
    """The name of a folder, without what a terminal would take for a command."""
    return re.sub(r"[^A-Za-z0-9._@-]", "?", learner.name)[:_NAME]


def _width(notebook: Notebook) -> int:
    return max(len(notebook.number), len(notebook.exercises))


def _fitting(notebooks: Sequence[Notebook], width: int) -> Sequence[Notebook]:
    """As many of the last notebooks as the window has room for."""
    room = width - (2 + _NAME + 1 + _PLACE + 1 + 6) - len("  endpoints")
    first = len(notebooks)
    while first and (room := room - 2 - _width(notebooks[first - 1])) >= 0:
        first -= 1
    return notebooks[first:]
