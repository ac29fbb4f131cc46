"""Amazon S3: buckets, folders, and objects, which can be looked into, brought and taken."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.console import forms
from labcloud.console.calls import Refusal
from labcloud.console.desk import Desk, NotThere, desk
from labcloud.console.looks import look, picture_of
from labcloud.console.pages import page, see_other

_ROWS = 100
_REPLACE = "replace"
_ANY = "application/octet-stream"
# Of an object that a browser is given: it may run nothing, and load nothing.
_NOTHING = "default-src 'none'; sandbox"


async def _listed(at: Desk) -> list[dict[str, Any]]:
    found = await at.call("s3", "ListBuckets")
    return sorted(found.get("Buckets") or [], key=lambda each: str(each["Name"]))


async def buckets(request: Request) -> Response:
    """All buckets. What is in them is counted when the page asks for it: that goes over all."""
    found = [(each, None) for each in await _listed(desk(request))]
    return page(request, "buckets.html", buckets=found, counted=False)


async def counted(request: Request) -> Response:
    """All buckets with the number and size of their objects."""
    at = desk(request)
    held = await asyncio.to_thread(at.cloud.objects.stored)
    found = [(each, held.get(each["Name"])) for each in await _listed(at)]
    whole = request.headers.get("hx-request") != "true"
    template = "buckets.html" if whole else "buckets_table.html"
    return page(request, template, buckets=found, counted=True)


async def bucket(request: Request) -> Response:
    """One page of a folder: what its keys have up to the next slash, and what ends there."""
    at, name = desk(request), request.path_params["bucket"]
    prefix = request.query_params.get("prefix", "")
    after = request.query_params.get("after")
    asked: dict[str, Any] = {"ContinuationToken": after} if after else {}
    found = await at.call(
        "s3", "ListObjectsV2", Bucket=name, Prefix=prefix, Delimiter="/", MaxKeys=_ROWS,
        EncodingType="url", **asked,
    )  # fmt: skip
    folders = [unquote(each["Prefix"]) for each in found.get("CommonPrefixes") or []]
    objects = [each | {"Key": unquote(each["Key"])} for each in found.get("Contents") or []]
    return page(
        request, "bucket.html", bucket=name, prefix=prefix, trail=trail(prefix),
        folders=[(each, each[len(prefix) :]) for each in folders],
        objects=[(each, each["Key"][len(prefix) :] or each["Key"]) for each in objects],
        next=found.get("NextContinuationToken"), after=after,
    )  # fmt: skip


def trail(prefix: str) -> list[tuple[str, str]]:
    """The folders that lead to a prefix: what each is called, and its own prefix."""
    parts = prefix.split("/")[:-1]
    return [(part, "/".join(parts[: place + 1]) + "/") for place, part in enumerate(parts)]


def _key(request: Request) -> str:
    key = request.query_params.get("key", "")
    if not key:
        raise NotThere("Name the key of an object.")
    return key


async def item(request: Request) -> Response:
    """One object: its properties, and a look into it."""
    at, name, key = desk(request), request.path_params["bucket"], _key(request)
    head = await at.call("s3", "HeadObject", Bucket=name, Key=key)
    try:
        found = await asyncio.to_thread(
            look, at.cloud.objects, Location(name, key), head["ContentLength"]
        )
    except ObjectStoreError as error:
        raise NotThere(str(error)) from error
    return page(
        request, "object.html", bucket=name, key=key, head=head, look=found, trail=trail(key),
        title=key.rstrip("/").rpartition("/")[2] or key,
    )  # fmt: skip


async def download(request: Request) -> ASGIApp:
    """An object as it is, for the browser to keep: it is never shown as what it says it is."""
    at, name, key = desk(request), request.path_params["bucket"], _key(request)
    await at.call("s3", "HeadObject", Bucket=name, Key=key)
    passed = at.call.passed_on("s3", "GetObject", Bucket=name, Key=key)
    called = quote(key.rstrip("/").rpartition("/")[2] or "object", safe="")
    passed.headers = {
        "content-type": _ANY,
        "content-disposition": f"attachment; filename*=UTF-8''{called}",
        "content-security-policy": _NOTHING,
    }
    return passed


async def picture(request: Request) -> Response:
    at, name, key = desk(request), request.path_params["bucket"], _key(request)
    try:
        found = await asyncio.to_thread(picture_of, at.cloud.objects, Location(name, key))
    except ObjectStoreError as error:
        raise NotThere(str(error)) from error
    if found is None:
        raise NotThere("This object is no picture.")
    content, kind = found
    return Response(content, media_type=kind, headers={"content-security-policy": _NOTHING})


async def upload(request: Request) -> Response:
    """Stores a file of the browser's. One of that name is replaced if the form says so."""
    at, name = desk(request), request.path_params["bucket"]

    def check(given: dict[str, str], file: str) -> None:
        at.check_form(request, given)
        place = Location(name, f"{given.get('prefix', '')}{file}")
        if not given.get(_REPLACE) and at.cloud.objects.has(place):
            raise _Taken(place)

    async with forms.upload(request, check) as sent:
        prefix = sent.fields.get("prefix", "")
        key = f"{prefix}{sent.name}"
        # It may have come since.
        given = {} if sent.fields.get(_REPLACE) else {"IfNoneMatch": "*"}
        try:
            await at.call.upload(
                sent.size, sent.chunks(), Bucket=name, Key=key,
                ContentType=_kind_of(sent), **given,
            )  # fmt: skip
        except Refusal as error:
            if error.code == "PreconditionFailed":
                raise _Taken(Location(name, key)) from error
            raise
    return see_other("s3", name, prefix=prefix)


