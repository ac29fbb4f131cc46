"""Deletes what a lab has made, and finds what any lab has left.

Only what has the course's prefix and the learner in its name, or lies in the learner's folder of
S3, is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd
from botocore.exceptions import BotoCoreError, ClientError

from labhelpers.checked import of_a_lab
from labhelpers.errors import LabError, StorageError
from labhelpers.images import delete_image
from labhelpers.lab import FOLDER, IMAGE_PREFIX, PREFIX, Lab
from labhelpers.pipelines import executions_in_progress, pipelines_and_versions
from labhelpers.prices import GIGABYTE_OF_IMAGES
from labhelpers.resources import ENDPOINT, ENDPOINT_CONFIGURATION, MODEL
from labhelpers.running import Found, deployed, jobs_in_progress
from labhelpers.web import web_parts


@of_a_lab
def clean_up(
    lab: Lab, *, keep_models: bool = False, data: Sequence[str] = (), images: Sequence[str] = ()
) -> None:
    """Stops this lab's jobs and pipelines, and deletes its web app, its endpoints, their
    configurations, its pipelines, and its models and their registered versions unless they are
    kept.

    Waits for an endpoint that is being created or updated: AWS deletes it only then. Goes on after
    an error, and prints at the end what is left and what it costs. Can be run twice. `data` are S3
    URIs: all objects under them are deleted too. `images` are names of repositories: they are
    deleted with their images, in ECR and on this machine. Other data and artifacts stay in S3 and
    cost cents a month; `leftovers(lab, delete=True)` deletes them. The records of jobs stay, and
    cost nothing. Raises StorageError, before anything is deleted, for data or images that are not
    the learner's.
    """
    folders = [f"{uri.rstrip('/')}/" for uri in data]
    for uri in folders:
        if not uri.startswith(lab.uri("")):
            raise StorageError(f"{uri} is not yours: only what is in {lab.uri('')} goes")
    for name in images:
        if not name.startswith(lab.repository("")):
            raise StorageError(f"{name} is not yours: only {lab.repository('…')} goes")
    sweep = _Sweep()
    running = chain(executions_in_progress(lab, lab.prefix), jobs_in_progress(lab, lab.prefix))
    for item in sweep.all(running):
        print(f"Stopped {item.kind} {item.name}")
    for item in sweep.all(web_parts(lab, lab.prefix)):
        print(f"Deleted {item.kind} {item.name}")
    endpoints = sweep.all(deployed(lab, lab.prefix, [ENDPOINT]))
    kinds = [ENDPOINT_CONFIGURATION] if keep_models else [ENDPOINT_CONFIGURATION, MODEL]
    if any(item.kind == ENDPOINT.title for item, _ in sweep.failed):
        # What an endpoint that stays is made of is in use.
        kinds = []
    others = chain(
        deployed(lab, lab.prefix, kinds),
        pipelines_and_versions(lab, lab.prefix, registry=MODEL in kinds),
    )
    for item in [*endpoints, *sweep.all(others)]:
        print(f"Deleted {item.kind} {item.name}")
    for uri in folders:
        if count := len(sweep.all(_objects(lab, uri))):
            print(f"Deleted {count} S3 object{'s' if count > 1 else ''} in {uri}")
    for item in sweep.all(_repository(lab, name) for name in images):
        print(f"Deleted repository {item.name} and its images")
    if not sweep.done and not sweep.failed:
        print("Nothing to clean up: this lab has no endpoint running.")
    if keep_models:
        for name in MODEL.names(lab, lab.prefix):
            print(f"Kept model {name} (a model costs nothing)")
    sweep.say_failed()


@of_a_lab
def leftovers(lab: Lab, *, delete: bool = False, everybody: bool = False) -> pd.DataFrame:
    """Everything that any lab of the course has left you in this account and region.

    Returns a table of kind, name and dollars an hour (on AWS; labcloud is free). With `delete`, all
    of it is deleted, data included. With `everybody`, it is that of all learners of the account.
    """
    prefix = PREFIX if everybody else f"{PREFIX}{lab.learner}-"
    folder = f"s3://{lab.bucket}/{FOLDER}/" if everybody else lab.uri("")
    images = list(_repositories(lab, IMAGE_PREFIX if everybody else lab.repository("")))
    jobs = [*executions_in_progress(lab, prefix), *jobs_in_progress(lab, prefix)]
    made = [*web_parts(lab, prefix), *deployed(lab, prefix), *pipelines_and_versions(lab, prefix)]
    found = [*made, *jobs, *_objects(lab, folder), *images]
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
        sweep = _Sweep()
        # A job that goes on could make new ones of the others.
        sweep.all(jobs)
        sweep.all(item for item in found if item not in jobs)
        print(f"Deleted {len(sweep.done)} of them")
        sweep.say_failed()
    return table


class _Sweep:
    """Ends one thing after the other. What cannot be ended keeps none of the others."""

    def __init__(self) -> None:
        self.done: list[Found] = []
        self.failed: list[tuple[Found, str]] = []

    def all(self, found: Iterable[Found]) -> list[Found]:
        """Ends all of it, waits until it has ended, and returns what it has ended itself."""
        asked = [item for item in found if self._try(item, item.delete)]
        ended = [item for item in asked if self._try(item, item.wait)]
        self.done += ended
        return ended

    def _try(self, item: Found, step: Callable[[], Any]) -> bool:
        """False if it was gone already, if the job has ended meanwhile, or on an error."""
        try:
            return step() is not False
        except (ClientError, BotoCoreError, LabError) as error:
            said = (
                error.response["Error"]["Message"] if isinstance(error, ClientError) else str(error)
            )
            if "Could not find" not in said and "is in status" not in said:
                self.failed.append((item, said))
            return False

    def say_failed(self) -> None:
        """Prints what is left, and what that costs."""
        for item, why in self.failed:
            print(f"NOT deleted: {item.kind} {item.name}, {item.price}. {why.rstrip('.')}.")
        if self.failed:
            print("Run this again, or delete it in the console of SageMaker AI.")


def _objects(lab: Lab, uri: str) -> Iterator[Found]:
    s3 = lab.client("s3")
    prefix = uri.removeprefix(f"s3://{lab.bucket}/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=lab.bucket, Prefix=prefix)
    for key in [item["Key"] for page in pages for item in page.get("Contents", [])]:
        delete = partial(s3.delete_object, Bucket=lab.bucket, Key=key)
        yield Found("S3 object", f"s3://{lab.bucket}/{key}", 0.0, delete)


def _repository(lab: Lab, name: str) -> Found:
    return Found("repository", name, 0.0, partial(delete_image, lab, name))


def _repositories(lab: Lab, prefix: str) -> Iterator[Found]:
    pages = lab.client("ecr").get_paginator("describe_repositories").paginate()
    try:
        names = [found["repositoryName"] for page in pages for found in page["repositories"]]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        print("Images were not looked for: this role may not list the repositories of ECR.")
        return
    yield from (_repository(lab, name) for name in names if name.startswith(prefix))


def _gigabytes(lab: Lab, repository: str) -> float:
    pages = lab.client("ecr").get_paginator("describe_images").paginate(repositoryName=repository)
    images = [image for page in pages for image in page["imageDetails"]]
    return sum(float(image["imageSizeInBytes"]) for image in images) / 1e9
