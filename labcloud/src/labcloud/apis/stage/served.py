"""What stages serve, read once: records and deployments are parsed when they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labcloud.apis import store
from labcloud.apis.stage.paths import Paths, Routes
from labcloud.cloud import Cloud
from labcloud.state.records import Record

# So many deployments are kept of each kind; the first ones go.
_MOST = 200


@dataclass(frozen=True)
class HttpDeployment:
    """What a deployment of an HTTP API has copied; `routes` by their keys."""

    routes: dict[str, Record]
    integrations: dict[str, Record]
    cors: dict[str, Any]
    table: Routes

    @classmethod
    def of(cls, copied: Record) -> HttpDeployment:
        routes = {route["RouteKey"]: route for route in copied["Routes"].values()}
        return cls(routes, copied["Integrations"], copied["Cors"], Routes(routes))


@dataclass(frozen=True)
class RestDeployment:
    """The same of a REST API; `resources` that have methods, by their paths."""

    resources: dict[str, Record]
    binary: list[str]
    table: Paths

    @classmethod
    def of(cls, copied: Record) -> RestDeployment:
        resources = {r["path"]: r for r in copied["resources"].values() if r["resourceMethods"]}
        return cls(resources, copied.get("binaryMediaTypes", []), Paths(resources))


class Served:
    """The APIs of a cloud. Nobody changes what it gives."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._revisions: dict[str, int] = {}
        self._apis: dict[tuple[str, str], Record] = {}
        self._deployments: dict[tuple[str, str, str], HttpDeployment | RestDeployment] = {}

    def api(self, kind: str, api: str) -> Record | None:
        """An API as it is now, or None."""
        revision = self._cloud.records.revision(kind)
        if self._revisions.get(kind) != revision:
            self._revisions[kind] = revision
            self._apis = {key: each for key, each in self._apis.items() if key[0] != kind}
            self._deployments = {
                key: each for key, each in self._deployments.items() if key[0] != kind
            }
        if (kind, api) not in self._apis:
            found = store.find(self._cloud, kind, api)
            if found is None:
                return None
            self._apis[kind, api] = found
        return self._apis[kind, api]

    def http(self, api: str, deployment: str | None) -> HttpDeployment | None:
        """A deployment of an API that `api` has just given; None: it is not there."""
        found = self._deployment(store.HTTP_API, api, deployment)
        return found if isinstance(found, HttpDeployment) else None

    def rest(self, api: str, deployment: str | None) -> RestDeployment | None:
        found = self._deployment(store.REST_API, api, deployment)
        return found if isinstance(found, RestDeployment) else None

    def _deployment(
        self, kind: str, api: str, deployment: str | None
    ) -> HttpDeployment | RestDeployment | None:
        key = (kind, api, deployment or "")
        if key not in self._deployments:
            copied = store.copied(self._cloud, kind, api, deployment)
            if copied is None:
                return None
            while len(self._deployments) >= _MOST:
                del self._deployments[next(iter(self._deployments))]
            of = HttpDeployment.of if kind == store.HTTP_API else RestDeployment.of
            self._deployments[key] = of(copied)
        return self._deployments[key]
