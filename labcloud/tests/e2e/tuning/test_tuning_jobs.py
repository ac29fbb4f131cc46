"""A tuning job through boto3: what a user sees of it, and of its training jobs."""

from __future__ import annotations

import datetime
import json
import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud.sagemaker.shown import single
from labcloud.timings import Timings

from .tunings import ENDED, UNIT, Tunings, letters, settings, value

ARN = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job"
RANGES = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
    ],
    "CategoricalParameterRanges": [{"Name": "tree_method", "Values": ["hist", "exact"]}],
}
TAGS = [{"Key": "course", "Value": "labs"}]


@pytest.fixture(scope="module")
def searched(tunings: Tunings) -> dict[str, Any]:
    """A finished search of the built-in XGBoost: six jobs, two at a time."""
    config = settings("validation:rmse", RANGES, 6, Strategy="Bayesian", RandomSeed=3)
    definition = tunings.xgboost(Environment={"WHERE": "here"})
    return tunings.run("searched", config, definition, Tags=TAGS)


def test_it_completes_with_all_its_training_jobs_counted(searched: dict[str, Any]) -> None:
    assert searched["HyperParameterTuningJobStatus"] == "Completed", searched.get("FailureReason")
    assert searched["HyperParameterTuningJobArn"] == f"{ARN}/searched"
    assert searched["TrainingJobStatusCounters"] == {
        "Completed": 6, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0,
    }  # fmt: skip
    assert searched["ObjectiveStatusCounters"] == {"Succeeded": 6, "Pending": 0, "Failed": 0}
    assert searched["CreationTime"] <= searched["HyperParameterTuningEndTime"]
    assert searched["ConsumedResources"]["RuntimeInSeconds"] >= 1
    assert "FailureReason" not in searched


def test_the_best_is_the_one_with_the_lowest_value(
    tunings: Tunings, searched: dict[str, Any]
) -> None:
    best, children = searched["BestTrainingJob"], tunings.children("searched")
    assert best == min(children, key=value)
    final = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert final == {"MetricName": "validation:rmse", "Value": single(final["Value"])}
    assert best["ObjectiveStatus"] == "Succeeded"


def test_its_training_jobs_are_named_as_on_aws(tunings: Tunings, searched: dict[str, Any]) -> None:
    names = [child["TrainingJobName"] for child in tunings.children("searched")]
    assert all(re.fullmatch(r"searched-\d{3}-[0-9a-f]{8}", name) for name in names)
    assert [name.split("-")[1] for name in names] == [f"{n:03}" for n in range(1, 7)]


def test_each_is_a_training_job_as_any_other(
    tunings: Tunings, sagemaker: Any, log_of: Any, client: Any, searched: dict[str, Any]
) -> None:
    for child in tunings.children("searched"):
        name = child["TrainingJobName"]
        job = sagemaker.describe_training_job(TrainingJobName=name)
        assert job["TuningJobArn"] == searched["HyperParameterTuningJobArn"]
        assert job["HyperParameters"] == {
            "_tuning_objective_metric": "validation:rmse",
            "objective": "reg:squarederror",
            "num_round": "10",
            **child["TunedHyperParameters"],
        }
        assert job["Environment"] == {"WHERE": "here"}
        final = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
        assert final["ObjectiveMetric"] == final["validation:rmse"] == value(child)
        assert child["TrainingJobStatus"] == job["TrainingJobStatus"]
        for field in ("TrainingStartTime", "TrainingEndTime", "CreationTime"):
            assert child[field] == job[field].replace(microsecond=0)
        assert any("validation-rmse" in line for line in log_of(name))
        bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"][5:].partition("/")
        assert client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    listed = sagemaker.list_training_jobs(NameContains="searched-0", MaxResults=100)
    assert len(listed["TrainingJobSummaries"]) == 6


