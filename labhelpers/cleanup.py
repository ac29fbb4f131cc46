"""Deletes what a lab has made, and finds what any lab has left.

Only what has the course's prefix in its name, or lies in the course's folder of S3, is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from labhelpers.connect import PREFIX, Lab
from labhelpers.errors import StorageError
from labhelpers.images import IMAGE_PREFIX, delete_image
from labhelpers.prices import GIGABYTE_OF_IMAGES, hourly
from labhelpers.resources import (
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    MODEL,
    TRAINING_JOB,
    TRANSFORM_JOB,
    TUNING_JOB,
    Kind,
)

# What the labs deploy, in the order in which it can be deleted.
_DEPLOYED = (ENDPOINT, ENDPOINT_CONFIGURATION, MODEL)
# A tuning job comes before its training jobs: while it runs, it starts new ones.
_JOBS = (TUNING_JOB, TRAINING_JOB, TRANSFORM_JOB)
# Where the API describes the instances of a kind. Those of a tuning job are its training jobs'.
_INSTANCES: dict[Kind, Callable[[Lab, str], list[dict[str, Any]]]] = {
    ENDPOINT: lambda lab, name: ENDPOINT_CONFIGURATION.describe(
        lab, ENDPOINT.describe(lab, name)["EndpointConfigName"]
    )["ProductionVariants"],
    TRAINING_JOB: lambda lab, name: [TRAINING_JOB.describe(lab, name)["ResourceConfig"]],
    TRANSFORM_JOB: lambda lab, name: [TRANSFORM_JOB.describe(lab, name)["TransformResources"]],
}
_WAIT = {"Delay": 5, "MaxAttempts": 120}


@dataclass(frozen=True)
class _Leftover:
    """Something that the course has made and that is still there."""

    kind: str
    name: str
    dollars_an_hour: float | None
    delete: Callable[[], Any]


def clean_up(
    lab: Lab, *, keep_models: bool = False, data: Sequence[str] = (), images: Sequence[str] = ()
) -> None:
    """Deletes this lab's endpoints, their configurations, and its models unless they are kept.

    Prints what it deleted; can be run twice. `data` are S3 URIs: all objects under them are deleted
    too. `images` are names of repositories: they are deleted with their images, in ECR and on this
    machine. Other data and artifacts stay in S3 and cost cents a month; `leftovers(lab,
    delete=True)` deletes them. AWS keeps the records of jobs, which cost nothing. Raises
    StorageError, before anything is deleted, for data or images that are not the course's.
    """
    folders = [f"{uri.rstrip('/')}/" for uri in data]
    for uri in folders:
        if not uri.startswith(lab.uri("")):
            raise StorageError(f"{uri} is not the course's: only what is in {lab.uri('')} goes")
    for name in images:
        if not name.startswith(IMAGE_PREFIX):
            raise StorageError(f"{name} is not the course's: only images named {IMAGE_PREFIX}… go")
    kinds = [kind for kind in _DEPLOYED if not (keep_models and kind == MODEL)]
    deployed = _deleted(lab, _resources(lab, lab.prefix, kinds))
    for item in deployed:
        print(f"Deleted {item.kind} {item.name}")
    emptied = {uri: len(_deleted(lab, _objects(lab, uri))) for uri in folders}
    for uri, count in emptied.items():
        if count:
            print(f"Deleted {count} S3 object{'s' if count > 1 else ''} in {uri}")
    repositories = [name for name in images if delete_image(lab, name)]
    for name in repositories:
        print(f"Deleted repository {name} and its images")
    if not deployed and not any(emptied.values()) and not repositories:
        print("Nothing to clean up: this lab has no endpoint running.")
    if keep_models:
        for name in MODEL.names(lab, lab.prefix):
            print(f"Kept model {name} (a model costs nothing)")


def leftovers(lab: Lab, *, delete: bool = False) -> pd.DataFrame:
    """Everything that any lab of the course has left in this account and region.

    Returns a table of kind, name and dollars an hour (on AWS; labcloud is free). With `delete`, all
    of it is deleted, data included.
    """
    images = list(_repositories(lab))
    found = [
        *_resources(lab, PREFIX, _DEPLOYED),
        *_resources(lab, PREFIX, _JOBS, StatusEquals="InProgress"),
        *_objects(lab, lab.uri("")),
        *images,
    ]
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
        print(f"Deleted {len(_deleted(lab, found))} of them")
    return table


def _resources(lab: Lab, prefix: str, kinds: Sequence[Kind], **filters: str) -> Iterator[_Leftover]:
    for kind in kinds:
        for name in kind.names(lab, prefix, **filters):
            price = _dollars_an_hour(lab, kind, name)
            yield _Leftover(kind.title, name, price, partial(kind.remove, lab, name))


def _dollars_an_hour(lab: Lab, kind: Kind, name: str) -> float | None:
    """None if the price is unknown, or if the resource is gone by now."""
    try:
        instances = _INSTANCES[kind](lab, name) if kind in _INSTANCES else []
    except ClientError:
        return None
    total = 0.0
    for each in instances:
        count = each.get("InstanceCount", each.get("InitialInstanceCount", 1))
        price = hourly(each.get("InstanceType"), count)
        if price is None:
            return None
        total += price
    return total


def _objects(lab: Lab, uri: str) -> Iterator[_Leftover]:
    s3 = lab.client("s3")
    prefix = uri.removeprefix(f"s3://{lab.bucket}/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix=prefix)
    for key in [item["Key"] for page in pages for item in page.get("Contents", [])]:
        delete = partial(s3.delete_object, Bucket=lab.bucket, Key=key)
        yield _Leftover("S3 object", f"s3://{lab.bucket}/{key}", 0.0, delete)


def _repositories(lab: Lab) -> Iterator[_Leftover]:
    pages = lab.client("ecr").get_paginator("describe_repositories").paginate()
    try:
        names = [found["repositoryName"] for page in pages for found in page["repositories"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        # Only the policy of lab 03 allows ECR, and only lab 03 leaves anything there.
        print("Images were not looked for: this role may not list the repositories of ECR.")
        return
    for name in names:
        if name.startswith(IMAGE_PREFIX):
            yield _Leftover("repository", name, 0.0, partial(delete_image, lab, name))


def _gigabytes(lab: Lab, repository: str) -> float:
    pages = lab.client("ecr").get_paginator("describe_images").paginate(repositoryName=repository)
    images = [image for page in pages for image in page["imageDetails"]]
    return sum(float(image["imageSizeInBytes"]) for image in images) / 1e9


def _deleted(lab: Lab, found: Iterable[_Leftover]) -> list[_Leftover]:
    """Deletes what was found, waits until its endpoints are gone, and returns what it deleted."""
    deleted = [item for item in found if _delete(item)]
    waiter = lab.client("sagemaker").get_waiter("endpoint_deleted")
    for item in deleted:
        if item.kind == ENDPOINT.title:
            waiter.wait(EndpointName=item.name, WaiterConfig=_WAIT)
    return deleted


def _delete(item: _Leftover) -> bool:
    """False if it was gone already, or if the job has ended since it was listed."""
    try:
        item.delete()
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "Could not find" in message or "is in status" in message:
            return False
        raise
    return True
