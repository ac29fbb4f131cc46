"""A botocore client plugin: calls that were addressed to AWS go to labcloud.

AWS_ENDPOINT_URL covers every client that was not given an address. The SageMaker SDK gives its
STS client one, and that outranks the variable; here the request is re-addressed before it is
signed, so that the signature is for the host that it reaches.
Named in BOTOCORE_EXPERIMENTAL__PLUGINS as `labcloud=labcloud_botocore`, its folder on PYTHONPATH:
the program may have a Python of its own.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_BUCKET = re.compile(r"(?P<name>.+)\.s3[.-]")
_AWS_HOST = re.compile(r"(^|\.)amazonaws\.com(\.cn)?$|\.api\.aws$")


def initialize_client_plugin(client: Any) -> None:
    """Called by botocore with every client that it makes."""
    if os.environ.get("AWS_ENDPOINT_URL"):
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-sign.{service}", readdress)


def readdress(request: Any, **_: Any) -> None:
    """Sends a request for an AWS host to AWS_ENDPOINT_URL; leaves every other one alone."""
    url = urlsplit(request.url)
    host = url.hostname or ""
    if _AWS_HOST.search(host):
        target = urlsplit(os.environ["AWS_ENDPOINT_URL"])
        bucket = _BUCKET.match(host)
        path = f"/{bucket['name']}{url.path}" if bucket else url.path or "/"
        request.url = urlunsplit((target.scheme, target.netloc, path, url.query, ""))