def test_describe_shows_the_definition_with_what_aws_adds_to_it(searched: dict[str, Any]) -> None:
    definition = searched["TrainingJobDefinition"]
    assert definition["StaticHyperParameters"] == {
        "_tuning_objective_metric": "validation:rmse",
        "objective": "reg:squarederror",
        "num_round": "10",
    }
    metrics = definition["AlgorithmSpecification"]["MetricDefinitions"]
    regexes = {each["Name"]: each["Regex"] for each in metrics}
    assert regexes["ObjectiveMetric"] == regexes["validation:rmse"]
    assert "train:auc" in regexes
    assert len(metrics) <= 40
    for member in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        assert definition[member] is False
    (channel, _) = definition["InputDataConfig"]
    assert (channel["CompressionType"], "RecordWrapperType" in channel) == ("None", False)
    depths = {"Name": "max_depth", "MinValue": "1", "MaxValue": "6", "ScalingType": "Auto"}
    assert searched["HyperParameterTuningJobConfig"]["ParameterRanges"] == RANGES | {
        "IntegerParameterRanges": [depths]
    }


def test_its_arn_is_in_lower_case_and_those_of_its_training_jobs_are_not(
    tunings: Tunings, name: str
) -> None:
    called = f"Camel-{name}"
    arn = tunings.create(called, settings("loss", UNIT, 1, 1), tunings.definition())
    assert arn == f"{ARN}/{called.lower()}"
    assert tunings.ended(called)["HyperParameterTuningJobArn"] == arn
    (child,) = tunings.children(called)
    job = child["TrainingJobName"]
    assert job.startswith(called)
    assert child["TrainingJobArn"].endswith(f":training-job/{job}")
    sagemaker = tunings.sagemaker
    assert sagemaker.describe_training_job(TrainingJobName=job)["TuningJobArn"] == arn
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_tuned_values_lie_in_their_ranges(tunings: Tunings, searched: dict[str, Any]) -> None:
    for tuned in tunings.tuned("searched"):
        assert tuned.keys() == {"max_depth", "eta", "tree_method"}
        assert int(tuned["max_depth"]) in range(1, 7)
        assert 0.05 <= float(tuned["eta"]) <= 0.5
        assert tuned["tree_method"] in ("hist", "exact")


