"""What CloudWatch says of an endpoint's invocations."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import undeploy, variant

CALLS, REFUSED = 7, 3


@pytest.fixture(scope="module")
def measured(sagemaker: Any, client: Callable[[str], Any], model: str) -> Iterator[str]:
    """An endpoint of two instances that has answered seven calls, and refused three more."""
    name = "measured"
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant(model, InitialInstanceCount=2)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    runtime = client("sagemaker-runtime")
    for _ in range(CALLS):
        runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="5.9,3,5.1,1.8")
    for _ in range(REFUSED):
        with pytest.raises(ClientError, match="client error"):
            runtime.invoke_endpoint(EndpointName=name, ContentType="image/png", Body="x")
    yield name
    undeploy(sagemaker, name)


def dimensions(name: str) -> list[dict[str, str]]:
    return [
        {"Name": "EndpointName", "Value": name},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]


@pytest.fixture
def statistics(client: Callable[[str], Any], measured: str) -> Callable[..., dict[str, Any]]:
    """The datapoints of a metric over the last hours, as one."""

    def ask(metric: str, *names: str) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC)
        answer = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=dimensions(measured),
            StartTime=now - datetime.timedelta(hours=3),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=6 * 3600,
            Statistics=list(names),
        )
        (point,) = answer["Datapoints"]
        found: dict[str, Any] = point
        return found

    return ask


def test_invocations_are_counted(statistics: Callable[..., dict[str, Any]]) -> None:
    found = statistics("Invocations", "Sum", "SampleCount", "Average")
    assert (found["Sum"], found["SampleCount"], found["Average"]) == (10, 10, 1)
    assert found["Unit"] == "None"
    assert statistics("InvocationsPerInstance", "Sum")["Sum"] == 5
    assert statistics("Invocation4XXErrors", "Sum", "Average") | {"Timestamp": 0} == {
        "Timestamp": 0, "Sum": 3, "Average": 0.3, "Unit": "None"
    }  # fmt: skip
    assert statistics("Invocation5XXErrors", "Sum")["Sum"] == 0


@pytest.mark.parametrize("metric", ["ModelLatency", "OverheadLatency"])
def test_latencies_are_in_microseconds(
    statistics: Callable[..., dict[str, Any]], metric: str
) -> None:
    found = statistics(metric, "Minimum", "Average", "Maximum", "SampleCount")
    assert found["Unit"] == "Microseconds"
    assert found["SampleCount"] == CALLS + REFUSED
    # Something between a microsecond and the time limit.
    assert 1 <= found["Minimum"] <= found["Average"] <= found["Maximum"] < 60e6


def test_metrics_are_listed(client: Callable[[str], Any], measured: str) -> None:
    listed = client("cloudwatch").list_metrics(
        Namespace="AWS/SageMaker", Dimensions=dimensions(measured)
    )["Metrics"]
    assert {each["MetricName"] for each in listed} == {
        "Invocations", "InvocationsPerInstance", "Invocation4XXErrors", "Invocation5XXErrors",
        "ModelLatency", "OverheadLatency",
    }  # fmt: skip
    assert all(each["Dimensions"] == dimensions(measured) for each in listed)


def test_metric_data_can_be_calculated_with(client: Callable[[str], Any], measured: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"}
    (result,) = client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {**metric, "Dimensions": dimensions(measured)},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(minutes=1),
    )["MetricDataResults"]
    assert sum(result["Values"]) == CALLS + REFUSED


def test_one_s_own_metrics_are_kept_beside_them(client: Callable[[str], Any]) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_data(
        Namespace="own", MetricData=[{"MetricName": "rmse", "Value": 2.5, "Unit": "None"}]
    )
    listed = cloudwatch.list_metrics(Namespace="own")["Metrics"]
    assert [each["MetricName"] for each in listed] == ["rmse"]


def test_a_wrong_key_is_refused_in_cloudwatch_s_words(
    session: Any, cloud_environment: dict[str, str]
) -> None:
    cloudwatch = session.client(
        "cloudwatch",
        endpoint_url=cloud_environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="AKIANOBODY",
        aws_secret_access_key="wrong",
    )
    with pytest.raises(ClientError) as refused:
        cloudwatch.list_metrics()
    assert refused.value.response["Error"]["Code"] == "UnrecognizedClientException"
    assert "security token" in refused.value.response["Error"]["Message"]
