"""Training steps, and @step functions, which are training jobs, too."""

from __future__ import annotations

from labcloud.sagemaker.pipelines.steps.jobs import CreateKind, only
from labcloud.sagemaker.training.api import create_training_job, describe_training_job
from labcloud.sagemaker.training.fields import CREATE_TRAINING_JOB
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB

TRAINING = CreateKind(
    type="Training",
    title="TrainingJob",
    metadata="TrainingJob",
    create=create_training_job,
    describe=describe_training_job,
    fields=CREATE_TRAINING_JOB,
    resource=TRAINING_JOB,
    job=TrainingJob,
    keys=only(
        "AlgorithmSpecification", "CheckpointConfig", "DebugHookConfig", "DebugRuleConfigurations",
        "Environment", "HyperParameters", "InputDataConfig",
    ),
)  # fmt: skip
