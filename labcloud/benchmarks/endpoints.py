"""Endpoints: how fast they start, and how many requests they answer beside a bare echo."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from typing import Any

import boto3
from benchmarks.load import Load, Prepared, echo_server, load, signed_request
from benchmarks.table import TURNS, Row, Table

CONNECTIONS = 8
SECONDS = 4.0


def measure(model: str, table: Table) -> None:
    """Start of an endpoint; then requests a second, and latencies, beside a bare uvicorn echo."""
    sagemaker = boto3.client("sagemaker")
    variant: dict[str, Any] = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=model, ProductionVariants=[variant])
    starts = []
    for turn in range(TURNS):
        name = f"{model}-{turn}"
        began = time.perf_counter()
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=model)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        starts.append(time.perf_counter() - began)
        if turn:
            sagemaker.delete_endpoint(EndpointName=name)
    start = statistics.median(starts)
    table.append(
        Row("endpoint, Create to InService", f"{start:.3f} s", "", "", "≤ 1 s", start <= 1)
    )
    body = ",".join(["0.1"] * 13).encode()
    url = os.environ["AWS_ENDPOINT_URL"]
    request = signed_request(f"{url}/endpoints/{model}-0/invocations", body)
    with echo_server() as echo:
        plain = signed_request(f"{echo}/", body)
        served, echoed = _beside(request, plain, CONNECTIONS)
        alone, echoed_alone = _beside(request, plain, 1)
    table.append(
        Row(
            f"InvokeEndpoint, 1 row, {CONNECTIONS} connections",
            f"{served.rate:,.0f}/s",
            f"uvicorn echo {echoed.rate:,.0f}/s",
            f"1/{echoed.rate / served.rate:.1f}",
            "≥ 1/20",
            served.rate >= echoed.rate / 20,
        )
    )
    table.append(
        Row(
            "InvokeEndpoint, 1 row, 1 connection, latency (median, 99th percentile)",
            _latencies(alone),
            f"uvicorn echo {_latencies(echoed_alone)}",
            f"{statistics.median(alone.latencies) / statistics.median(echoed_alone.latencies):.1f}",
            "none",
            True,
        )
    )


def _beside(request: Prepared, plain: Prepared, connections: int) -> list[Load]:
    """The load of each, taken in turns: of three the one with the middle rate."""
    turns = [
        [asyncio.run(load(what, connections, SECONDS)) for what in (request, plain)]
        for _ in range(3)
    ]
    return [sorted(each, key=lambda one: one.rate)[1] for each in zip(*turns, strict=True)]


def _latencies(found: Load) -> str:
    hundredths = statistics.quantiles(found.latencies, n=100)
    return f"{hundredths[49] * 1e3:.2f} ms, {hundredths[98] * 1e3:.2f} ms"
