"""Long work is shown as it goes, with AWS's own statuses, log and reasons."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sagemaker.core.resources import Endpoint, TrainingJob, TransformJob
from sagemaker.core.transformer import Transformer

from labhelpers import Lab, LabError, training_curve, upload, watch
from labhelpers.errors import JobFailed, NotWatched

Printed = pytest.CaptureFixture[str]
Start = Callable[..., str]


@pytest.fixture(scope="module")
def failed(module_lab: Lab, train: Start) -> str:
    """A training job that lacks a hyperparameter; it has ended."""
    name = train(module_lab)
    with pytest.raises(JobFailed):
        watch(module_lab, name, logs=False)
    return name


def test_statuses_come_in_awss_order_and_the_log_within_training(
    lab: Lab, train: Start, capsys: Printed
) -> None:
    name = train(lab, num_round="3")
    assert watch(lab, name) == name
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [f"Training job {name}", "Starting", "Downloading", "Training"]
    assert lines[-3:-1] == ["Uploading", "Completed"]
    assert re.fullmatch(r"Billable seconds: \d+", lines[-1])
    log = lines[4:-3]
    assert all(line.startswith("    ") for line in log)
    assert [line[4:7] for line in log if "train-logloss" in line] == ["[0]", "[1]", "[2]"]
    assert "#011" not in "".join(log)


def test_a_job_that_has_ended_is_shown_the_same(
    module_lab: Lab, trained: str, capsys: Printed
) -> None:
    watch(module_lab, TrainingJob(training_job_name=trained))
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert lines[1:-1] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_without_the_log(module_lab: Lab, trained: str, capsys: Printed) -> None:
    watch(module_lab, trained, logs=False)
    assert len(capsys.readouterr().out.splitlines()) == 7


def test_of_many_rounds_only_some_are_shown(module_lab: Lab, trained: str, capsys: Printed) -> None:
    watch(module_lab, trained, every=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line[4:7] for line in lines if "train-logloss" in line] == ["[0]", "[2]", "[4]"]
    assert any("Single node training" in line for line in lines)


def test_a_job_that_is_stopped_is_no_failure(lab: Lab, train: Start, capsys: Printed) -> None:
    name = train(lab, num_round="10000000")
    lab.client("sagemaker").stop_training_job(TrainingJobName=name)
    assert watch(lab, name, logs=False) == name
    assert "Stopped" in capsys.readouterr().out.splitlines()


def test_a_job_that_fails_says_awss_reason(lab: Lab, train: Start, capsys: Printed) -> None:
    name = train(lab)
    with pytest.raises(JobFailed) as caught:
        watch(lab, name)
    job = lab.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert str(caught.value) == f"{name} failed: {job['FailureReason']}"
    assert "num_round" in str(caught.value)
    assert capsys.readouterr().out.splitlines()[-1] == "Failed"


def test_a_transform_job_with_what_became_of_its_objects(
    lab: Lab, transform: Start, capsys: Printed
) -> None:
    name = transform(lab)
    assert watch(lab, TransformJob(transform_job_name=name)) == name
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"Transform job {name}", "InProgress"]
    assert lines[-2] == "Completed"
    assert re.fullmatch(r"Billable seconds: [1-9]\d*", lines[-1])
    log = lines[2:-2]
    assert all(re.match(r"    [\d-]+T[\d:.]+:\[sagemaker logs\]: ", line) for line in log)
    assert "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD" in log[0]
    assert f"{lab.bucket}/sagemaker-labs/{lab.learner}/{lab.name}/{name}/records.csv" in log[1]


def test_a_transform_job_without_its_log(lab: Lab, transform: Start, capsys: Printed) -> None:
    name = transform(lab)
    watch(lab, TransformJob(transform_job_name=name), logs=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:-1] == [f"Transform job {name}", "InProgress", "Completed"]


def test_the_job_that_a_transformer_has_started(
    lab: Lab, transform: Start, capsys: Printed
) -> None:
    made = transform(lab)
    transformer = Transformer(
        sagemaker_session=lab.session,
        base_transform_job_name=lab.base_name,
        model_name=made,
        instance_type="ml.m5.large",
        instance_count=1,
        output_path=lab.uri(lab.name, "output"),
    )
    with pytest.raises(LabError, match="this is NoneType"):
        watch(lab, transformer)
    transformer.transform(
        lab.uri(lab.name, made) + "/", content_type="text/csv", split_type="Line", wait=False
    )
    name = watch(lab, transformer)
    assert name.startswith(lab.prefix)
    assert "Completed" in capsys.readouterr().out.splitlines()


def test_a_transform_job_that_fails_shows_both_logs_and_says_awss_reason(
    lab: Lab, transform: Start, capsys: Printed
) -> None:
    name = transform(lab, "setosa,0\n")
    with pytest.raises(JobFailed) as caught:
        watch(lab, TransformJob(transform_job_name=name))
    job = lab.client("sagemaker").describe_transform_job(TransformJobName=name)
    assert str(caught.value) == f"{name} failed: {job['FailureReason']}"
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Failed"
    boundary = lines.index("The container's own log:")
    assert any(line.endswith("records.csv: ClientError: 415") for line in lines[:boundary])
    assert any("setosa" in line for line in lines[boundary:])
    assert not any("[sagemaker logs]" in line for line in lines[boundary:])


def test_a_transform_job_that_is_stopped_is_no_failure(
    lab: Lab, endless: Start, capsys: Printed
) -> None:
    name = endless(lab)
    lab.client("sagemaker").stop_transform_job(TransformJobName=name)
    assert watch(lab, TransformJob(transform_job_name=name)) == name
    lines = capsys.readouterr().out.splitlines()
    assert "Stopped" in lines
    assert lines[-1].startswith("Billable seconds: ")


def test_a_transform_job_that_does_not_exist_is_named(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"The transform job nobody cannot be watched in us-east-1"):
        watch(lab, TransformJob(transform_job_name="nobody"))


@pytest.mark.parametrize("wrong", [None, 42, object(), ["a-job"]])
def test_something_that_cannot_be_watched(lab: Lab, wrong: Any) -> None:
    with pytest.raises(LabError, match=rf"watch takes a trainer .*this is {type(wrong).__name__}"):
        watch(lab, wrong)


def test_an_endpoint_until_it_answers(lab: Lab, deploy: Start, capsys: Printed) -> None:
    name = deploy(lab)
    assert watch(lab, Endpoint(endpoint_name=name)) == name
    assert capsys.readouterr().out.splitlines() == [f"Endpoint {name}", "Creating", "InService"]
    runtime = lab.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="1,0")
    assert float(answer["Body"].read()) > 0.5


@pytest.mark.slow
def test_an_endpoint_that_fails_says_awss_reason(
    lab: Lab, deploy: Start, tmp_path: Path, capsys: Printed
) -> None:
    (tmp_path / "xgboost-model").write_text("no model")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "xgboost-model", "xgboost-model")
    artifact = upload(lab, tmp_path / "model.tar.gz", lab.uri(lab.name) + "/")
    name = deploy(lab, artifact)
    with pytest.raises(JobFailed) as caught:
        watch(lab, Endpoint(endpoint_name=name))
    endpoint = lab.client("sagemaker").describe_endpoint(EndpointName=name)
    assert str(caught.value) == f"{name} failed: {endpoint['FailureReason']}"
    assert capsys.readouterr().out.splitlines()[-2:] == ["Creating", "Failed"]


def test_the_training_curve_is_a_row_a_round(module_lab: Lab, trained: str) -> None:
    curve = training_curve(module_lab, trained)
    assert curve.index.name == "round"
    assert curve.index.tolist() == [0, 1, 2, 3, 4]
    assert curve.columns.tolist() == ["train-logloss", "validation-logloss"]
    assert curve["train-logloss"].is_monotonic_decreasing
    # Both channels of this job are the same rows.
    pd.testing.assert_series_equal(
        curve["train-logloss"], curve["validation-logloss"], check_names=False
    )


def test_the_training_curve_is_what_the_log_says(
    module_lab: Lab, trained: str, capsys: Printed
) -> None:
    watch(module_lab, trained)
    last = re.findall(r"\[4\]\s+train-logloss:([\d.]+)", capsys.readouterr().out)
    curve = training_curve(module_lab, trained)
    assert [float(value) for value in last] == [curve["train-logloss"][4]]


def test_a_job_that_never_trained_has_no_curve(module_lab: Lab, failed: str) -> None:
    with pytest.raises(LabError, match=f"log of {failed} shows no rounds"):
        training_curve(module_lab, failed)


def test_a_job_that_is_not_there_has_no_curve(lab: Lab) -> None:
    with pytest.raises(LabError, match="log of labs-no-such-job shows no rounds"):
        training_curve(lab, "labs-no-such-job")


def test_a_processing_job_with_its_log(lab: Lab, process: Start, capsys: Printed) -> None:
    name = process(lab)
    assert watch(lab, name) == name
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"Processing job {name}", "InProgress"]
    assert "    All rows are there." in lines
    assert lines[-2] == "Completed"
    assert re.fullmatch(r"Billable seconds: \d+", lines[-1])
    watch(lab, name, logs=False)
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_processing_job_that_fails_says_awss_reason(
    lab: Lab, process: Start, capsys: Printed
) -> None:
    name = process(lab, "raise ValueError('no rows')")
    with pytest.raises(JobFailed) as caught:
        watch(lab, name)
    job = lab.client("sagemaker").describe_processing_job(ProcessingJobName=name)
    assert str(caught.value) == f"{name} failed: {job['FailureReason']}"
    assert "    ValueError: no rows" in capsys.readouterr().out.splitlines()


def test_anything_can_be_watched_by_its_name(
    lab: Lab, transform: Start, tune: Start, deploy: Start, process: Start, capsys: Printed
) -> None:
    """After a restart of the kernel, its name is all that is left of it."""
    for start, title in (
        (transform, "Transform job"), (tune, "Tuning job"), (deploy, "Endpoint"),
        (process, "Processing job"),
    ):  # fmt: skip
        name = start(lab)
        assert watch(lab, name) == name
        assert capsys.readouterr().out.startswith(f"{title} {name}\n")


def test_without_a_name_it_is_what_the_lab_has_started_last(
    lab: Lab,
    train: Start,
    transform: Start,
    tune: Start,
    deploy: Start,
    process: Start,
    capsys: Printed,
) -> None:
    for start in (train, tune, transform, process, deploy):
        name = start(lab, **({"num_round": "1"} if start is train else {}))
        assert watch(lab) == name
        assert name in capsys.readouterr().out.splitlines()[0]


def test_what_has_ended_is_shown_again_by_the_next_kernel(
    lab: Lab, tune: Start, capsys: Printed
) -> None:
    """The search, though its training jobs are newer."""
    name = tune(lab)
    watch(lab, name)
    first = capsys.readouterr().out
    assert watch(replace(lab)) == name
    assert capsys.readouterr().out == first


def test_a_lab_that_has_started_nothing_says_so(lab: Lab, train: Start) -> None:
    train(replace(lab, name="98-other"), num_round="1")
    with pytest.raises(LabError, match="99-tests has started no job and no endpoint yet"):
        watch(lab)


def test_who_stops_looking_is_told_that_it_goes_on(
    lab: Lab, train: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Lab, seconds: float = 0.0) -> None:
        raise KeyboardInterrupt

    name = train(lab, num_round="1")
    with monkeypatch.context() as patch:
        patch.setattr(Lab, "pause", interrupt)
        with pytest.raises(NotWatched, match=f"The training job {name} goes on") as raised:
            watch(lab, name)
    # Nothing of the HTTP client's is shown.
    assert raised.value.__suppress_context__
    assert watch(lab, name, logs=False) == name


def test_something_that_does_not_exist_is_named(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"The training job nobody cannot be watched in us-east-1: "):
        watch(lab, "nobody")
