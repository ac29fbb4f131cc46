"""What a script has printed: in a training job, without the drivers' lines; in an endpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence

from labhelpers import LabError
from labhelpers.lab import Lab
from labhelpers.logs import TRAINING_JOBS, JobLog

# What the driver prints before it starts the script, and after it has ended.
_BEFORE = "Executing command: "
_AFTER = ("Command failed with exit code", "Training Container Execution Completed", "++ ", "+++ ")
# What the SDK calls the only variant of an endpoint; the log's streams begin with it.
_VARIANT = "AllTraffic"
# How long a line may take to the log, and how often it is looked for (seconds).
_PATIENCE, _PAUSE = 60.0, 0.5


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


def endpoint_lines(lab: Lab, endpoint: str, text: str, after: int = 0) -> list[str]:
    """The last line of an endpoint's log that contains a text, and as many `after` it.

    A line comes to the log some time after it was printed: waits for the first one, up to a minute.
    """
    log = JobLog(lab, f"/aws/sagemaker/Endpoints/{endpoint}", _VARIANT)
    end = time.monotonic() + _PATIENCE
    lines: list[str] = []
    while True:
        lines += log.new_lines()
        places = [place for place, line in enumerate(lines) if text in line]
        if places or time.monotonic() > end:
            return lines[places[-1] : places[-1] + after + 1] if places else []
        time.sleep(_PAUSE)
