"""A kind of part of an HTTP API, declared once, and its five operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labcloud.apis import store
from labcloud.apis.errors import NotFound
from labcloud.apis.store import HTTP_API
from labcloud.cloud import Cloud
from labcloud.sagemaker.protocol import Operation
from labcloud.state.records import Record

Request = dict[str, Any]
Answer = dict[str, Any]


def _nothing(api: Record) -> None:
    """After a change that no stage follows."""


@dataclass(frozen=True)
class Part:
    """A kind of part: an API's record holds its parts by their identifiers.

    `make`, `change` and `remove` work on that record, and raise what AWS refuses. It is written
    once they and `changed` have returned.
    """

    name: str
    """As it is in the names of operations: `Route`. With an s it is the member of the record."""
    identifier: str
    """The member that identifies it, in requests and in itself: `RouteId`."""
    shown: tuple[str, ...]
    """What an answer has of it."""
    missing: str
    """What NotFound says; `{}` is what was asked for."""
    make: Callable[[Record, Request], Record]
    """Makes a part as a request asks for it, and adds it to the API."""
    change: Callable[[Record, Record, Request], None]
    """Changes a part of an API."""
    remove: Callable[[Record, Record], None]
    """Deletes a part of an API, and what belongs to it."""
    changed: Callable[[Record], None] = _nothing
    """Follows each change."""

    def all(self, api: Record) -> dict[str, Record]:
        """An API's parts of this kind."""
        found: dict[str, Record] = api[f"{self.name}s"]
        return found

    def find(self, api: Record, identifier: str) -> Record:
        """Raises NotFound."""
        found = self.all(api).get(identifier)
        if found is None:
            raise NotFound(self.missing.format(identifier))
        return found

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            f"Create{self.name}": self._create,
            f"Get{self.name}": self._get,
            f"Get{self.name}s": self._list,
            f"Update{self.name}": self._update,
            f"Delete{self.name}": self._delete,
        }

    def _answer(self, part: Record) -> Answer:
        return store.only(part, self.shown)

    async def _create(self, cloud: Cloud, request: Request) -> Answer:
        api = store.get(cloud, HTTP_API, request["ApiId"])
        made = self.make(api, request)
        self.changed(api)
        store.put(cloud, HTTP_API, api)
        return self._answer(made)

    async def _get(self, cloud: Cloud, request: Request) -> Answer:
        api = store.get(cloud, HTTP_API, request["ApiId"])
        return self._answer(self.find(api, request[self.identifier]))

    async def _list(self, cloud: Cloud, request: Request) -> Answer:
        api = store.get(cloud, HTTP_API, request["ApiId"])
        page, token = store.paged(
            [self._answer(each) for each in self.all(api).values()],
            request.get("NextToken"),
            request.get("MaxResults"),
            lambda each: str(each[self.identifier]),
        )
        return {"Items": page, "NextToken": token}

    async def _update(self, cloud: Cloud, request: Request) -> Answer:
        api = store.get(cloud, HTTP_API, request["ApiId"])
        found = self.find(api, request[self.identifier])
        self.change(api, found, request)
        self.changed(api)
        store.put(cloud, HTTP_API, api)
        return self._answer(found)

    async def _delete(self, cloud: Cloud, request: Request) -> Answer:
        api = store.get(cloud, HTTP_API, request["ApiId"])
        self.remove(api, self.find(api, request[self.identifier]))
        self.changed(api)
        store.put(cloud, HTTP_API, api)
        return {}