def _kind_of(sent: forms.Upload) -> str:
    """The content type of a file as a header can say it again, which keeps it with the object."""
    kind = sent.content_type
    return kind if kind and kind.isascii() and kind.isprintable() else _ANY


class _Taken(forms.BadForm):
    def __init__(self, place: Location) -> None:
        super().__init__(
            f"There is an object {place} already. Go back, and choose to replace it, or rename the "
            "file."
        )


async def ask_delete(request: Request) -> Response:
    name, key = request.path_params["bucket"], _key(request)
    await desk(request).call("s3", "HeadObject", Bucket=name, Key=key)
    return page(
        request, "ask.html", title="Delete object", name=f"s3://{name}/{key}",
        said="Where the bucket keeps versions, they stay.",
        action=["s3", name, "delete"], back=["s3", name, "object"], query={"key": key},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, name, key = desk(request), request.path_params["bucket"], _key(request)
    await at.fields(request)
    await at.call("s3", "DeleteObject", Bucket=name, Key=key)
    folder = key.rpartition("/")[0]
    return see_other("s3", name, prefix=f"{folder}/" if folder else "")


async def uri(request: Request) -> Response:
    """Where an S3 URI of a job leads: to an object, or to the folder of a prefix."""
    at = desk(request)
    try:
        place = Location.parse(request.query_params.get("uri", ""))
    except ValueError as error:
        raise NotThere(str(error)) from error
    if place.key and not place.key.endswith("/"):
        exists = await asyncio.to_thread(at.cloud.objects.has, place)
        if exists:
            return see_other("s3", place.bucket, "object", key=place.key)
    folder = place.key if place.key.endswith("/") or not place.key else f"{place.key}/"
    return see_other("s3", place.bucket, prefix=folder)


ROUTES = [
    Route("/s3", buckets),
    Route("/s3-counted", counted),
    Route("/s3-uri", uri),
    Route("/s3/{bucket}", bucket),
    Route("/s3/{bucket}/object", item),
    Route("/s3/{bucket}/download", download),
    Route("/s3/{bucket}/picture", picture),
    Route("/s3/{bucket}/upload", upload, methods=["POST"]),
    Route("/s3/{bucket}/delete", ask_delete),
    Route("/s3/{bucket}/delete", delete, methods=["POST"]),
]
