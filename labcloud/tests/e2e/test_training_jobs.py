"""Training jobs through boto3: what a user sees of one from its creation to its artifact."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pyarrow
import pytest
import xgboost as xgb
from botocore.exceptions import ClientError
from pyarrow import parquet

from labcloud.sagemaker.shown import single

from .pushed import push

# Every refusal of the container comes to the same words in FailureReason.
FAILURE = "AlgorithmError: "
SLOW = {"objective": "reg:squarederror", "num_round": "1000000", "max_depth": "1"}


def unpack(client: Callable[[str], Any], uri: str) -> tarfile.TarFile:
    url = urlsplit(uri)
    body = client("s3").get_object(Bucket=url.netloc, Key=url.path.lstrip("/"))["Body"].read()
    return tarfile.open(fileobj=io.BytesIO(body))


def test_parquet_is_read_where_there_are_no_data_frames(
    sagemaker: Any, client: Callable[[str], Any], request_of: Any, finished: Any, bucket: str,
    log_of: Any, name: str,
) -> None:  # fmt: skip
    """A worker has pyarrow and no pandas."""
    table = pyarrow.table({"label": [1.0, 2.0, 3.0], "a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 0.0]})
    content = io.BytesIO()
    parquet.write_table(table, content)
    client("s3").put_object(Bucket=bucket, Key=f"{name}/data.parquet", Body=content.getvalue())
    case = {
        "channels": {"train": name},
        "content_type": "application/x-parquet",
        "hyperparameters": {"objective": "reg:squarederror", "num_round": "2"},
    }
    sagemaker.create_training_job(**request_of(name, case))
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert any("Train matrix has 3 rows and 2 columns" in line for line in log_of(name))


def test_every_recorded_case_comes_out_as_recorded(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, log_of: Any
) -> None:
    """All cases at once, more than there are cores: none is lost, none takes another's result."""
    cases = {id: case for id, case in golden.items() if id != "files"}
    for id, case in cases.items():
        sagemaker.create_training_job(**request_of(f"golden-{id}", case))
    for id, case in cases.items():
        job, expected = finished(f"golden-{id}"), case["expected"]
        if expected["exit_code"]:
            assert job["TrainingJobStatus"] == "Failed", id
            assert job["FailureReason"].startswith(FAILURE)
            assert expected["failure_contains"][:400] in job["FailureReason"]
            continue
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        if id in ("kfold", "gblinear"):
            continue
        last = expected["metrics"][-1]
        line = "#011".join(
            [f"[{last['round']}]", *[f"{k}:{v:.5f}" for k, v in last.items() if k != "round"]]
        )
        assert line in log_of(f"golden-{id}")
        for metric in job.get("FinalMetricDataList", []):
            assert metric["Value"] == single(last[metric["MetricName"].replace(":", "-")])


def test_the_statuses_follow_each_other_as_on_aws(trained: dict[str, Any]) -> None:
    transitions = trained["SecondaryStatusTransitions"]
    assert [(step["Status"], step["StatusMessage"]) for step in transitions] == [
        ("Starting", "Preparing the instances for training"),
        ("Downloading", "Downloading the training image"),
        ("Training", "Training image download completed. Training in progress."),
        ("Uploading", "Uploading generated training model"),
        ("Completed", "Training job completed"),
    ]
    assert all(
        step["StartTime"] <= step["EndTime"] == after["StartTime"]
        for step, after in pairwise(transitions)
    )


def test_the_time_of_a_training_is_from_its_download_to_its_end(trained: dict[str, Any]) -> None:
    starting, downloading, *_, completed = trained["SecondaryStatusTransitions"]
    assert trained["CreationTime"] == starting["StartTime"]
    began, over = trained["TrainingStartTime"], trained["TrainingEndTime"]
    assert starting["EndTime"] == downloading["StartTime"] == began
    assert completed["StartTime"] == completed["EndTime"] == over
    whole = over.replace(microsecond=0) - began.replace(microsecond=0)
    seconds = max(1, int(whole.total_seconds()))
    assert trained["TrainingTimeInSeconds"] == trained["BillableTimeInSeconds"] == seconds


def test_the_artifact_is_a_model_that_xgboost_loads(
    client: Callable[[str], Any], trained: dict[str, Any], bucket: str
) -> None:
    uri = trained["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{bucket}/output/trained-for-all/output/model.tar.gz"
    with unpack(client, uri) as archive:
        assert archive.getnames() == ["xgboost-model"]
        content = archive.extractfile("xgboost-model")
        assert content is not None
        booster = xgb.Booster(model_file=bytearray(content.read()))
    assert booster.num_boosted_rounds() == 8


def test_the_final_metrics_are_the_last_round_s(
    trained: dict[str, Any], golden: dict[str, Any]
) -> None:
    last = golden["softprob"]["expected"]["metrics"][-1]
    found = [(each["MetricName"], each["Value"]) for each in trained["FinalMetricDataList"]]
    assert found == [
        ("train:mlogloss", single(last["train-mlogloss"])),
        ("validation:mlogloss", single(last["validation-mlogloss"])),
    ]
    assert {each["Timestamp"].microsecond for each in trained["FinalMetricDataList"]} == {0}


def test_metric_definitions_of_the_request_are_read(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, name: str
) -> None:
    definitions = [{"Name": "files", "Regex": r"with (\d+) files"}]
    request = request_for(name, push(ecr, repository), MetricDefinitions=definitions)
    sagemaker.create_training_job(**request)
    (metric,) = finished(name)["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("files", 7)


def test_a_stopped_job_is_stopped_and_its_process_gone(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, log_of: Any, name: str
) -> None:
    case = golden["regression"] | {"hyperparameters": SLOW}
    sagemaker.create_training_job(**request_of(name, case))
    sagemaker.stop_training_job(TrainingJobName=name)
    job = finished(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]][-2:] == [
        "Stopping",
        "Stopped",
    ]
    with pytest.raises(ClientError) as refused:
        sagemaker.stop_training_job(TrainingJobName=name)
    assert refused.value.response["Error"]["Message"] == (
        "The request was rejected because the training job is in status Stopped"
    )


def test_a_job_ends_at_its_longest_runtime(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, name: str
) -> None:
    case = golden["regression"] | {"hyperparameters": SLOW}
    limit = {"MaxRuntimeInSeconds": 1}
    sagemaker.create_training_job(**request_of(name, case, StoppingCondition=limit))
    job = finished(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"


def test_a_running_job_can_be_described_and_not_deleted(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, name: str
) -> None:
    case = golden["regression"] | {"hyperparameters": SLOW}
    sagemaker.create_training_job(**request_of(name, case))
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "InProgress"
    with pytest.raises(ClientError, match="is in status InProgress"):
        sagemaker.delete_training_job(TrainingJobName=name)
    sagemaker.stop_training_job(TrainingJobName=name)
    finished(name)
    sagemaker.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match=r"Requested resource not found\."):
        sagemaker.describe_training_job(TrainingJobName=name)


def test_an_older_image_runs_the_same_code_and_says_so(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, log_of: Any, name: str
) -> None:
    request = request_of(name, golden["softprob"])
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    request["AlgorithmSpecification"]["TrainingImage"] = image
    sagemaker.create_training_job(**request)
    assert finished(name)["TrainingJobStatus"] == "Completed"
    assert any(f"xgboost {xgb.__version__}" in line for line in log_of(name))


def test_a_tab_in_the_log_arrives_as_on_aws(trained: dict[str, Any], log_of: Any) -> None:
    assert any(line.startswith("[0]#011train-mlogloss:") for line in log_of("trained-for-all"))
