"""What a lab has left is found by its name, the newest of it, and only what can still be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from labhelpers import Lab, clean_up, latest_model, latest_training_job, leftovers, upload, watch

Start = Callable[..., str]


@pytest.fixture
def successor(lab: Lab) -> Lab:
    """A lab that looks for what `lab` has left."""
    return replace(lab, name="98-successor")


def model(lab: Lab, artifact: str, name: str = "") -> str:
    name = name or lab.resource_name()
    lab.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={
            "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
            "ModelDataUrl": artifact,
        },
        ExecutionRoleArn=lab.role,
    )
    return name


@pytest.fixture
def artifact(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("model") / "model.tar.gz"
    path.write_bytes(b"")
    return upload(lab, path, lab.uri(lab.name, "model.tar.gz"))


def test_the_newest_model_of_another_lab(lab: Lab, successor: Lab, artifact: str) -> None:
    assert latest_model(successor, lab.name) is None
    names = [model(lab, artifact) for _ in range(3)]
    assert latest_model(successor, lab.name) == names[-1]
    assert latest_model(lab) == names[-1]
    assert latest_model(successor) is None


def test_a_model_of_more_than_a_page_ago_is_found(lab: Lab, artifact: str) -> None:
    # NameContains finds these, too: their names hold the lab's, but do not start with it.
    ours = model(lab, artifact)
    theirs = [model(lab, artifact, f"a{number}-{ours}") for number in range(12)]
    assert latest_model(lab) == ours
    for name in theirs:
        lab.client("sagemaker").delete_model(ModelName=name)


def test_a_model_whose_artifact_is_gone_is_passed_over(
    lab: Lab, artifact: str, tmp_path: Path
) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"")
    good = model(lab, artifact)
    other = model(lab, upload(lab, tmp_path / "model.tar.gz", lab.uri(lab.name, "other") + "/"))
    assert latest_model(lab) == other
    clean_up(lab, keep_models=True, data=[lab.uri(lab.name, "other")])
    assert latest_model(lab) == good


def test_a_model_that_was_made_with_a_data_source(lab: Lab, artifact: str) -> None:
    source = {
        "S3Uri": artifact, "S3DataType": "S3Object", "CompressionType": "Gzip",
    }  # fmt: skip
    name = lab.resource_name()
    lab.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer={
            "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
            "ModelDataSource": {"S3DataSource": source},
        },
        ExecutionRoleArn=lab.role,
    )
    assert latest_model(lab) == name


def test_after_a_sweep_there_is_none(lab: Lab, artifact: str) -> None:
    model(lab, artifact)
    leftovers(lab, delete=True)
    assert latest_model(lab) is None


def test_the_newest_training_job_that_has_completed(lab: Lab, successor: Lab, train: Start) -> None:
    assert latest_training_job(successor, lab.name) is None
    completed = [watch(lab, train(lab, num_round="1"), logs=False) for _ in range(2)]
    running = train(lab, num_round="10000000")
    assert latest_training_job(successor, lab.name) == completed[-1]
    lab.client("sagemaker").stop_training_job(TrainingJobName=running)
    watch(lab, running, logs=False)
    assert latest_training_job(lab) == completed[-1]
