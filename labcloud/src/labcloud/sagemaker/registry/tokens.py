"""ClientToken: a request that a client repeats is done once.

botocore sends a token with every CreateModelPackage and every UpdateModelPackage, and the same one
when it tries again. What CreateModelPackage was to make is on the disk before it is made: after the
death of the server, the repetition makes just that. A package's record has the tokens of its
updates, written together with the changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict
from labcloud.sagemaker.resource import Request
from labcloud.state.records import Missing, Record

_KIND = "model-package-token"
# The field of a package's record: the digests of its last updates, by token.
_UPDATES = "Updates"
_REMEMBERED = 50


def planned(cloud: Cloud, request: Request, plan: Callable[[], str]) -> str:
    """The name of the record that this request makes, or has made: the same for the same token.

    Raises Conflict where another request had the token.
    """
    token = request.get("ClientToken")
    if token is None:
        return plan()
    asked = _digest(request)
    try:
        known = cloud.records.get(_KIND, token)
    except Missing:
        name = plan()
        cloud.records.insert(_KIND, token, {"Name": name, "Request": asked})
        return name
    _check_same(token, known["Request"], asked)
    found: str = known["Name"]
    return found


def forget(cloud: Cloud, token: str) -> None:
    """The package that a token stands for has been deleted."""
    try:
        cloud.records.delete(_KIND, token)
    except Missing:
        return


# ---- UpdateModelPackage ---------------------------------------------------------------------


def is_done(package: Record, request: Request) -> bool:
    """Whether the package has been updated by this very request.

    Raises Conflict where another update had its token.
    """
    token = request.get("ClientToken")
    if token is None or token not in package.get(_UPDATES, {}):
        return False
    _check_same(token, package[_UPDATES][token], _digest(request))
    return True


def noted(package: Record, request: Request) -> Record:
    """What a record gets beside the changes of a request, so that this is done once."""
    token = request.get("ClientToken")
    if token is None:
        return {}
    known = {**package.get(_UPDATES, {}), token: _digest(request)}
    return {_UPDATES: dict(list(known.items())[-_REMEMBERED:])}


def _digest(request: Request) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _check_same(token: str, known: str, asked: str) -> None:
    if known != asked:
        raise Conflict(f"The ClientToken {token} was used for another request")
