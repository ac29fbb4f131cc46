"""What goes wrong, and what a user stops or deletes: the search goes on, or ends and says why."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import LOST, Life, eventually

from ..pushed import push
from .tunings import FILES, UNIT, Tunings, letters, settings, value


def numbers(values: list[str]) -> dict[str, Any]:
    return {"CategoricalParameterRanges": [{"Name": "x", "Values": values}]}


def running(tunings: Tunings, name: str, number: int = 1) -> list[dict[str, Any]]:
    """The training jobs, once so many have said a value and go on."""
    tunings.until(name, lambda job: job["TrainingJobStatusCounters"]["InProgress"] >= number)
    return tunings.children(name)


def test_a_training_job_that_fails_counts_and_the_search_goes_on(
    tunings: Tunings, name: str
) -> None:
    config = settings("loss", numbers(["1", "9", "2", "8"]), 4, 1, Strategy="Grid")
    job = tunings.run(name, config, tunings.definition({"fails_above": "5"}))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    counters = job["TrainingJobStatusCounters"]
    assert (counters["Completed"], counters["NonRetryableError"]) == (2, 2)
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 0, "Failed": 2}
    assert value(job["BestTrainingJob"]) == 2
    (failed, _) = tunings.children(name, StatusEquals="Failed")
    assert failed["FailureReason"] == "AlgorithmError: x is too much, exit code: 1"
    assert failed["ObjectiveStatus"] == "Failed"
    # It had said a value before it failed; that does not count.
    assert "FinalHyperParameterTuningJobObjectiveMetric" not in failed
    assert len(tunings.children(name, SortBy="FinalObjectiveMetricValue")) == 2


def test_a_bayesian_search_bears_failures(tunings: Tunings, name: str) -> None:
    ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "10"}]}
    config = settings("loss", ranges, 10, 2, Strategy="Bayesian", RandomSeed=1)
    job = tunings.run(name, config, tunings.definition({"fails_above": "5"}))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    counters = job["TrainingJobStatusCounters"]
    assert counters["Completed"] + counters["NonRetryableError"] == 10
    assert counters["NonRetryableError"] >= 1


def test_when_none_of_the_first_succeeds_the_search_gives_up(tunings: Tunings, name: str) -> None:
    job = tunings.run(
        name, settings("loss", UNIT, 30, 1), tunings.definition({"fails_above": "-1"})
    )
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 5
    assert "BestTrainingJob" not in job


def test_a_metric_that_is_never_printed_fails_the_objective_and_not_the_training_jobs(
    tunings: Tunings, name: str
) -> None:
    job = tunings.run(name, settings("branin", UNIT, 2, 1), tunings.definition())
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 2
    assert job["ObjectiveStatusCounters"]["Failed"] == 2


def test_stop_stops_the_training_jobs_and_begins_no_more(
    tunings: Tunings, sagemaker: Any, name: str
) -> None:
    config = settings("loss", letters("abcdef"), 6, 2, Strategy="Grid")
    tunings.create(name, config, tunings.definition({"waits": "c"}))
    tunings.until(name, lambda job: job["TrainingJobStatusCounters"]["Completed"] >= 2)
    with pytest.raises(ClientError, match="is in status InProgress"):
        sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    # Twice is no mistake, as long as it has not ended.
    job = tunings.ended(name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    children = tunings.children(name)
    statuses = {
        child["TunedHyperParameters"]["c"]: child["TrainingJobStatus"] for child in children
    }
    assert statuses["a"] == statuses["b"] == "Completed"
    assert statuses["c"] == "Stopped"
    assert job["BestTrainingJob"]["ObjectiveStatus"] == "Succeeded"
    for child in children:
        found = sagemaker.describe_training_job(TrainingJobName=child["TrainingJobName"])
        assert found["TrainingJobStatus"] == child["TrainingJobStatus"]
    with pytest.raises(ClientError, match="the hyperparameter tuning job is in status Stopped"):
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)


def test_a_training_job_that_the_user_stops_counts_with_its_value_and_the_search_goes_on(
    tunings: Tunings, sagemaker: Any, log_of: Any, name: str
) -> None:
    config = settings("loss", letters("ab"), 2, 1, Strategy="Grid")
    tunings.create(name, config, tunings.definition({"waits": "a"}))
    (child,) = running(tunings, name)
    job_name = child["TrainingJobName"]
    eventually(lambda: "TrainingStartTime" in tunings.children(name)[0], "it trains")
    eventually(lambda: "loss=1.000000" in log_of(job_name), "it has said a value")
    sagemaker.stop_training_job(TrainingJobName=job_name)
    job = tunings.ended(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 1
    assert job["TrainingJobStatusCounters"]["Completed"] == 1
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 2


def test_a_training_job_that_the_user_deletes_stays_in_the_list(
    tunings: Tunings, sagemaker: Any, name: str
) -> None:
    tunings.run(name, settings("loss", UNIT, 2, 1), tunings.definition())
    before = tunings.children(name)
    sagemaker.delete_training_job(TrainingJobName=before[0]["TrainingJobName"])
    assert tunings.children(name) == before
    assert tunings.describe(name)["ObjectiveStatusCounters"]["Succeeded"] == 2


def test_after_a_kill_it_has_failed_and_its_finished_training_jobs_are_intact(life: Life) -> None:
    sagemaker, s3, ecr = life.client("sagemaker"), life.client("s3"), life.client("ecr")
    s3.create_bucket(Bucket="kept")
    ecr.create_repository(repositoryName="sagemaker-searched")
    tunings = Tunings(sagemaker, push(ecr, "sagemaker-searched", FILES), "kept")
    tunings.run("done", settings("loss", UNIT, 2, 1), tunings.definition())
    done, of_done = tunings.describe("done"), tunings.children("done")
    config = settings("loss", letters("abcd"), 4, 2, Strategy="Grid")
    tunings.create("lost", config, tunings.definition({"waits": "c"}), Tags=[
        {"Key": "a", "Value": "b"}])  # fmt: skip
    # The one that waits is all that is left: no other can end before the kill.
    tunings.until("lost", lambda job: job["TrainingJobStatusCounters"]["Completed"] == 3)
    before = tunings.children("lost")

    life.kill()
    life.begin()

    tunings.sagemaker = sagemaker = life.client("sagemaker")
    job = tunings.describe("lost")
    assert (job["HyperParameterTuningJobStatus"], job["FailureReason"]) == ("Failed", LOST)
    assert job["HyperParameterTuningEndTime"] >= job["CreationTime"]
    after = tunings.children("lost")
    finished = [child for child in before if child["TrainingJobStatus"] == "Completed"]
    assert [child for child in after if child["TrainingJobStatus"] == "Completed"] == finished
    assert job["BestTrainingJob"] in finished
    assert job["TrainingJobStatusCounters"]["InProgress"] == 0
    for child in after:
        found = sagemaker.describe_training_job(TrainingJobName=child["TrainingJobName"])
        assert found["TrainingJobStatus"] == child["TrainingJobStatus"]
    (lost, *_) = [child for child in after if child["TrainingJobStatus"] == "Failed"]
    assert lost["FailureReason"] == LOST
    # A platform's error, which another attempt may not meet.
    assert job["TrainingJobStatusCounters"]["RetryableError"] >= 1
    kept = sagemaker.list_tags(ResourceArn=job["HyperParameterTuningJobArn"])["Tags"]
    assert kept == [{"Key": "a", "Value": "b"}]
    again = tunings.describe("done")
    assert (again | {"ResponseMetadata": None}) == (done | {"ResponseMetadata": None})
    assert tunings.children("done") == of_done


def test_children_do_not_outlive_a_clean_stop(life: Life) -> None:
    ecr = life.client("ecr")
    life.client("s3").create_bucket(Bucket="kept")
    ecr.create_repository(repositoryName="sagemaker-searched")
    image = push(ecr, "sagemaker-searched", FILES)
    tunings = Tunings(life.client("sagemaker"), image, "kept")
    tunings.create("t", settings("loss", UNIT, 4, 2), tunings.definition({"waits": "always"}))
    running(tunings, "t", 2)
    life.end(clean=True)
    life.begin()
    tunings.sagemaker = life.client("sagemaker")
    job = tunings.describe("t")
    assert (job["HyperParameterTuningJobStatus"], job["FailureReason"]) == ("Failed", LOST)
    assert job["TrainingJobStatusCounters"]["InProgress"] == 0
