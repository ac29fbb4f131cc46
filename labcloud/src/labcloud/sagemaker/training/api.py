"""Training jobs: Create, and the table of their operations."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.training.checks import check_training_job
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.metrics import described, shown
from labcloud.sagemaker.training.resource import TRAINING_JOB


async def create_training_job(cloud: Cloud, request: Request) -> Answer:
    await check_training_job(cloud, request)
    TrainingJob.begin(cloud, request)
    return {"TrainingJobArn": TRAINING_JOB.arn_of(cloud, request["TrainingJobName"])}


async def describe_training_job(cloud: Cloud, request: Request) -> Answer:
    """The record with what AWS shows of each job, whatever its request says."""
    record = await TRAINING_JOB.describe(cloud, request)
    algorithm, final = record["AlgorithmSpecification"], record.get("FinalMetricDataList")
    # Of a built-in image its own, which are too many to be kept with each job.
    every = described(record)
    return {
        **ALWAYS_SHOWN,
        "ProfilingStatus": "Disabled",
        **record,
        "AlgorithmSpecification": {
            "EnableSageMakerMetricsTimeSeries": False,
            **algorithm,
            **({"MetricDefinitions": every} if every else {}),
        },
        "OutputDataConfig": output_config(record),
        "InputDataConfig": input_config(record, CompressionType="None", RecordWrapperType="None"),
        **({"FinalMetricDataList": shown(final)} if final else {}),
    }


# Of a training job, and of a definition of one. SDKs read these without asking whether they are
# there.
ALWAYS_SHOWN: dict[str, Any] = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}


def output_config(request: Request) -> dict[str, Any]:
    """The OutputDataConfig of a training job, or of a definition, as a Describe shows it."""
    return {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]}


def input_config(request: Request, **defaults: str) -> list[dict[str, Any]] | None:
    """The InputDataConfig of a training job, or of a definition, as a Describe shows it.

    `defaults` are the members of a channel that it shows also where they were not sent.
    """
    found = []
    for channel in request.get("InputDataConfig", []):
        source = {
            "S3DataDistributionType": "FullyReplicated",
            **channel["DataSource"]["S3DataSource"],
        }
        whole = {**defaults, **channel}
        found.append(whole | {"DataSource": {"S3DataSource": source}})
    return found or None


OPERATIONS = {
    "CreateTrainingJob": create_training_job,
    **TrainingJob.operations(deletes=True),
    "DescribeTrainingJob": describe_training_job,
}
