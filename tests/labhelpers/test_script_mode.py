"""Lab 06: its scripts run where AWS's image runs them, and its log is told from the drivers'."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import repack
from script_log import script_lines
from sklearn.datasets import load_iris

from labhelpers import LabError

SOURCE = Path(__file__).parents[2] / "labs" / "06-script-mode" / "src"
# Of the image sagemaker-scikit-learn:1.2-1.
PYTHON = (3, 9)
LOG = """\
Running Basic Script driver
++ /miniconda3/bin/python3 basic_script_driver.py
Executing command: /miniconda3/bin/python3 train.py --target Species
Accuracy=0.9474
++ echo 'Training Container Execution Completed'
Training Container Execution Completed""".splitlines()


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    iris = load_iris(as_frame=True)
    iris.data.assign(Species=iris.target_names[iris.target]).to_csv(
        tmp_path / "iris.csv", index=False
    )
    return tmp_path


def run(channel: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"SM_CHANNEL_TRAIN": str(channel), "SM_MODEL_DIR": str(channel)}
    command = [sys.executable, str(SOURCE / "train.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.name)
def test_the_python_of_aws_s_image_reads_a_script(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=PYTHON)
    # Python 3.9 does not know the argument, and no parser notices.
    keywords = {key.arg for node in ast.walk(tree) if isinstance(node, ast.Call)
                for key in node.keywords}  # fmt: skip
    assert "strict" not in keywords


def test_variables_say_where_things_are_and_unknown_arguments_are_dropped(channel: Path) -> None:
    done = run(channel, "--n-estimators", "5", "--min_leaf_nodes", "1")
    assert done.returncode == 0, done.stderr
    assert "n_estimators=5" in done.stdout and "min_samples_leaf=3" in done.stdout
    assert (channel / "model.joblib").exists()


def test_a_wrong_target_is_told_in_a_sentence(channel: Path) -> None:
    done = run(channel, "--target", "species")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ValueError: There is no column 'species', but ")


@pytest.mark.parametrize("body", ["5.1,3.5,1.4,0.2\n", "5.1,3.5,1.4,0.2\n6.7,3,5.2,2.3"])
def test_the_four_functions_answer_one_row_and_more(
    body: str, channel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SOURCE))
    import inference  # type: ignore[import-not-found, unused-ignore]

    assert run(channel).returncode == 0
    model = inference.model_fn(str(channel))
    for sent, content_type in ((body, "text/csv"), (_as_json(body), "application/json")):
        answers = inference.predict_fn(inference.input_fn(sent, content_type), model)
        lines, kind = inference.output_fn(answers, "text/csv")
        assert kind == "text/csv"
        assert lines.splitlines()[0].startswith("setosa,")
        assert len(lines.splitlines()) == len(body.splitlines())
    assert json.loads(inference.output_fn(answers, "*/*")[0]) == {"predictions": answers}
    with pytest.raises(ValueError, match="Send text/csv or application/json, not text/plain"):
        inference.input_fn(body, "text/plain")


def _as_json(body: str) -> str:
    return json.dumps([[float(value) for value in row.split(",")] for row in body.splitlines()])


def test_the_script_s_lines_are_those_between_the_drivers() -> None:
    assert script_lines(LOG) == [LOG[2], "Accuracy=0.9474"]


def test_all_lines_of_a_script_that_still_runs_are_its_own() -> None:
    assert script_lines(LOG[:4]) == LOG[2:4]


def test_the_log_of_a_script_that_was_not_started_is_said_to_be_so() -> None:
    with pytest.raises(LabError, match="does not show that the script was started"):
        script_lines(LOG[:2])


def test_the_code_is_put_beside_the_model_in_the_place_of_older_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old"
    (old / "code").mkdir(parents=True)
    for name in ("model.joblib", "code/old.py"):
        (old / name).write_text(name)
    with tarfile.open(tmp_path / "artifact.tar.gz", "w:gz") as archive:
        archive.add(old, arcname=".")
    source = tmp_path / "src"
    (source / "__pycache__").mkdir(parents=True)
    for name in ("train.py", "__pycache__/train.pyc"):
        (source / name).write_text(name)
    stored: dict[str, list[str]] = {}

    def download(lab: Any, uri: str, path: Path) -> Path:
        path.write_bytes((tmp_path / "artifact.tar.gz").read_bytes())
        return path

    def upload(lab: Any, path: Path, uri: str) -> str:
        with tarfile.open(path) as archive:
            stored[uri] = [name for name in archive.getnames() if Path(name).suffix]
        return uri

    monkeypatch.setattr(repack, "download", download)
    monkeypatch.setattr(repack, "upload", upload)
    lab: Any = None
    repack.with_code(lab, "s3://b/a", source, "s3://b/p")
    assert sorted(stored["s3://b/p"]) == ["./model.joblib", "code/train.py"]
