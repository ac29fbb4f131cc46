"""Copies files to S3 and back, and lists what is there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from labhelpers.checked import of_a_lab
from labhelpers.errors import StorageError
from labhelpers.lab import Lab


@of_a_lab
def upload(lab: Lab, path: str | Path, uri: str) -> str:
    """Copies a file to S3 and returns the URI of the object.

    If `uri` ends in /, the name of the file is added to it. Raises StorageError.
    """
    path = Path(path)
    if not path.is_file():
        raise StorageError(f"There is no file {path}. Was the cell that writes it run?")
    bucket, key = _parts(uri + path.name if uri.endswith("/") else uri)
    try:
        lab.client("s3").upload_file(str(path), bucket, key)
    except S3UploadFailedError as error:
        hint = "" if bucket == lab.bucket else f" It is not in your bucket: see {lab.uri('')}."
        raise StorageError(f"{uri} cannot be written: {error}.{hint}") from error
    return f"s3://{bucket}/{key}"


@of_a_lab
def download(lab: Lab, uri: str, path: str | Path) -> Path:
    """Copies an S3 object to a file and returns its path. Raises StorageError."""
    bucket, key = _parts(uri)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lab.client("s3").download_file(bucket, key, str(path))
    except ClientError as error:
        raise StorageError(
            f"{uri} cannot be read: {error.response['Error']['Message']}. contents(lab, uri) lists "
            "what is in a folder."
        ) from error
    return path


@of_a_lab
def contents(lab: Lab, uri: str) -> pd.DataFrame:
    """Lists the objects under an S3 URI: a table of `key` (relative to the URI) and `bytes`.

    Raises StorageError.
    """
    bucket, prefix = _parts(uri)
    pages = lab.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        found = [item for page in pages for item in page.get("Contents", [])]
    except ClientError as error:
        raise StorageError(f"{uri} cannot be listed: {error}") from error
    rows = [(item["Key"][len(prefix) :].lstrip("/"), item["Size"]) for item in found]
    return pd.DataFrame(rows, columns=["key", "bytes"])


def _parts(uri: str) -> tuple[str, str]:
    url = urlsplit(uri if isinstance(uri, str) else "", allow_fragments=False)
    if url.scheme != "s3" or not url.netloc:
        raise StorageError(f"{uri!r} is not an S3 URI: it must look like s3://bucket/key")
    return url.netloc, url.path.lstrip("/")
