"""A resource of every kind, which exists for the whole session: what it is called."""

from __future__ import annotations

from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.pipelines.resource import EXECUTION, PIPELINE
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, MODEL_PACKAGE_GROUP
from labcloud.sagemaker.resources import RESOURCES
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.tuning.resource import TUNING_JOB

# Names by kind. The fixtures of conftest.py make them.
NAMES = {
    TRAINING_JOB: "trained-for-all",
    TUNING_JOB: "tuned-for-all",
    TRANSFORM_JOB: "transformed-for-all",
    PROCESSING_JOB: "processed-for-all",
    MODEL: "model-for-all",
    ENDPOINT_CONFIG: "config-for-all",
    ENDPOINT: "endpoint-for-all",
    MODEL_PACKAGE_GROUP: "group-for-all",
    MODEL_PACKAGE: "package-for-all",
    PIPELINE: "pipeline-for-all",
    # Its ARN ends with characters that AWS chooses: the fixture `executed` knows it.
    EXECUTION: "pipeline-for-all",
}

assert set(RESOURCES) == NAMES.keys()

# By the member of a request that holds the name.
BY_MEMBER = {resource.name: name for resource, name in NAMES.items()}
EVERY_NAME = frozenset(NAMES.values())
