"""What comes of an invocation, and AWS's words for what a function does not survive."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass

# As AWS says it, a hundred bytes above 6 MB.
_LARGEST = 6_291_556
# Go's words for signals, in which AWS's service is written.
_SIGNALS = {
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupt",
    signal.SIGHUP: "hangup",
    signal.SIGABRT: "aborted",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGPIPE: "broken pipe",
}


@dataclass(frozen=True)
class Result:
    """`payload` is JSON. `failed`: the function has raised, or did not come to an end.

    `status` and `error_type` stand in the REPORT of a process that did not survive, `said` in its
    log.
    """

    payload: bytes
    failed: bool = False
    status: str = ""
    error_type: str = ""
    said: str = ""

    @property
    def fatal(self) -> bool:
        """Whether the process cannot take another event."""
        return bool(self.status)


def timed_out(request_id: str, seconds: int, now: str) -> Result:
    """`now` is the time, as AWS writes it."""
    said = f"Task timed out after {seconds}.00 seconds"
    payload = _payload("Sandbox.Timedout", f"RequestId: {request_id} Error: {said}")
    return Result(payload, True, "timeout", "", f"{now} {request_id} {said}\n")


def exited(request_id: str, code: int, *, out_of_memory: bool = False) -> Result:
    """A process has ended by itself, or was ended; `code` is negative for a signal."""
    if code < 0:
        known = {int(number): word for number, word in _SIGNALS.items()}
        said = f"Runtime exited with error: signal: {known.get(-code, f'signal {-code}')}"
    elif code:
        said = f"Runtime exited with error: exit status {code}"
    else:
        said = "Runtime exited without providing a reason"
    message = f"RequestId: {request_id} Error: {said}"
    kind = "Runtime.OutOfMemory" if out_of_memory else "Runtime.ExitError"
    payload = _payload("Runtime.ExitError", message)
    return Result(payload, True, "error", kind, f"{message}\nRuntime.ExitError")


def not_loaded(found: Result) -> Result:
    """The handler could not be loaded: what the runtime has said of it."""
    try:
        kind = str(json.loads(found.payload).get("errorType", ""))[:200]
    except (ValueError, AttributeError):
        kind = ""
    return Result(found.payload, True, "error", kind or "Runtime.Unknown")


def too_large() -> Result:
    message = f"Response payload size exceeded maximum allowed payload size ({_LARGEST} bytes)."
    return Result(_payload("Function.ResponseSizeTooLarge", message), failed=True)


def _payload(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
