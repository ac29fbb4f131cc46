"""What a toolkit writes to output/failure, which becomes the job's FailureReason."""

from __future__ import annotations


class ScriptError(Exception):
    """A command of the user's failed. The message is what a toolkit says of it."""

    def __init__(self, kind: str, command: list[str], code: int) -> None:
        super().__init__()
        self.kind = kind
        self.command = " ".join(command)
        self.code = code

    def __str__(self) -> str:
        """As sagemaker-training says it, which keeps nothing of what the script has printed."""
        extra = '\nExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"'
        return (
            f'{self.kind}:\nExitCode {self.code}\nErrorMessage ""'
            f'{extra if self.code == 137 else ""}\nCommand "{self.command}"'
        )

    def short(self) -> str:
        """As sagemaker-containers says it."""
        return f'{self.kind}:\nCommand "{self.command}"'
