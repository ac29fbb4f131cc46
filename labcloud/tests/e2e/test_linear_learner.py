"""The built-in linear-learner through boto3: trained, deployed, asked, and run over a file."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from botocore.exceptions import ClientError
from sklearn.datasets import load_iris

from labcloud.algorithms.linear_learner.model import FILE, Model
from labcloud_support.resources import ROLE, undeploy, variant

from .transforms import Transforms

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
SLOPES, INTERCEPT = np.array([3.0, -0.5]), 10.0
CASE = {
    "hyperparameters": {"predictor_type": "regressor", "feature_dim": "2", "mini_batch_size": "50"},
    "channels": {"train": "linear/line"},
    "content_type": "text/csv",
}
ALGORITHM = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}

Run = Callable[..., dict[str, Any]]


def lines(table: Any) -> bytes:
    return "".join(",".join(map(repr, row)) + "\n" for row in table.tolist()).encode()


@pytest.fixture(scope="session")
def line() -> Any:
    """Label and two features: a linear function and some noise."""
    generator = np.random.default_rng(4)
    features = generator.uniform(-10, 10, (300, 2))
    labels = features @ SLOPES + INTERCEPT + generator.normal(0, 0.1, 300)
    return np.column_stack([labels, features])


@pytest.fixture(scope="session")
def run(client: Any, bucket: str, line: Any, request_of: Any, finished: Any) -> Run:
    """Trains on files that are uploaded here: `run(name, hyperparameters, channels…)`."""
    iris = load_iris()
    table = np.column_stack([iris.target, iris.data]).astype(float)
    table = np.random.default_rng(5).permutation(table)
    tables = {"line": line, "iris": table[:100], "iris-left": table[100:]}
    for name, content in tables.items():
        client("s3").put_object(Bucket=bucket, Key=f"linear/{name}/data", Body=lines(content))

    def train(name: str, **changes: Any) -> dict[str, Any]:
        case = {**CASE, **changes}
        request = request_of(name, case, AlgorithmSpecification=ALGORITHM)
        client("sagemaker").create_training_job(**request)
        described: dict[str, Any] = finished(name)
        return described

    return train


@pytest.fixture(scope="session")
def job(run: Run) -> dict[str, Any]:
    """A finished regression, with the training data for its test data too."""
    channels = {"train": "linear/line", "test": "linear/line"}
    return run("linear-for-all", channels=channels)


@pytest.fixture(scope="session")
def model(sagemaker: Any, job: dict[str, Any]) -> str:
    """A model of that job's artifact."""
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    sagemaker.create_model(
        ModelName="linear-for-all",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": uri},
    )
    return "linear-for-all"


@pytest.fixture(scope="session")
def invoke(sagemaker: Any, client: Any, model: str) -> Iterator[Callable[..., Any]]:
    """Asks an endpoint of that model."""
    name = "linear-for-all"
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(model)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    runtime = client("sagemaker-runtime")
    yield lambda **request: runtime.invoke_endpoint(EndpointName=name, **request)
    undeploy(sagemaker, name)


def test_the_artifact_has_the_least_squares_of_numpy(
    client: Any, job: dict[str, Any], line: Any, tmp_path: Any
) -> None:
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    url = urlsplit(job["ModelArtifacts"]["S3ModelArtifacts"])
    body = client("s3").get_object(Bucket=url.netloc, Key=url.path.lstrip("/"))["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        assert archive.getnames() == [FILE]
        found = archive.extractfile(FILE)
        assert found
        (tmp_path / FILE).write_bytes(found.read())
    model = Model.load(tmp_path)
    columns = np.column_stack([line[:, 1:], np.ones(len(line))])
    expected = np.linalg.lstsq(columns, line[:, 0], rcond=None)[0]
    assert [*model.weights[:, 0], *model.bias] == pytest.approx(expected, rel=1e-9)
    assert expected == pytest.approx([*SLOPES, INTERCEPT], abs=0.05)


def test_the_metrics_are_in_the_description(job: dict[str, Any], line: Any) -> None:
    found = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert found["test:mse"] == found["train:mse"] == pytest.approx(0.01, rel=0.3)
    assert found["train:objective_loss"] == pytest.approx(found["train:mse"])


def test_the_endpoint_predicts(invoke: Callable[..., Any]) -> None:
    answer = invoke(Body="1,2\n0,0\n", ContentType="text/csv")
    assert answer["ContentType"] == "application/json"
    first, second = json.load(answer["Body"])["predictions"]
    assert first == {"score": pytest.approx(12, abs=0.1)}
    assert second == {"score": pytest.approx(10, abs=0.1)}
    asked = json.dumps({"instances": [{"features": [1, 2]}]})
    same = json.load(invoke(Body=asked, ContentType="application/json")["Body"])["predictions"]
    assert same == [first]


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        ({"Body": "1,2,3", "ContentType": "text/csv"}, 400, "unable to evaluate payload provided"),
        ({"Body": "1 0:2", "ContentType": "text/libsvm"}, 415, "'text/libsvm' not supported"),
    ],
    ids=["features", "content-type"],
)
def test_a_wrong_request_is_the_client_s_error(
    invoke: Callable[..., Any], request_: dict[str, str], status: int, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        invoke(**request_)
    assert refused.value.response["Error"]["Code"] == "ModelError"
    assert refused.value.response["OriginalStatusCode"] == status
    assert message in refused.value.response["OriginalMessage"]


def test_a_transform_job_over_csv(client: Any, bucket: str, model: str, name: str) -> None:
    jobs = Transforms(client, bucket, model)
    target = {"Accept": "application/jsonlines", "AssembleWith": "Line"}
    output = jobs.done(name, {"rows.csv": b"1,2\n0,0\n2,0\n"}, target=target)["rows.csv.out"]
    scores = [json.loads(line)["score"] for line in output.splitlines()]
    assert scores == pytest.approx([12, 10, 16], abs=0.1)


def test_a_transform_job_whose_rows_do_not_fit(
    client: Any, bucket: str, model: str, name: str
) -> None:
    jobs = Transforms(client, bucket, model)
    assert jobs.run(name, {"rows.csv": b"1,2,3\n"})["TransformJobStatus"] == "Failed"
    assert any("ClientError: 400" in line for line in jobs.data_log(name))


def test_iris_is_told_apart(run: Run, name: str) -> None:
    settings = {
        "predictor_type": "multiclass_classifier", "num_classes": "3", "mini_batch_size": "50",
    }  # fmt: skip
    channels = {"train": "linear/iris", "validation": "linear/iris-left"}
    found = run(name, hyperparameters=settings, channels=channels)["FinalMetricDataList"]
    accuracy = {row["MetricName"]: row["Value"] for row in found}["validation:multiclass_accuracy"]
    assert accuracy >= 0.9


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"feature_dim": "3"}, "'train': 2 does not match the hyperparameter feature_dim: 3"),
        ({"mini_batch_size": "1000"}, "the mini-batch size is too high"),
        ({"epochs": "many"}, "The value 'many' is not valid for the 'epochs' hyperparameter"),
    ],
    ids=["feature_dim", "mini_batch_size", "epochs"],
)
def test_a_mistake_is_a_client_error(
    run: Run, log_of: Any, name: str, change: dict[str, str], reason: str
) -> None:
    job = run(name, hyperparameters={**CASE["hyperparameters"], **change})  # type: ignore[dict-item]
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert reason in job["FailureReason"]
    assert any(f"Customer Error: {job['FailureReason'][13:40]}" in line for line in log_of(name))