def test_tags_are_passed_on_and_can_be_changed(
    tunings: Tunings, sagemaker: Any, searched: dict[str, Any]
) -> None:
    arn = searched["HyperParameterTuningJobArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS
    for child in tunings.children("searched"):
        assert sagemaker.list_tags(ResourceArn=child["TrainingJobArn"])["Tags"] == TAGS
    more = [{"Key": "more", "Value": "1"}]
    sagemaker.add_tags(ResourceArn=arn, Tags=more)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS + more
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["more"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == TAGS


def test_its_training_jobs_are_sorted_paged_and_filtered(
    tunings: Tunings, sagemaker: Any, searched: dict[str, Any]
) -> None:
    children = tunings.children("searched")
    by_value = tunings.children("searched", SortBy="FinalObjectiveMetricValue")
    assert by_value == sorted(children, key=value)
    newest = tunings.children("searched", SortBy="CreationTime", SortOrder="Descending")
    assert newest == children[::-1]
    assert tunings.children("searched", StatusEquals="Completed") == children
    assert tunings.children("searched", StatusEquals="Failed") == []
    pages = sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
        HyperParameterTuningJobName="searched", SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending", PaginationConfig={"PageSize": 4},
    )  # fmt: skip
    found = [page["TrainingJobSummaries"] for page in pages]
    assert [len(page) for page in found] == [4, 2]
    assert [*found[0], *found[1]] == by_value[::-1]


def test_tuning_jobs_are_listed_by_name_and_filtered(
    tunings: Tunings, sagemaker: Any, searched: dict[str, Any]
) -> None:
    for name in ("listed-b", "listed-a"):
        tunings.run(name, settings("loss", UNIT, 1, 1), tunings.definition())

    def listed(**arguments: Any) -> list[str]:
        found = sagemaker.list_hyper_parameter_tuning_jobs(NameContains="listed-", **arguments)
        summaries = found["HyperParameterTuningJobSummaries"]
        return [each["HyperParameterTuningJobName"] for each in summaries]

    assert listed() == ["listed-a", "listed-b"]
    assert listed(SortBy="CreationTime") == ["listed-b", "listed-a"]
    assert listed(SortOrder="Descending", MaxResults=1) == ["listed-b"]
    assert listed(StatusEquals="InProgress") == []
    day = datetime.timedelta(days=1)
    assert listed(CreationTimeAfter=searched["CreationTime"] + day) == []
    pages = sagemaker.get_paginator("list_hyper_parameter_tuning_jobs").paginate(
        NameContains="LISTED-", PaginationConfig={"PageSize": 1}
    )
    assert [len(page["HyperParameterTuningJobSummaries"]) for page in pages] == [1, 1]
    (summary,) = sagemaker.list_hyper_parameter_tuning_jobs(NameContains="searched")[
        "HyperParameterTuningJobSummaries"
    ]
    for field in ("HyperParameterTuningJobArn", "HyperParameterTuningJobStatus", "CreationTime",
                  "HyperParameterTuningEndTime", "TrainingJobStatusCounters",
                  "ObjectiveStatusCounters"):  # fmt: skip
        assert summary[field] == searched[field]
    assert summary["Strategy"] == "Bayesian"
    assert summary["ResourceLimits"]["MaxParallelTrainingJobs"] == 2


def test_each_describe_shows_news(tunings: Tunings, name: str) -> None:
    """It waits until a training job begins or ends, so whoever polls sees no state twice."""
    tunings.create(name, settings("loss", UNIT, 4, 1), tunings.definition())
    seen: list[tuple[str, dict[str, int]]] = []
    while not seen or seen[-1][0] not in ENDED:
        began = time.monotonic()
        job = tunings.describe(name)
        found = (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"])
        # Where there is no news for so long, it says the same again.
        if found not in seen[-1:] or time.monotonic() - began < Timings.describe:
            seen.append(found)
    # Four begin, four end, and the tuning job does; nothing else can be seen, and nothing twice.
    assert len(seen) <= 10
    assert len({json.dumps(each) for each in seen}) == len(seen)


def test_when_it_is_deleted_its_training_jobs_stay(
    tunings: Tunings, sagemaker: Any, name: str
) -> None:
    tunings.run(name, settings("loss", UNIT, 1, 1), tunings.definition())
    (child,) = tunings.children(name)
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    with pytest.raises(ClientError, match="can't find a tuning job called"):
        tunings.describe(name)
    job = sagemaker.describe_training_job(TrainingJobName=child["TrainingJobName"])
    assert job["TrainingJobStatus"] == "Completed"


def test_several_definitions_take_turns(tunings: Tunings, name: str) -> None:
    config = settings("loss", None, 4, 1)
    del config["HyperParameterTuningJobObjective"]
    definitions = [
        tunings.definition(static) | {
            "DefinitionName": which,
            "TuningObjective": {"Type": "Minimize", "MetricName": "loss"},
            "HyperParameterRanges": ranges,
        }
        for which, static, ranges in (
            ("letters", {"x": "-1"}, letters("abc")),
            ("numbers", {"epochs": "2"}, UNIT),
        )
    ]  # fmt: skip
    job = tunings.run(name, config, None, TrainingJobDefinitions=definitions)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    children = tunings.children(name)
    assert [child["TrainingJobDefinitionName"] for child in children] == [
        "letters", "numbers", "letters", "numbers",
    ]  # fmt: skip
    assert [set(child["TunedHyperParameters"]) for child in children] == [
        {"c"}, {"x"}, {"c"}, {"x"},
    ]  # fmt: skip
    assert job["BestTrainingJob"]["TrainingJobDefinitionName"] == "letters"
    assert value(job["BestTrainingJob"]) == 0
    assert [each["DefinitionName"] for each in job["TrainingJobDefinitions"]] == [
        "letters", "numbers",
    ]  # fmt: skip
