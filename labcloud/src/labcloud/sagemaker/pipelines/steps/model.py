"""Model steps, which create a model."""

from __future__ import annotations

from labcloud.sagemaker.models.api import create_model, describe_model
from labcloud.sagemaker.models.fields import CREATE_MODEL
from labcloud.sagemaker.models.resource import MODEL as RESOURCE
from labcloud.sagemaker.pipelines.steps.jobs import CreateKind
from labcloud.sagemaker.pipelines.steps.kind import RETRIES

MODEL = CreateKind(
    type="Model",
    title="Model",
    metadata="Model",
    create=create_model,
    describe=describe_model,
    fields=CREATE_MODEL,
    resource=RESOURCE,
    members=frozenset({RETRIES}),
)
