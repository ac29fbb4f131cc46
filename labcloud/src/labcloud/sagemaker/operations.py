"""The tables of all operations that labcloud implements, by AWS's names, and of their members."""

from __future__ import annotations

from labcloud.sagemaker import tags
from labcloud.sagemaker.endpoints import api as endpoints
from labcloud.sagemaker.endpoints import configs, updates
from labcloud.sagemaker.endpoints.fields import (
    CREATE_ENDPOINT,
    CREATE_ENDPOINT_CONFIG,
    UPDATE_ENDPOINT,
    UPDATE_WEIGHTS,
)
from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.models import api as models
from labcloud.sagemaker.models.fields import CREATE_MODEL
from labcloud.sagemaker.pipelines import api as pipelines
from labcloud.sagemaker.pipelines.fields import FIELDS as PIPELINES
from labcloud.sagemaker.processing import api as processing
from labcloud.sagemaker.processing.fields import CREATE_PROCESSING_JOB
from labcloud.sagemaker.protocol import Operation
from labcloud.sagemaker.registry import api as registry
from labcloud.sagemaker.registry.fields import FIELDS as REGISTRY_FIELDS
from labcloud.sagemaker.training import api as training
from labcloud.sagemaker.training.fields import CREATE_TRAINING_JOB
from labcloud.sagemaker.transform import api as transform
from labcloud.sagemaker.transform.fields import CREATE_TRANSFORM_JOB
from labcloud.sagemaker.tuning import api as tuning
from labcloud.sagemaker.tuning.fields import CREATE_TUNING_JOB

OPERATIONS: dict[str, Operation] = {
    **training.OPERATIONS,
    **models.OPERATIONS,
    **configs.OPERATIONS,
    **endpoints.OPERATIONS,
    **updates.OPERATIONS,
    **processing.OPERATIONS,
    **transform.OPERATIONS,
    **tuning.OPERATIONS,
    **pipelines.OPERATIONS,
    **registry.OPERATIONS,
    **tags.OPERATIONS,
}

_PAGES = ("NextToken", "MaxResults", "SortBy", "SortOrder", "StatusEquals")
_LIST = Fields(
    done=(
        *_PAGES, "NameContains", "CreationTimeBefore", "CreationTimeAfter",
        "LastModifiedTimeBefore", "LastModifiedTimeAfter",
    ),
    refused={"WarmPoolStatusEquals": "", "TrainingPlanArnEquals": ""},
)  # fmt: skip
_FIELDS = {
    "CreateTrainingJob": CREATE_TRAINING_JOB,
    "CreateModel": CREATE_MODEL,
    "CreateEndpointConfig": CREATE_ENDPOINT_CONFIG,
    "CreateEndpoint": CREATE_ENDPOINT,
    "UpdateEndpoint": UPDATE_ENDPOINT,
    "UpdateEndpointWeightsAndCapacities": UPDATE_WEIGHTS,
    "CreateTransformJob": CREATE_TRANSFORM_JOB,
    "CreateProcessingJob": CREATE_PROCESSING_JOB,
    "CreateHyperParameterTuningJob": CREATE_TUNING_JOB,
    "ListTrainingJobsForHyperParameterTuningJob": Fields(
        done=("HyperParameterTuningJobName", *_PAGES)
    ),
    **PIPELINES,
    **REGISTRY_FIELDS,
    "AddTags": Fields(done=("ResourceArn", "Tags")),
    "ListTags": Fields(done=("ResourceArn", "NextToken", "MaxResults")),
    "DeleteTags": Fields(done=("ResourceArn", "TagKeys")),
}


def fields_of(operation: str) -> Fields:
    """What becomes of the members of an operation's input."""
    if operation in _FIELDS:
        return _FIELDS[operation]
    if operation.startswith("List"):
        return _LIST
    # Describe, Stop and Delete take the name alone.
    title = operation.removeprefix("Describe").removeprefix("Stop").removeprefix("Delete")
    return Fields(done=(f"{title}Name",))


FIELDS: dict[str, Fields] = {operation: fields_of(operation) for operation in OPERATIONS}
