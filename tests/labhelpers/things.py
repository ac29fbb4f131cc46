"""What a lab has made, and how AWS refuses it: for tests of cleaning up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pandas as pd
import pytest
from botocore.awsrequest import AWSResponse

from labhelpers import Lab

Printed = pytest.CaptureFixture[str]
Start = Callable[..., str]


def rows(table: pd.DataFrame, name: str) -> dict[str, float]:
    """The price of each kind of thing whose name holds `name`."""
    own = table[table["name"].str.contains(name, regex=False)]
    return dict(zip(own["kind"], own["dollars an hour"], strict=True))


def refusing(lab: Lab, operation: str, *names: str) -> Lab:
    """The lab, whose AWS refuses an operation for these names: labcloud lets it be done."""
    session = boto3.Session()
    said = {"Error": {"Code": "AccessDeniedException", "Message": "You may not do that."}}

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        if any(name in str(params["body"]) for name in names):
            return AWSResponse("", 400, {}, None), said
        return None

    session.events.register(f"before-call.sagemaker.{operation}", refuse)
    return replace(lab, session=SimpleNamespace(boto_session=session))
