"""What a script has printed in a training job, without the drivers' lines."""

from __future__ import annotations

from collections.abc import Sequence

from labhelpers import LabError
from labhelpers.lab import Lab
from labhelpers.logs import TRAINING_JOBS, JobLog

# What the driver prints before it starts the script, and after it has ended.
_BEFORE = "Executing command: "
_AFTER = ("Command failed with exit code", "Training Container Execution Completed", "++ ", "+++ ")


def log_lines(lab: Lab, job: str) -> list[str]:
    """All lines of a training job's log."""
    return JobLog(lab, TRAINING_JOBS, job).new_lines()


def script_lines(lines: Sequence[str]) -> list[str]:
    """The command with which the driver started the script, and all that the script printed.

    Raises LabError if the script was not started.
    """
    starts = [place for place, line in enumerate(lines) if _BEFORE in line]
    if not starts:
        raise LabError(
            "The log does not show that the script was started. Read its last lines: "
            'print(*log_lines(lab, job)[-30:], sep="\\n")'
        )
    printed = list(lines[starts[0] :])
    ends = (place for place, line in enumerate(printed) if line.startswith(_AFTER))
    return printed[: next(ends, len(printed))]
