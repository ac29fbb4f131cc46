"""Lets a Python that runs find what a pip beside it has installed since it began.

pip's process gives an environment such packages by a line of a .pth file (`layer.add`), and Python
reads these files once, when it starts. A program that runs pip and imports what it has installed,
as the SDK's @step and @remote do, is that Python. On AWS pip installs where the program looks.

It is no module of labcloud's package, which would be imported with all that it needs by every
Python that a job starts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import ModuleType

_PACKAGES = os.path.join(
    sys.prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "site-packages"
)


class Late:
    """A finder that finds nothing, and before others look, adds to sys.path what is new."""

    def __init__(self, packages: str = _PACKAGES) -> None:
        self._packages = packages
        # When the folder had last changed, as far as sys.path says (nanoseconds).
        self._seen = self._changed()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """For `import`."""
        self._look()

    def find_distributions(self, context: object = None) -> tuple[()]:
        """For importlib.metadata, which asks the same finders."""
        self._look()
        return ()

    def _look(self) -> None:
        changed = self._changed()
        if changed == self._seen:
            return
        self._seen = changed
        place = sys.path.index(self._packages) + 1 if self._packages in sys.path else 0
        for folder in self._added():
            if folder in sys.path:
                place = max(place, sys.path.index(folder) + 1)
            else:
                sys.path.insert(place, folder)
                place += 1

    def _changed(self) -> int:
        try:
            return os.stat(self._packages).st_mtime_ns
        except OSError:
            return 0

    def _added(self) -> list[str]:
        found = []
        try:
            for name in sorted(os.listdir(self._packages)):
                if name.startswith("00-") and name.endswith(".pth"):
                    with open(os.path.join(self._packages, name), encoding="utf-8") as file:
                        found.append(file.read().strip())
        except OSError:
            pass
        return [folder for folder in found if os.path.isdir(folder)]


sys.meta_path.insert(0, Late())
