"""pip behind a cover: it, and code that packages bring, see no more of this machine than a job.

A package may run a program while it is installed, and this program is whoever's the package is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labcloud.containers.published import private
from labcloud.state.trees import clear


@dataclass(frozen=True)
class Cover:
    """What is `hidden`, but for what pip may read; `work` is a folder for its temporary files."""

    hidden: tuple[Path, ...]
    readable: tuple[Path, ...]
    work: Path

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        output: int | None = None,
    ) -> int:
        """Runs a command that may write to `folder`, where it begins; returns its exit code.

        This process must have one thread. What the command says goes to the descriptor `output`.
        Where the kernel gives no namespaces, nothing is hidden. Blocking.
        """
        sys.stdout.flush()
        staging = self.work / "cover"
        clear(staging)
        staging.mkdir()
        pid = os.fork()
        if pid == 0:
            try:
                self._become(list(command), dict(environment), folder, staging, output)
            finally:
                os._exit(127)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _become(
        self,
        command: list[str],
        environment: dict[str, str],
        folder: Path,
        staging: Path,
        output: int | None,
    ) -> None:
        try:
            private.enter(
                None, {}, staging, network=True, hidden=self.hidden,
                readable=self.readable, writable=(folder, self.work),
            )  # fmt: skip
        except private.Forbidden:
            pass
        else:
            private.shed_rights()
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
        os.chdir(folder)
        os.execve(command[0], command, environment)
