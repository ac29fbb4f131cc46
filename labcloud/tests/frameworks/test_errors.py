"""What a toolkit says of a command that has failed."""

from __future__ import annotations

import pytest

from labcloud.frameworks.toolkit.errors import ScriptError


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        (1, ""), (-9, ""),
        (137, 'ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"\n'),
    ],
)  # fmt: skip
def test_a_shell_s_code_of_a_killed_program_is_taken_for_a_lack_of_memory(
    code: int, extra: str
) -> None:
    error = ScriptError("ExecuteUserScriptError", ["python", "train.py"], code)
    assert str(error) == (
        f'ExecuteUserScriptError:\nExitCode {code}\nErrorMessage ""\n{extra}'
        'Command "python train.py"'
    )


def test_the_older_toolkit_names_the_command_alone() -> None:
    error = ScriptError("InstallModuleError", ["python", "-m", "pip"], 137)
    assert error.short() == 'InstallModuleError:\nCommand "python -m pip"'
