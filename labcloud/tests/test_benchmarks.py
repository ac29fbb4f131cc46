"""The speed table: what its command says before it measures anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-m", "benchmarks.run", "--help"), 0, "usage: labcloud exec --fresh --"),
        (("-m", "benchmarks.run"), 2, "Run: labcloud exec --fresh -- python -m benchmarks.run"),
        # As where labcloud is installed without its extra `test`.
        (
            ("-c", "import sys, runpy; sys.modules['pandas'] = None; sys.argv[1:] = [];"
             "runpy.run_module('benchmarks.run', run_name='__main__')"),
            2, "pandas must be installed. In this folder: pip install '.[test]'",
        ),
    ],
)  # fmt: skip
def test_what_it_says_first(words: tuple[str, ...], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, *words], cwd=PROJECT, env={}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stderr
    assert said in " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr
