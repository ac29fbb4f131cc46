"""Images in Amazon ECR: repositories, and what is in each."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.console.calls import Call
from labcloud.console.desk import desk
from labcloud.console.pages import page


async def _images(call: Call, repository: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = await call("ecr", "DescribeImages", repositoryName=repository, **more)
        found += answer["imageDetails"]
        if "nextToken" not in answer:
            return found
        more = {"nextToken": answer["nextToken"]}


async def _repositories(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = await call("ecr", "DescribeRepositories", **more)
        found += answer["repositories"]
        if "nextToken" not in answer:
            return sorted(found, key=lambda each: str(each["repositoryName"]))
        more = {"nextToken": answer["nextToken"]}


async def stored(call: Call) -> int:
    """What all images take (bytes)."""
    total = 0
    for repository in await _repositories(call):
        images = await _images(call, repository["repositoryName"])
        total += sum(image.get("imageSizeInBytes") or 0 for image in images)
    return total


async def table(request: Request) -> Response:
    call = desk(request).call
    found = []
    for repository in await _repositories(call):
        images = await _images(call, repository["repositoryName"])
        images.sort(key=lambda image: image["imagePushedAt"], reverse=True)
        found.append((repository, images))
    return page(request, "images.html", repositories=found)


ROUTES = [Route("/images", table)]
