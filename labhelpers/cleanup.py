"""Leaves nothing behind: deletes what a lab made, and finds what any lab has left anywhere.

Only resources whose names start with the course's prefix are ever touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from labhelpers.connect import FOLDER, PREFIX, Lab
from labhelpers.errors import StorageError
from labhelpers.images import PREFIX as IMAGES
from labhelpers.images import delete_image
from labhelpers.prices import GIGABYTE_OF_IMAGES, hourly

_WAIT = {"Delay": 5, "MaxAttempts": 120}


@dataclass(frozen=True)
class Leftover:
    """Something that the course made and that is still there."""

    kind: str
    name: str
    dollars_an_hour: float | None
    delete: Callable[[], Any]


def clean_up(
    lab: Lab, *, keep_models: bool = False, data: Sequence[str] = (), images: Sequence[str] = ()
) -> None:
    """Deletes this lab's endpoints and their configurations, and its models unless they are kept.

    Prints what it deleted; safe to run twice. Data and artifacts in S3 stay (cents a month), but
    for what lies under the S3 URIs in `data`; the repositories in `images` go with all that is in
    them, here and in ECR. `leftovers(lab, delete=True)` removes all of it. Jobs are a record of
    what was done: AWS keeps them, and they cost nothing.
    """
    folders = [f"{uri.rstrip('/')}/" for uri in data]
    # Before anything is deleted, and never more than the course's own.
    for uri in folders:
        if not uri.startswith(lab.uri("")):
            raise StorageError(f"{uri} is not the course's: only what is in {lab.uri('')} goes")
    for name in images:
        if not name.startswith(IMAGES):
            raise StorageError(f"{name} is not the course's: only images named {IMAGES}… go")
    kinds = ["endpoint", "endpoint configuration", *([] if keep_models else ["model"])]
    deleted = [item for item in _resources(lab, lab.prefix) if item.kind in kinds and _gone(item)]
    for item in deleted:
        print(f"Deleted {item.kind} {item.name}")
    _wait_for_endpoints(lab, deleted)
    emptied = [uri for uri in folders if _emptied(lab, uri)]
    repositories = [name for name in images if delete_image(lab, name)]
    for name in repositories:
        print(f"Deleted repository {name} and its images")
    if not deleted and not emptied and not repositories:
        print("Nothing to clean up: this lab has no endpoint running.")
    if keep_models:
        for item in _resources(lab, lab.prefix):
            if item.kind == "model":
                print(f"Kept model {item.name} (a model costs nothing)")


def _emptied(lab: Lab, uri: str) -> bool:
    """Deletes what lies under an S3 URI, and says how much that was."""
    found = list(_objects(lab, uri.removeprefix(f"s3://{lab.bucket}/")))
    for item in found:
        item.delete()
    if found:
        print(f"Deleted {len(found)} S3 object{'s' if len(found) > 1 else ''} in {uri}")
    return bool(found)


def leftovers(lab: Lab, *, delete: bool = False) -> pd.DataFrame:
    """Everything that any lab of the course has left in this account and region.

    A table of kind, name and dollars an hour (on AWS; labcloud is free). With `delete` all of it
    is deleted, data included.
    """
    images = list(_repositories(lab))
    found = [*_resources(lab, PREFIX), *_running_jobs(lab), *_objects(lab), *images]
    table = pd.DataFrame(
        [(item.kind, item.name, item.dollars_an_hour) for item in found],
        columns=["kind", "name", "dollars an hour"],
    )
    cost = table["dollars an hour"].sum()
    unknown = table["dollars an hour"].isna().sum()
    more = f" and {unknown} of unknown price" if unknown else ""
    print(f"{len(table)} things left by the course, ${cost:.3f} an hour on AWS{more}")
    if images:
        held = sum(_gigabytes(lab, item.name) for item in images)
        monthly = held * GIGABYTE_OF_IMAGES
        print(f"Images are paid by the month: {held:.2f} GB in ECR, ${monthly:.2f} a month on AWS")
    if delete:
        deleted = [item for item in found if _gone(item)]
        _wait_for_endpoints(lab, deleted)
        print(f"Deleted {len(deleted)} of them")
    return table


def _resources(lab: Lab, prefix: str) -> Iterator[Leftover]:
    """Endpoints, then their configurations, then models: the order in which they can go."""
    sagemaker = lab.client("sagemaker")
    for name in _names(sagemaker, "list_endpoints", "Endpoints", "EndpointName", prefix):
        yield Leftover(
            "endpoint", name, _endpoint_price(sagemaker, name),
            partial(sagemaker.delete_endpoint, EndpointName=name),
        )  # fmt: skip
    listed = _names(
        sagemaker, "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", prefix
    )
    for name in listed:
        yield Leftover(
            "endpoint configuration", name, 0.0,
            partial(sagemaker.delete_endpoint_config, EndpointConfigName=name),
        )  # fmt: skip
    for name in _names(sagemaker, "list_models", "Models", "ModelName", prefix):
        yield Leftover("model", name, 0.0, partial(sagemaker.delete_model, ModelName=name))


def _running_jobs(lab: Lab) -> Iterator[Leftover]:
    sagemaker = lab.client("sagemaker")
    running = partial(_names, sagemaker, prefix=PREFIX, StatusEquals="InProgress")
    # Before their training jobs, or they would begin new ones.
    tuning = ("HyperParameterTuningJobSummaries", "HyperParameterTuningJobName")
    for name in running("list_hyper_parameter_tuning_jobs", *tuning):
        # What it costs is what its training jobs cost, which are listed themselves.
        yield Leftover(
            "tuning job", name, 0.0,
            partial(sagemaker.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName=name),
        )  # fmt: skip
    for name in running("list_training_jobs", "TrainingJobSummaries", "TrainingJobName"):
        job = sagemaker.describe_training_job(TrainingJobName=name)
        yield Leftover(
            "training job", name, _job_price(job["ResourceConfig"]),
            partial(sagemaker.stop_training_job, TrainingJobName=name),
        )  # fmt: skip
    for name in running("list_transform_jobs", "TransformJobSummaries", "TransformJobName"):
        job = sagemaker.describe_transform_job(TransformJobName=name)
        yield Leftover(
            "transform job", name, _job_price(job["TransformResources"]),
            partial(sagemaker.stop_transform_job, TransformJobName=name),
        )  # fmt: skip


def _job_price(resources: dict[str, Any]) -> float | None:
    return hourly(resources.get("InstanceType"), resources.get("InstanceCount", 1))


def _objects(lab: Lab, prefix: str = f"{FOLDER}/") -> Iterator[Leftover]:
    s3 = lab.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix=prefix)
    for page in pages:
        for item in page.get("Contents", []):
            key = item["Key"]
            yield Leftover(
                "S3 object", f"s3://{lab.bucket}/{key}", 0.0,
                partial(s3.delete_object, Bucket=lab.bucket, Key=key),
            )  # fmt: skip


def _repositories(lab: Lab) -> Iterator[Leftover]:
    pages = lab.client("ecr").get_paginator("describe_repositories").paginate()
    try:
        names = [found["repositoryName"] for page in pages for found in page["repositories"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        # Only lab 03's policy speaks of ECR, and only lab 03 leaves anything there.
        print("Images were not looked for: this role may not list the repositories of ECR.")
        return
    for name in names:
        if name.startswith(IMAGES):
            yield Leftover("repository", name, 0.0, partial(delete_image, lab, name))


def _gigabytes(lab: Lab, repository: str) -> float:
    pages = lab.client("ecr").get_paginator("describe_images").paginate(repositoryName=repository)
    sizes: list[int] = [
        image["imageSizeInBytes"] for page in pages for image in page["imageDetails"]
    ]
    return sum(sizes) / 1e9


def _names(
    sagemaker: Any, operation: str, field: str, name: str, prefix: str, **more: str
) -> list[str]:
    pages = sagemaker.get_paginator(operation).paginate(NameContains=prefix, **more)
    found = [item[name] for page in pages for item in page[field]]
    return [each for each in found if each.startswith(prefix)]


def _endpoint_price(sagemaker: Any, name: str) -> float | None:
    try:
        config = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    except ClientError:
        return None
    prices = [
        hourly(variant.get("InstanceType"), variant.get("InitialInstanceCount", 1))
        for variant in variants["ProductionVariants"]
    ]
    known = [price for price in prices if price is not None]
    return sum(known) if len(known) == len(prices) else None


def _gone(item: Leftover) -> bool:
    """Deletes it; False if somebody else already has."""
    try:
        item.delete()
    except ClientError as error:
        # Gone already, or a job that ended between the list and this call.
        message = error.response["Error"]["Message"]
        if "Could not find" in message or "is in status" in message:
            return False
        raise
    return True


def _wait_for_endpoints(lab: Lab, deleted: list[Leftover]) -> None:
    waiter = lab.client("sagemaker").get_waiter("endpoint_deleted")
    for item in deleted:
        if item.kind == "endpoint":
            waiter.wait(EndpointName=item.name, WaiterConfig=_WAIT)
