"""What the course has left is found with its price, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import boto3
import pandas as pd
import pytest
from botocore.awsrequest import AWSResponse
from sagemaker.core.resources import TransformJob

from labhelpers import Lab, clean_up, contents, leftovers, watch

from .things import Printed, Start, rows


@pytest.fixture
def foreign(module_lab: Lab, train: Start) -> Iterator[str]:
    """A running job that is not the course's, though the prefix is in its name."""
    sagemaker = module_lab.client("sagemaker")
    name = train(module_lab, f"my-{module_lab.resource_name()}", num_round="10000000")
    yield name
    sagemaker.stop_training_job(TrainingJobName=name)
    watch(module_lab, name, logs=False)


def test_leftovers_are_listed_with_their_price(lab: Lab, deployed: str, capsys: Printed) -> None:
    table = leftovers(lab)
    assert table.columns.tolist() == ["kind", "name", "dollars an hour"]
    assert rows(table, deployed) == {
        "endpoint": 0.115, "endpoint configuration": 0.0, "model": 0.0,
    }  # fmt: skip
    cost = table["dollars an hour"].sum()
    expected = f"{len(table)} things left by the course, ${cost:.3f} an hour on AWS\n"
    assert capsys.readouterr().out == expected


def test_a_price_that_is_not_known_is_not_said_to_be_nothing(lab: Lab, deploy: Start) -> None:
    name = deploy(lab, instance="ml.m5.24xlarge")
    assert pd.isna(rows(leftovers(lab), name)["endpoint"])


def test_a_role_that_may_not_list_repositories_still_sees_the_rest(
    lab: Lab, deployed: str, capsys: Printed
) -> None:
    """labcloud lets every role do everything: AWS's refusal is put in its place."""
    session = boto3.Session()
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
    refusal = (AWSResponse("", 400, {}, None), denied)
    session.events.register("before-call.ecr.DescribeRepositories", lambda **_: refusal)
    narrow = replace(lab, session=SimpleNamespace(boto_session=session))
    assert rows(leftovers(narrow), deployed)["endpoint"] == 0.115
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "Images were not looked for: this role may not list the repositories of ECR."


def test_transform_jobs_are_leftovers_while_they_run(
    lab: Lab, transform: Start, endless: Start
) -> None:
    ended = watch(lab, TransformJob(transform_job_name=transform(lab)))
    running, foreign = endless(lab), endless(lab, f"my-{lab.resource_name()}")
    table = leftovers(lab)
    free = {"model": 0.0, "S3 object": 0.0}
    assert rows(table, running) == {"transform job": 0.115, **free}
    assert rows(table, ended) == free
    assert rows(table, foreign) == {"S3 object": 0.0}
    for name in (running, foreign):
        lab.client("sagemaker").stop_transform_job(TransformJobName=name)
        watch(lab, TransformJob(transform_job_name=name), logs=False)
    lab.client("sagemaker").delete_model(ModelName=foreign)


def test_a_processing_job_is_stopped_and_is_left_over_while_it_runs(
    lab: Lab, process: Start, capsys: Printed
) -> None:
    running = process(lab, "import threading; threading.Event().wait()")
    assert rows(leftovers(lab), running) == {"processing job": 0.115}
    capsys.readouterr()
    clean_up(lab)
    assert capsys.readouterr().out.splitlines() == [f"Stopped processing job {running}"]
    assert rows(leftovers(lab), running) == {}


def test_leftovers_are_deleted_with_their_data(
    lab: Lab, deployed: str, train: Start, endless: Start, capsys: Printed
) -> None:
    job, transform_job = train(lab, num_round="10000000"), endless(lab)
    table = leftovers(lab, delete=True)
    assert rows(table, job) == {"training job": 0.115}
    assert rows(table, transform_job)["transform job"] == 0.115
    assert (
        f"s3://{lab.bucket}/sagemaker-labs/{lab.learner}/{lab.name}/rows.csv"
        in table["name"].tolist()
    )
    assert capsys.readouterr().out.splitlines()[-1] == f"Deleted {len(table)} of them"
    described = lab.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert described["TrainingJobStatus"] == "Stopped"
    assert contents(lab, lab.uri(lab.name)).empty
    assert rows(leftovers(lab), lab.learner) == {}


def test_a_job_that_is_not_the_courses_goes_on(lab: Lab, foreign: str) -> None:
    assert foreign not in leftovers(lab, delete=True)["name"].tolist()
    job = lab.client("sagemaker").describe_training_job(TrainingJobName=foreign)
    assert job["TrainingJobStatus"] == "InProgress"


def test_repositories_are_leftovers_that_are_paid_by_the_month(
    lab: Lab, push: Callable[[str], str], capsys: Printed
) -> None:
    name, foreign = push(lab.repository("mine")), push("sagemaker-mine")
    assert rows(leftovers(lab), name) == {"repository": 0.0}
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Images are paid by the month: 0.00 GB in ECR, $0.00 a month on AWS"
    )
    assert foreign not in leftovers(lab, delete=True)["name"].tolist()
    assert capsys.readouterr().out.splitlines()[-1].startswith("Deleted ")
    assert rows(leftovers(lab), name) == {}
    lab.client("ecr").describe_repositories(repositoryNames=[foreign])


def test_a_running_search_is_found_and_stopped(lab: Lab, tune: Start) -> None:
    name = tune(lab, jobs=500)
    table = leftovers(lab, delete=True)
    assert rows(table, name)["tuning job"] == 0
    job = lab.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
