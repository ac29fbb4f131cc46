"""Leaves what the hyperparameter `leaves` names (`; ` between) in its /opt/ml; ends with `code`.

`victim` is a folder outside, which holds the file `secret`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

DEEP = 1500


def main(root: Path) -> int:
    given = json.loads((root / "input/config/hyperparameters.json").read_text())
    (root / "model" / "weights").write_text("mine")
    for what in given["leaves"].split("; "):
        leave(what, root, Path(given["victim"]))
    return int(given.get("code", "0"))


def leave(what: str, root: Path, victim: Path) -> None:
    failure = root / "output" / "failure"
    if what == "a pipe for the failure":
        os.mkfifo(failure)
    elif what == "a link for the failure":
        failure.symlink_to(victim / "secret")
    elif what == "a folder for the failure":
        failure.mkdir()
    elif what == "orders to a terminal":
        failure.write_text("one\ttab\n\x1b]0;mine\x07\x9b31m\u202eolleh")
    elif what == "a link for the output":
        shutil.rmtree(root / "output")
        (victim / "failure").write_text("secret")
        (root / "output").symlink_to(victim)
    elif what == "a link for the model":
        shutil.rmtree(root / "model")
        (root / "model").symlink_to(victim)
    elif what == "a file for the model":
        shutil.rmtree(root / "model")
        (root / "model").write_text("none")
    elif what == "no model":
        shutil.rmtree(root / "model")
    elif what == "a link for the data":
        shutil.rmtree(root / "output" / "data")
        (root / "output" / "data").symlink_to(victim)
    elif what == "links for the archives":
        for folder in (root, root / "tmp"):
            for name in ("model.tar.gz", "output.tar.gz"):
                (folder / name).symlink_to(victim / "secret")
    elif what == "deep folders":
        dig(root / "tmp")
    elif what == "a deep model":
        dig(root / "model")
    elif what == "a bottomless model":
        dig(root / "model", 3 * DEEP)
    elif what == "folders without rights":
        (root / "tmp" / "closed" / "inner").mkdir(parents=True)
        (root / "tmp" / "closed").chmod(0)
    else:
        raise AssertionError(what)


def dig(folder: Path, depth: int = DEEP) -> None:
    """Folders in folders, deeper than the whole path could name them."""
    within = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=within)
        inner = os.open("d", os.O_RDONLY, dir_fd=within)
        os.close(within)
        within = inner
    os.close(within)
