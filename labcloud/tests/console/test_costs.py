"""What the console says of costs: of records that no server has made."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labcloud.cloud import Cloud
from labcloud.console import costs, prices, tuning
from labcloud.console.pages import environment
from labcloud.sagemaker.resources import open_records
from labcloud.state.records import Records

# AWS has it, and the table has no price of it.
UNKNOWN = "ml.c5n.xlarge"
HOUR = 3600.0


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A cloud of which there are the records alone."""
    records = Records(tmp_path / "records.sqlite")
    open_records(records)
    yield cast(Cloud, SimpleNamespace(records=records))
    records.close()


def endpoint(cloud: Cloud, name: str, *variants: tuple[str, int], **changes: Any) -> dict[str, Any]:
    config = {
        "ProductionVariants": [
            {"InstanceType": instance, "InitialInstanceCount": count}
            for instance, count in variants
        ]
    }
    record = {
        "EndpointName": name, "EndpointStatus": "InService", "EndpointConfigName": name,
        "CreationTime": time.time() - 2 * HOUR, "Deployment": {"Config": config},
    } | changes  # fmt: skip
    cloud.records.insert("endpoint", name, record)
    return record


def training(cloud: Cloud, name: str, instance: str, **changes: Any) -> None:
    now = time.time()
    record = {
        "TrainingJobName": name, "TrainingJobStatus": "InProgress", "CreationTime": now,
        "TrainingStartTime": now,
        "ResourceConfig": {"InstanceType": instance, "InstanceCount": 1},
    }  # fmt: skip
    cloud.records.insert("training-job", name, record | changes)


def test_endpoints_that_serve_are_in_what_it_would_have_cost(cloud: Cloud) -> None:
    endpoint(cloud, "small", ("ml.m5.large", 1))
    endpoint(cloud, "large", ("ml.m5.large", 2), (UNKNOWN, 1))
    endpoint(cloud, "broken", ("ml.m5.large", 1), EndpointStatus="Failed")
    known, unknown = sorted(costs.served(cloud), key=lambda line: line.cost is None)
    assert (known.instance, known.jobs, known.title) == ("ml.m5.large", 2, "Endpoints")
    # Three instances for two hours.
    assert known.seconds == pytest.approx(6 * HOUR, rel=0.01)
    assert known.cost == pytest.approx(6 * 0.115, rel=0.01)
    assert (unknown.instance, unknown.jobs, unknown.cost) == (UNKNOWN, 1, None)


def test_a_sum_says_for_how_many_there_is_no_price(cloud: Cloud) -> None:
    endpoint(cloud, "known", ("ml.m5.large", 1))
    endpoint(cloud, "partly-known", ("ml.m5.large", 1), (UNKNOWN, 1))
    training(cloud, "unknown", UNKNOWN)
    found = costs.hourly(cloud)
    assert found.dollars == pytest.approx(0.115)
    assert found.unknown == 2
    said = environment().from_string(
        '{% from "macros.html" import summed %}{{ summed(total, "an hour") }}'
    )
    assert "unknown for 2" in said.render(total=found)
    assert "$0.00" not in said.render(total=prices.Sum(0.0, 3))
    assert "$0.00" in said.render(total=prices.Sum(0.0, 0))


def test_a_job_of_the_same_name_has_its_own_cost(cloud: Cloud) -> None:
    record = endpoint(cloud, "houses", ("ml.m5.large", 1))
    training(cloud, "houses", "ml.m5.24xlarge")
    found = costs.of_endpoint(cloud, record)
    assert found and found.hourly == pytest.approx(0.115)
    assert found.parts == ("endpoints", "houses")
    assert {each.parts[0] for each in costs.running(cloud)} == {"endpoints", "jobs"}


def test_an_endpoint_that_is_created_costs_what_it_will_have(cloud: Cloud) -> None:
    record = endpoint(cloud, "new", EndpointStatus="Creating", Deployment={})
    # Its configuration has been deleted: nobody knows.
    found = costs.of_endpoint(cloud, record)
    assert found and found.hourly is None
    variants = [{"InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 2}]
    config = {"EndpointConfigName": "new", "ProductionVariants": variants, "CreationTime": 1.0}
    cloud.records.insert("endpoint-config", "new", config)
    found = costs.of_endpoint(cloud, record)
    assert found and found.hourly == pytest.approx(0.46)


def test_a_search_costs_what_its_jobs_cost_with_no_record_read() -> None:
    def child(definition: str, seconds: float | None) -> dict[str, Any]:
        begun = (
            {} if seconds is None else {"TrainingStartTime": 1e9, "TrainingEndTime": 1e9 + seconds}
        )
        return {"TrainingJobDefinitionName": definition, **begun}

    def definition(name: str, instance: str) -> dict[str, Any]:
        resources = {"InstanceType": instance, "InstanceCount": 1}
        return {"DefinitionName": name, "ResourceConfig": resources}

    record = {"TrainingJobDefinitions": [definition("a", "ml.m5.large"), definition("b", UNKNOWN)]}
    children = [child("a", 3600), child("a", None), child("a", 0.2), child("b", 10), child("b", 5)]
    found = tuning.cost(record, children)
    # A second is the least that is billed.
    assert found.dollars == pytest.approx(0.115 * 3601 / 3600)
    assert found.unknown == 2


def test_prices_are_those_of_types_that_aws_has() -> None:
    from labcloud.sagemaker.protocol import service_model

    shapes = ("TrainingInstanceType", "ProcessingInstanceType", "TransformInstanceType",
              "ProductionVariantInstanceType")  # fmt: skip
    there = {each for name in shapes for each in service_model("sagemaker").shape_for(name).enum}
    assert set(prices.HOURLY) <= there
    # A larger one of a family costs more.
    for family in {each.split(".")[1] for each in prices.HOURLY}:
        of = [cost for name, cost in prices.HOURLY.items() if name.split(".")[1] == family]
        assert of == sorted(of), family
