"""What a kind of resource is, declared once: its names, its final states, its refusals, its quota.

Whatever all kinds have in common follows from the declaration: the record and its ARN, Describe and
List, tags, quotas, status pages. What only one kind has is in that kind's room.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ApiError, ValidationError
from labcloud.sagemaker.listing import ListStyle, listing
from labcloud.sagemaker.shown import milliseconds
from labcloud.state.records import AlreadyExists, Missing, Record

_MOST_TAGS = 50

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """How AWS says no in one case: the error, and a message with {called}, {name} and {arn}."""

    error: type[ApiError]
    message: str


NOT_FOUND = Words(ValidationError, 'Could not find {called} "{arn}".')
TAKEN = Words(ValidationError, 'Cannot create already existing {called} "{arn}".')


@dataclass(frozen=True)
class Quota:
    """A limit of instances of one type, as Service Quotas names it.

    `instances` counts what a record uses, by instance type; in one of the `free` statuses it uses
    nothing.
    """

    use: str
    limit: int
    instances: Callable[[Cloud, Record], Counter[str]]
    free: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """A kind of resource.

    `kind` is the type in its ARN and the kind of its records, `title` what operations call it
    (CreateModel makes a Model), `called` what sentences call it.
    """

    kind: str
    title: str
    called: str
    # The member of List's answer.
    summaries: str
    # The statuses in which a Describe does not wait for the next one. Empty: it has no status.
    final: tuple[str, ...] = ()
    # The field whose change a Describe waits for, where it is not the status.
    progress: str = ""
    # The field that lists are filtered by, where it is not the status.
    listed: str = ""
    # Whether its ARN has the name in lower case, as all ARNs once had (decision 49).
    small_arn: bool = False
    # Whether names that differ in case only are the same to Create.
    any_case: bool = False
    missing: Words = NOT_FOUND
    taken: Words = TAKEN
    # The refusal of tags for an ARN that nothing has.
    untagged: Words = Words(ValidationError, "Requested resource {arn} not found.")
    # The ARN of what a record has its tags of, where they are not its own.
    tags_of: Callable[[Cloud, Record], str | None] | None = None
    quota: Quota | None = None
    style: ListStyle = field(default_factory=ListStyle)

    @property
    def name(self) -> str:
        """The field that holds the name."""
        return f"{self.title}Name"

    @property
    def arn(self) -> str:
        """The field that holds the ARN."""
        return f"{self.title}Arn"

    @property
    def status(self) -> str:
        """The field that holds the status."""
        return f"{self.title}Status"

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that every record has."""
        status = (self.status,) if self.final else ()
        return (self.name, self.arn, "CreationTime", *status)

    # ---- records ----------------------------------------------------------------------------

    def arn_of(self, cloud: Cloud, name: str) -> str:
        return cloud.arns.sagemaker(self.kind, name.lower() if self.small_arn else name)

    def new_record(self, cloud: Cloud, request: Request) -> Record:
        """A request as the record of a resource. Raises ValidationError for wrong tags."""
        # As it is described: lists are filtered by it.
        now = milliseconds(time.time())
        return {
            **request,
            self.arn: self.arn_of(cloud, request[self.name]),
            "CreationTime": now,
            "LastModifiedTime": now,
            "Tags": unique_tags(request.get("Tags", [])),
        }

    def insert(self, cloud: Cloud, record: Record) -> None:
        """Writes a new record. Raises the error for a name that is taken."""
        name = record[self.name]
        if self.any_case:
            for other in cloud.records.places.spelled(self.kind, name.lower()):
                raise self._refusal(cloud, self.taken, other)
        try:
            cloud.records.insert(self.kind, name, record)
        except AlreadyExists as error:
            raise self._refusal(cloud, self.taken, name) from error

    def find(self, cloud: Cloud, name: str) -> Record:
        """The record. Raises the error for a name that is not there."""
        try:
            return cloud.records.get(self.kind, name)
        except Missing as error:
            raise self.not_found(cloud, name) from error

    def name_of(self, cloud: Cloud, name_or_arn: str) -> str:
        """The name of a record, by itself or in an ARN of this account and region.

        Raises the error for a missing one for every other ARN: nothing here has it.
        """
        own = self.arn_of(cloud, "")
        if name_or_arn.startswith(own):
            return name_or_arn.removeprefix(own)
        if name_or_arn.startswith("arn:"):
            words = self.missing
            said = words.message.format(called=self.called, name=name_or_arn, arn=name_or_arn)
            raise words.error(said)
        return name_or_arn

    def not_found(self, cloud: Cloud, name: str) -> ApiError:
        return self._refusal(cloud, self.missing, name)

    def all(self, cloud: Cloud) -> list[Record]:
        return cloud.records.all(self.kind)

    def unfinished(self, cloud: Cloud) -> list[Record]:
        """The records whose status is not final."""
        return self.all_but(cloud, self.final)

    def all_but(self, cloud: Cloud, statuses: Collection[str]) -> list[Record]:
        """The records that have none of these statuses."""
        names = cloud.records.places.names(self.kind, status_not_in=statuses)
        return [cloud.records.get(self.kind, name) for name in names]

    def update(self, cloud: Cloud, name: str, **changes: Any) -> Record:
        """Changes a record; None removes a field. Raises records.Missing."""
        return cloud.records.update(self.kind, name, LastModifiedTime=time.time(), **changes)

    def update_soon(self, cloud: Cloud, name: str, **changes: Any) -> Record:
        """As `update`, for progress that a loss of power may take back."""
        return cloud.records.update_soon(self.kind, name, LastModifiedTime=time.time(), **changes)

    def _refusal(self, cloud: Cloud, words: Words, name: str) -> ApiError:
        arn = self.arn_of(cloud, name)
        return words.error(words.message.format(called=self.called, name=name, arn=arn))

    # ---- operations -------------------------------------------------------------------------

    def operations(self) -> dict[str, Callable[[Cloud, Request], Any]]:
        """Describe and List, by AWS's names."""
        return {f"Describe{self.title}": self.describe, f"List{self.title}s": self.list_all}

    async def describe(self, cloud: Cloud, request: Request) -> Answer:
        """The record; of something unfinished, once there is news of it."""
        name = request[self.name]
        if not self.final:
            return self.find(cloud, name)
        try:
            return await cloud.described(self.kind, name, self.progress or self.status, self.final)
        except Missing as error:
            raise self.not_found(cloud, name) from error

    async def list_all(self, cloud: Cloud, request: Request) -> Answer:
        page, token = self.page(cloud, request)
        return {self.summaries: page, **token}

    def page(
        self, cloud: Cloud, request: Request, more: Iterable[tuple[str, Any]] = ()
    ) -> tuple[list[Record], dict[str, str]]:
        """The records that a List request asks for, and NextToken where more follow.

        `more` are conditions of this kind alone, as `Places.page` has them.
        """
        has_status = bool(self.final)
        places = cloud.records.places
        names, token = listing(
            places, self.kind, request, has_status=has_status, style=self.style, more=more
        )
        return [cloud.records.get(self.kind, name) for name in names], token

    async def delete(self, cloud: Cloud, request: Request) -> Answer:
        """Deletes a resource that has no running work."""
        name = request[self.name]
        self.find(cloud, name)
        cloud.records.delete(self.kind, name)
        return {}


def unique_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tags as given. Raises ValidationError where a key stands twice, or is AWS's."""
    keys = [tag["Key"] for tag in tags]
    check_tag_keys(keys)
    if len(keys) != len(set(keys)):
        raise ValidationError("Duplicate tag keys are not allowed")
    if len(tags) > _MOST_TAGS:
        raise ValidationError(f"The number of tags on a resource cannot exceed {_MOST_TAGS}")
    return tags


def check_tag_keys(keys: list[str]) -> None:
    """Raises ValidationError for a key that only AWS itself sets and takes away."""
    for key in keys:
        if key.lower().startswith("aws:"):
            raise ValidationError(f"System prefix 'aws:' reserved for AWS usage in tag key: {key}")
