"""Nothing of the course stays behind, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from sagemaker.core.resources import Endpoint

from labhelpers import Lab, clean_up, contents, leftovers, upload, watch
from labhelpers.errors import StorageError

from .things import Printed, Start, refusing


def test_clean_up_says_what_it_deleted_and_can_run_twice(
    lab: Lab, deployed: str, capsys: Printed
) -> None:
    clean_up(lab)
    assert capsys.readouterr().out.splitlines() == [
        f"Deleted endpoint {deployed}",
        f"Deleted endpoint configuration {deployed}",
        f"Deleted model {deployed}",
    ]
    clean_up(lab)
    said = capsys.readouterr().out
    assert said == "Nothing to clean up: this lab has no endpoint running.\n"


def test_after_clean_up_the_endpoint_is_gone(lab: Lab, deployed: str) -> None:
    clean_up(lab)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        lab.client("sagemaker").describe_endpoint(EndpointName=deployed)


def test_an_endpoint_that_is_being_created_is_waited_for(
    lab: Lab, deploy: Start, capsys: Printed
) -> None:
    name = deploy(lab)
    clean_up(lab)
    said = capsys.readouterr().out.splitlines()
    if said[0].startswith("The endpoint"):
        # Unless it was there already.
        assert said.pop(0) == (
            f"The endpoint {name} is Creating. AWS deletes it after that: waiting …"
        )
    assert said == [
        f"Deleted endpoint {name}",
        f"Deleted endpoint configuration {name}",
        f"Deleted model {name}",
    ]


def test_what_may_not_be_listed_keeps_nothing_else(
    lab: Lab, deployed: str, capsys: Printed
) -> None:
    """A role with an older policy: it knows nothing of a kind of job that a new lab brought."""
    narrow = refusing(lab, "ListProcessingJobs", "")
    clean_up(narrow)
    first, *others = capsys.readouterr().out.splitlines()
    assert first == (
        "The processing jobs were not looked for: this role may not list them. labs/policy.json "
        "allows it; paste it again if it is an older one."
    )
    assert f"Deleted endpoint {deployed}" in others
    leftovers(narrow)
    assert "The processing jobs were not looked for" in capsys.readouterr().out


def test_what_cannot_be_deleted_keeps_nothing_else_and_is_named_with_its_price(
    lab: Lab, deploy: Start, tmp_path: Path, capsys: Printed
) -> None:
    first, second = (watch(lab, Endpoint(endpoint_name=deploy(lab))) for _ in range(2))
    (tmp_path / "rows.csv").write_text("1,2\n")
    upload(lab, tmp_path / "rows.csv", lab.uri("in") + "/")
    capsys.readouterr()
    clean_up(refusing(lab, "DeleteEndpoint", first), data=[lab.uri("in")])
    assert capsys.readouterr().out.splitlines() == [
        f"Deleted endpoint {second}",
        f"Deleted 1 S3 object in {lab.uri('in')}/",
        f"NOT deleted: endpoint {first}, $0.115 an hour on AWS. You may not do that.",
        "Run this again, or delete it in the console of SageMaker AI.",
    ]
    # What an endpoint that stays needs has stayed.
    lab.client("sagemaker").describe_endpoint_config(EndpointConfigName=first)
    clean_up(lab)
    said = capsys.readouterr().out
    assert f"Deleted endpoint {first}" in said
    assert f"Deleted endpoint configuration {second}" in said


def test_a_job_that_cannot_be_stopped_keeps_no_endpoint(
    lab: Lab, deployed: str, train: Start, capsys: Printed
) -> None:
    job = train(lab, num_round="10000000")
    clean_up(refusing(lab, "StopTrainingJob", job))
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        f"Deleted endpoint {deployed}",
        f"Deleted endpoint configuration {deployed}",
        f"Deleted model {deployed}",
    ]
    assert said[3].startswith(f"NOT deleted: training job {job}, $0.115 an hour on AWS.")


def test_running_jobs_are_stopped_and_waited_for(
    lab: Lab, train: Start, tune: Start, capsys: Printed
) -> None:
    job, search = train(lab, num_round="10000000"), tune(lab, jobs=500)
    clean_up(lab)
    said = capsys.readouterr().out
    assert f"Stopped training job {job}" in said
    assert f"Stopped tuning job {search}" in said
    sagemaker = lab.client("sagemaker")
    described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=search)
    assert described["HyperParameterTuningJobStatus"] == "Stopped"
    found = sagemaker.list_training_jobs(NameContains=lab.prefix, StatusEquals="InProgress")
    assert found["TrainingJobSummaries"] == []


def test_two_learners_of_an_account_leave_each_other_alone(
    lab: Lab, deployed: str, capsys: Printed
) -> None:
    other = replace(lab, learner="zoe")
    clean_up(other, data=[other.uri("in")])
    assert leftovers(other, delete=True).empty
    with pytest.raises(StorageError):
        clean_up(other, data=[lab.uri("in")])
    lab.client("sagemaker").describe_endpoint(EndpointName=deployed)
    assert deployed in leftovers(other, everybody=True)["name"].tolist()


def test_a_model_that_is_kept_is_said_to_be(lab: Lab, deployed: str, capsys: Printed) -> None:
    for _ in range(2):
        clean_up(lab, keep_models=True)
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == f"Kept model {deployed} (a model costs nothing)"
    lab.client("sagemaker").describe_model(ModelName=deployed)


def test_data_that_is_named_goes_and_no_other(lab: Lab, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "rows.csv").write_text("1,2\n")
    for key in ("in/a.csv", "in/b.csv", "in2/a.csv", "out/a.csv.out"):
        upload(lab, tmp_path / "rows.csv", lab.uri(lab.name, key))
    clean_up(lab, data=[lab.uri(lab.name, "in"), lab.uri(lab.name, "out") + "/"])
    assert capsys.readouterr().out.splitlines() == [
        f"Deleted 2 S3 objects in {lab.uri(lab.name, 'in')}/",
        f"Deleted 1 S3 object in {lab.uri(lab.name, 'out')}/",
    ]
    assert contents(lab, lab.uri(lab.name))["key"].tolist() == ["in2/a.csv"]
    clean_up(lab, data=[lab.uri(lab.name, "in")])
    assert capsys.readouterr().out == "Nothing to clean up: this lab has no endpoint running.\n"


@pytest.mark.parametrize("elsewhere", ["s3://{0}/", "s3://{0}/other", "s3://mine/sagemaker-labs/a"])
def test_data_that_is_not_the_courses_is_not_deleted(
    lab: Lab, deployed: str, elsewhere: str, capsys: Printed
) -> None:
    uri = elsewhere.format(lab.bucket)
    with pytest.raises(StorageError, match=f"{uri.rstrip('/')}/ is not yours"):
        clean_up(lab, data=[uri])
    assert capsys.readouterr().out == ""
    lab.client("sagemaker").describe_endpoint(EndpointName=deployed)


def test_clean_up_leaves_other_labs_alone(
    module_lab: Lab, lab: Lab, deployed: str, capsys: Printed
) -> None:
    clean_up(module_lab)
    assert deployed not in capsys.readouterr().out
    lab.client("sagemaker").describe_endpoint(EndpointName=deployed)


def test_images_that_are_named_go_with_their_repository(
    lab: Lab, push: Callable[[str], str], capsys: Printed
) -> None:
    mine, other = push(lab.repository("mine")), push(lab.repository("other"))
    clean_up(lab, images=[mine])
    assert capsys.readouterr().out == f"Deleted repository {mine} and its images\n"
    ecr = lab.client("ecr")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=[mine])
    ecr.describe_repositories(repositoryNames=[other])
    clean_up(lab, images=[mine])
    assert capsys.readouterr().out == "Nothing to clean up: this lab has no endpoint running.\n"


def test_images_that_are_not_the_courses_are_not_deleted(
    lab: Lab, deployed: str, push: Callable[[str], str], capsys: Printed
) -> None:
    name = push("sagemaker-labs-somebody-else")
    with pytest.raises(StorageError, match=f"{name} is not yours: only {lab.repository('…')} goes"):
        clean_up(lab, images=[name])
    assert capsys.readouterr().out == ""
    lab.client("ecr").describe_repositories(repositoryNames=[name])
    lab.client("sagemaker").describe_endpoint(EndpointName=deployed)
