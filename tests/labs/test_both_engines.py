"""Labs with an image of their own print the same with Docker and without. Here they run with it.

`labs/` is run without, as all notebooks are. Both runs are compared with the same stored outputs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labcloud_support.docker import require_docker

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [
    path
    for lab in ("03-byoc", "08-ml2p-project")
    for path in sorted((ROOT / "labs" / lab).glob("*.ipynb"))
]


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_the_stored_outputs_are_those_of_docker_too(notebook: Path) -> None:
    require_docker()
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    environment |= {"LABCLOUD_ENGINE": "auto"}
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider"]
    # ml2p's server leaves SIGTERM to the first process of its container, so that each end of an
    # endpoint takes the whole grace: with a build before it, minutes on a busy machine.
    done = subprocess.run(
        [*command, str(notebook)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
