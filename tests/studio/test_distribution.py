"""The notebooks with the client versions of SageMaker Studio, outputs compared as in `--nbval`.

Of the images that the README allows, the oldest: SageMaker Distribution 4.1.0 (its lock is
build_artifacts/v4/v4.1/v4.1.0/cpu.env.out in github.com/aws/sagemaker-distribution). What runs
is Studio's packages on this machine and its Python, against labcloud: not Studio, and not AWS.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from xml.etree import ElementTree

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from labcloud import LocalAWS
from labcloud_support.environments import environment
from tools.runner import find

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOTEBOOKS = list(find(ROOT / "labs", []))
STUDIO = (
    "sagemaker==3.7.1",
    "sagemaker-core==2.9.0",
    "sagemaker-train==1.9.0",
    "sagemaker-serve==1.9.0",
    "sagemaker-mlops==1.7.1",
    "boto3==1.42.91",
    "botocore==1.42.91",
    "urllib3==1.26.20",
    "pydantic==2.13.3",
    # Has no wheel for 3.13. Studio's Python is 3.12.
    "numpy==1.26.4; python_version < '3.13'",
    "pandas==2.3.3",
    "matplotlib==3.10.9",
    "scikit-learn==1.7.2",
    # Older than the one of the labs' containers.
    "xgboost-cpu==2.1.4; sys_platform != 'darwin'",
    "xgboost==2.1.4; sys_platform == 'darwin'",
    "click==8.2.1",
    "flask==3.1.3",
    "werkzeug==3.1.8",
    "ipython==8.37.0",
    "ipykernel==7.2.0",
    # What the README's command adds to the image.
    "mlxtend==0.23.4",
    "ml2p==0.6.0",
    str(Path(__file__).parent / "torch"),
)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for JUPYTER_PATH whose kernel `python3` has Studio's packages."""
    folder = tmp_path_factory.mktemp("jupyter")
    kernel = folder / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    program = [str(environment(*STUDIO)), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(
        json.dumps({"argv": program, "display_name": "Python 3", "language": "python"})
    )
    return folder


@pytest.fixture(scope="module")
def failures(kernels: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What failed, by the notebook's path: one run for all of them.

    The answers to exercises are left out: they are the checks' business, and not the SDK's.
    """
    report = tmp_path_factory.mktemp("studio") / "report.xml"
    # The course as the README's `pip install --editable .` makes it known. Without Docker, the
    # image of lab 03 is packed by labcloud's client, which no Studio needs.
    paths = [str(ROOT), str(ROOT / "labcloud" / "src"), str(tmp_path_factory.mktemp("installed"))]
    (version,) = Path(sysconfig.get_path("purelib")).glob("labcloud-*.dist-info")
    shutil.copytree(version, Path(paths[-1]) / version.name)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p",
         "no:xdist", "-k", "not answer", f"--junitxml={report}", *map(str, NOTEBOOKS)],
        cwd=ROOT,
        env={**os.environ, "JUPYTER_PATH": str(kernels), "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, list[str]] = {path.stem: [] for path in NOTEBOOKS}
    ran = set()
    for case in ElementTree.parse(report).iter("testcase"):
        stem = next(stem for stem in found if stem in f"{case.get('classname')}")
        ran.add(stem)
        for problem in (*case.iter("failure"), *case.iter("error")):
            found[stem].append(f"{case.get('name')}: {problem.text or problem.get('message')}")
    assert ran == set(found), done.stdout
    return found


@pytest.mark.parametrize("stem", [path.stem for path in NOTEBOOKS])
def test_a_notebook_says_the_same_with_studio_s_versions(
    failures: dict[str, list[str]], stem: str
) -> None:
    assert failures[stem] == [], "\n\n".join(failures[stem])


def test_an_error_of_labhelpers_is_one_line(
    kernels: Path, labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(kernels))
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    cell = "from labhelpers import connect, watch\nwatch(connect('99-tests'), 'labs-nobody')"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell)])
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (error,) = [each for each in notebook.cells[0].outputs if each.output_type == "error"]
    assert error.ename == "LabError"
    assert len(error.traceback) == 1
