"""What a hyperparameter tuning job is."""

from __future__ import annotations

from labcloud.sagemaker.errors import ResourceInUse, ResourceNotFound, ValidationError
from labcloud.sagemaker.listing import ListStyle
from labcloud.sagemaker.resource import Resource, Words
from labcloud.sagemaker.states import ENDED

# A field of the record that changes with every training job that begins or ends, so that a Describe
# can wait for it.
PROGRESS = "Progress"

TUNING_JOB = Resource(
    kind="hyper-parameter-tuning-job",
    title="HyperParameterTuningJob",
    called="hyperparameter tuning job",
    summaries="HyperParameterTuningJobSummaries",
    final=ENDED,
    progress=PROGRESS,
    small_arn=True,
    missing=Words(
        ResourceNotFound,
        "Amazon SageMaker can't find a tuning job called {name}. Type another name.",
    ),
    taken=Words(
        ResourceInUse,
        "A hyperparameter tuning job with the name, {name}, already exists. Choose a different "
        "name.",
    ),
    untagged=Words(ValidationError, "Resource does not exist."),
    # AWS lists tuning jobs by name, unlike other jobs.
    style=ListStyle(sort_by="Name", order="Ascending"),
)
