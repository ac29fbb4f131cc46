"""The learner's own copies of the labs, in work/ beside labs/: `python -m tools.working_copies`.

The notebooks in labs/ are stored with their outputs, for reading and for CI. A learner works on
copies without outputs. What a learner has changed is never overwritten: work/.given.json holds what
each copy was when it was given. `./lab open` calls this before anything is installed, so it uses
Python's own modules alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_GIVEN = ".given.json"
# What runs leave in labs/, and what only the tests need.
_LEFT_OUT = ("data", "ml2p.yml", "__pycache__", "nbval-sanitize.cfg")


def update(labs: Path, work: Path) -> list[str]:
    """Makes the copies, or brings them up to date. Returns a line for each that was kept."""
    given, said = _read(work / _GIVEN), []
    before = dict(given)
    sources = {str(path.relative_to(labs)): path for path in _files(labs)}
    for name, source in sources.items():
        copy, new = work / name, _without_outputs(source)
        wanted, last = _fingerprint(name, new), given.get(name)
        given[name] = wanted
        theirs = _fingerprint(name, copy.read_bytes()) if copy.exists() else last
        if not copy.exists() or (theirs == last != wanted):
            write(copy, new)
        elif theirs not in (wanted, last) and wanted != last:
            beside = _beside(work, name, given)
            write(work / beside, new)
            given[beside] = wanted
            said.append(f"work/{name} is as you left it; there is a new version: {beside}")
    for name in [name for name in given if name not in sources and not _is_beside(name, sources)]:
        _forget(work / name, given.pop(name))
    if given != before:
        write(work / _GIVEN, json.dumps(given, indent=1).encode())
    return said


def done(work: Path) -> str:
    """How far the learner is: the notebooks of which cells have been run and saved."""
    found = []
    for path in sorted(work.glob("*/[0-9]*.ipynb")):
        cells = [cell for cell in _cells(path.read_bytes()) or [] if cell["cell_type"] == "code"]
        run = sum(cell.get("execution_count") is not None for cell in cells)
        if run:
            found.append(f"{path.stem} ({run} of {len(cells)} cells)")
    return ", ".join(found)


def _files(labs: Path) -> Iterator[Path]:
    """What belongs to the labs: no hidden file, nothing that a run has left."""
    for path in sorted(labs.iterdir()):
        if path.name.startswith(".") or path.name in _LEFT_OUT:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _without_outputs(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix != ".ipynb" or _cells(content) is None:
        return content
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    # As Jupyter writes it.
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _fingerprint(name: str, content: bytes) -> str:
    """Of a notebook, the cells and their outputs: JupyterLab changes other things unasked."""
    cells = _cells(content) if name.endswith(".ipynb") else None
    if cells is not None:
        kept = [
            [cell["cell_type"], "".join(cell["source"]), cell.get("outputs") or []]
            for cell in cells
        ]
        content = json.dumps(kept, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _cells(content: bytes) -> list[dict[str, Any]] | None:
    """None if this is no notebook, because an editor was interrupted, perhaps."""
    try:
        cells = json.loads(content)["cells"]
        sound = all({"cell_type", "source"} <= cell.keys() for cell in cells)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return list(cells) if sound else None


def _beside(work: Path, name: str, given: dict[str, str]) -> str:
    """Where the new version goes: to a name that is free, or to a copy that nobody has changed."""
    path, number = Path(name), 1
    while True:
        tail = ".new" if number == 1 else f".new{number}"
        beside = str(path.with_name(path.stem + tail + path.suffix))
        there = work / beside
        if not there.exists() or _fingerprint(name, there.read_bytes()) == given.get(beside):
            return beside
        number += 1


def _is_beside(name: str, sources: dict[str, Path]) -> bool:
    path = Path(name)
    stem, dot, _ = path.stem.rpartition(".new")
    return bool(dot) and str(path.with_name(stem + path.suffix)) in sources


def _forget(copy: Path, given: str) -> None:
    """A lab that there is no more: its copy goes, unless the learner has changed it."""
    if copy.is_file() and _fingerprint(copy.name, copy.read_bytes()) == given:
        copy.unlink()
        if not any(copy.parent.iterdir()):
            copy.parent.rmdir()


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}


def write(path: Path, content: bytes) -> None:
    """Writes a file all or nothing: what is interrupted leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".half-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(half, 0o644)
        os.replace(half, path)
    except BaseException:
        os.unlink(half)
        raise


if __name__ == "__main__":
    course = Path(__file__).resolve().parents[1]
    for line in update(course / "labs", course / "work"):
        print(line, file=sys.stderr)
