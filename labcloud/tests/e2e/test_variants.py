"""Several production variants behind one endpoint: traffic, targets, weights and instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life
from labcloud_support.resources import deploy, undeploy, upload, variant

ROW = "5.9,3.0,5.1,1.8"


@pytest.fixture(scope="module")
def two(sagemaker: Any, model: str) -> Iterator[str]:
    """An endpoint of the variants Three (weight 3, two instances) and One (weight 1)."""
    name = "two-variants"
    variants = [
        variant(model, "Three", InitialVariantWeight=3, InitialInstanceCount=2),
        variant(model, "One", InitialVariantWeight=1),
    ]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    yield name
    undeploy(sagemaker, name)


@pytest.fixture(scope="module")
def invoked(client: Callable[[str], Any]) -> Callable[..., Counter[str]]:
    """How many of some calls went to which variant."""
    runtime = client("sagemaker-runtime")

    def call(name: str, times: int, **arguments: Any) -> Counter[str]:
        answers = [
            runtime.invoke_endpoint(
                EndpointName=name, ContentType="text/csv", Body=ROW, **arguments
            )
            for _ in range(times)
        ]
        return Counter(answer["InvokedProductionVariant"] for answer in answers)

    return call


def shown(sagemaker: Any, name: str) -> dict[str, tuple[float, float, int, int]]:
    """Weights and instance counts of the variants, current and desired."""
    described = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    return {
        each["VariantName"]: (
            each["CurrentWeight"],
            each["DesiredWeight"],
            each["CurrentInstanceCount"],
            each["DesiredInstanceCount"],
        )
        for each in described
    }


def test_traffic_goes_by_weight(two: str, invoked: Callable[..., Counter[str]]) -> None:
    counts = invoked(two, 400)
    # Six standard deviations of a share of 0.75.
    assert abs(counts["Three"] / 400 - 0.75) < 0.13
    assert counts["Three"] + counts["One"] == 400


def test_a_target_overrides_the_weight(two: str, invoked: Callable[..., Counter[str]]) -> None:
    assert invoked(two, 10, TargetVariant="One") == {"One": 10}
    with pytest.raises(ClientError, match="Variant Four not found for endpoint two-variants"):
        invoked(two, 1, TargetVariant="Four")


def test_every_instance_has_a_log_stream(client: Callable[[str], Any], two: str) -> None:
    group = f"/aws/sagemaker/Endpoints/{two}"
    streams = client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    assert Counter(each["logStreamName"].split("/i-")[0] for each in streams) == {
        "Three": 2,
        "One": 1,
    }


def test_weights_and_counts_change_while_it_serves(
    sagemaker: Any, two: str, invoked: Callable[..., Counter[str]]
) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=two,
        DesiredWeightsAndCapacities=[
            {"VariantName": "Three", "DesiredWeight": 0, "DesiredInstanceCount": 1},
            {"VariantName": "One", "DesiredInstanceCount": 3},
        ],
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=two)
    assert shown(sagemaker, two) == {"Three": (0, 0, 1, 1), "One": (1, 1, 3, 3)}
    assert invoked(two, 20) == {"One": 20}
    assert invoked(two, 2, TargetVariant="Three") == {"Three": 2}


def test_what_was_changed_survives_a_kill(
    life: Life, golden: dict[str, Any], request_of: Any, bucket: str
) -> None:
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    upload(s3, bucket, golden, golden["softprob"]["channels"].values())
    sagemaker.create_training_job(**request_of("job", golden["softprob"]))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="job")
    artifact = sagemaker.describe_training_job(TrainingJobName="job")["ModelArtifacts"]
    deploy(sagemaker, "e", artifact["S3ModelArtifacts"])
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    change = {"VariantName": "AllTraffic", "DesiredWeight": 7, "DesiredInstanceCount": 2}
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e", DesiredWeightsAndCapacities=[change]
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")

    life.kill()
    life.begin()

    sagemaker = life.client("sagemaker")
    assert life.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="e", ContentType="text/csv", Body=ROW
    )
    assert shown(sagemaker, "e") == {"AllTraffic": (7, 7, 2, 2)}
    assert len(life.workers(serving=True)) == 2
