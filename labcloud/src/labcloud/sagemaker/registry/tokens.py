"""ClientToken: a CreateModelPackage that a client repeats makes no second version.

botocore sends a token with every CreateModelPackage, and the same one when it tries again. What was
to be made is on the disk before it is made: after the death of the server, the repetition makes
just that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict
from labcloud.sagemaker.resource import Request
from labcloud.state.records import Missing

_KIND = "model-package-token"


def planned(cloud: Cloud, request: Request, plan: Callable[[], str]) -> str:
    """The name of the record that this request makes, or has made: the same for the same token.

    Raises Conflict where another request had the token.
    """
    token = request.get("ClientToken")
    if token is None:
        return plan()
    asked = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    try:
        known = cloud.records.get(_KIND, token)
    except Missing:
        name = plan()
        cloud.records.insert(_KIND, token, {"Name": name, "Request": asked})
        return name
    if known["Request"] != asked:
        raise Conflict(f"The ClientToken {token} was used for another request")
    found: str = known["Name"]
    return found


def forget(cloud: Cloud, token: str) -> None:
    """The package that a token stands for has been deleted."""
    try:
        cloud.records.delete(_KIND, token)
    except Missing:
        return
