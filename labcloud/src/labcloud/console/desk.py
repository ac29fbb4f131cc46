"""What every page of the console gets: the cloud, calls of its operations, and its door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from labcloud.cloud import Cloud
from labcloud.console import forms
from labcloud.console.calls import Calls
from labcloud.console.door import Door
from labcloud.console.found import Images
from labcloud.sagemaker.resource import Resource

SESSION = "session_of_console"


class NotThere(Exception):
    """There is no such page."""


@dataclass(frozen=True)
class Desk:
    """One console. Pages read with calls, or from the records that the calls would read."""

    cloud: Cloud
    call: Calls
    door: Door
    # Where this server answers on this machine.
    url: str
    # The files of a folder of a function's code, with their sizes. Blocking.
    files: Callable[[str], list[tuple[str, int]]]
    images: Images = field(default_factory=Images)

    async def describe(self, resource: Resource, name: str, member: str = "") -> dict[str, Any]:
        """A Describe's answer as it is now, without waiting for news. Raises Refusal.

        `member` is that of the request that names it, where it is not that of the name.
        """
        self.cloud.at_once.set(True)
        asked = {member or resource.name: name}
        found = await self.call("sagemaker", f"Describe{resource.title}", **asked)
        found.pop("ResponseMetadata", None)
        return found

    def check_form(self, request: Request, fields: dict[str, str]) -> None:
        """Raises Shut where a form is not one of this session's."""
        self.door.check_form(request.scope[SESSION], fields.get("proof", ""))

    async def fields(self, request: Request, limit: int | None = None) -> dict[str, str]:
        """The fields of a form of this session's. Raises Shut, BadForm."""
        found = await (forms.fields(request, limit) if limit else forms.fields(request))
        self.check_form(request, found)
        return found


def desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found
