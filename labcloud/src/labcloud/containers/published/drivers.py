"""The SDK's drivers on a machine that gives a process no /opt/ml of its own, such as a Mac.

They and the command that starts them know no other place: a job's own copies are changed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from labcloud.containers.contract import ML
from labcloud.state.trees import below

_CHANNEL = "input/data/sm_drivers"
# The beginning of a path of the container, and of nothing longer.
_PLACE = re.compile(rf"(?<![\w/.-]){re.escape(ML)}(?=[/\"'\s]|$)")
# What a shell takes for one word.
_PLAIN = re.compile(r"[\w./+@:-]+")


def are_there(root: Path) -> bool:
    """Whether a job has them as a channel."""
    return (root / _CHANNEL).is_dir()


def told(text: str, root: Path) -> str:
    """A text in which the container's /opt/ml is where it lies on this machine."""
    return _PLACE.sub(str(root).replace("\\", r"\\"), text)


def tell(root: Path) -> str:
    """Changes a job's copies of the drivers. Returns why not, if it cannot. Blocking."""
    if not _PLAIN.fullmatch(str(root)):
        return f"The SDK's drivers cannot run below {root}: its name has blanks or other characters"
    for path in below(root / _CHANNEL):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        new = told(text, root)
        if new != text:
            # Not in place: the file may be another name of the object in S3.
            fresh = path.with_name(f".{path.name}.new")
            fresh.write_text(new, encoding="utf-8")
            fresh.chmod(path.stat().st_mode & 0o777)
            os.replace(fresh, path)
    return ""
