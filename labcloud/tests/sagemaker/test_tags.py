"""Tags are found by ARNs that were written down before ARNs kept the case of names."""

from __future__ import annotations

import pytest

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.tags import add_tags, list_tags

from .conftest import Play, Stage

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model"


def keep(stage: Stage, name: str, arn: str) -> None:
    """A model as its record says."""
    record = {"ModelName": name, "ModelArn": arn, "Tags": [{"Key": "of", "Value": arn}]}
    stage.cloud.records.insert(MODEL.kind, name, record)


async def value(stage: Stage, arn: str) -> str:
    (tag,) = (await list_tags(stage.cloud, {"ResourceArn": arn}))["Tags"]
    found: str = tag["Value"]
    return found


def test_an_older_record_is_known_by_its_own_arn_and_by_its_name(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        keep(stage, "Kept", f"{ARN}/kept")
        assert await value(stage, f"{ARN}/kept") == f"{ARN}/kept"
        assert await value(stage, f"{ARN}/Kept") == f"{ARN}/kept"
        assert stage.cloud.records.get("model", "Kept")["ModelArn"] == f"{ARN}/kept"
        for other in (f"{ARN}/KEPT", f"{ARN}s/kept", ARN, "kept", ""):
            with pytest.raises(ValidationError, match="not found"):
                await list_tags(stage.cloud, {"ResourceArn": other})

    act(scene)


def test_a_new_one_whose_arn_is_that_of_an_older_one_is_meant_by_it(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        keep(stage, "Kept", f"{ARN}/kept")
        keep(stage, "kept", f"{ARN}/kept")
        new = {"Key": "new", "Value": ""}
        await add_tags(stage.cloud, {"ResourceArn": f"{ARN}/kept", "Tags": [new]})
        assert new in stage.cloud.records.get("model", "kept")["Tags"]
        assert new not in stage.cloud.records.get("model", "Kept")["Tags"]

    act(scene)
