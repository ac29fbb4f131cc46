"""Endpoints: how fast they start, and how many requests they answer beside a bare echo."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from typing import Any

import boto3

from benchmarks.load import echo_server, requests_per_second, signed_request
from benchmarks.table import TURNS, Row

CONNECTIONS = 8
SECONDS = 4.0


def measure(model: str, rows: list[Row]) -> None:
    """Start of an endpoint; then requests a second beside a bare uvicorn echo."""
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
    rows.append(Row("endpoint, Create to InService", f"{start:.3f} s", "", "", "≤ 1 s", start <= 1))
    body = ",".join(["0.1"] * 13).encode()
    url = os.environ["AWS_ENDPOINT_URL"]
    request = signed_request(f"{url}/endpoints/{model}-0/invocations", body)
    with echo_server() as echo:
        plain = signed_request(f"{echo}/", body)
        rates: dict[str, list[float]] = {"endpoint": [], "echo": []}
        for _ in range(3):
            for which, what in (("endpoint", request), ("echo", plain)):
                rates[which].append(asyncio.run(requests_per_second(what, CONNECTIONS, SECONDS)))
    served, echoed = (statistics.median(rates[which]) for which in ("endpoint", "echo"))
    rows.append(
        Row(
            f"InvokeEndpoint, 1 row, {CONNECTIONS} connections",
            f"{served:,.0f}/s",
            f"uvicorn echo {echoed:,.0f}/s",
            f"1/{echoed / served:.1f}",
            "≥ 1/20",
            served >= echoed / 20,
        )
    )
