"""What the tests of tuning jobs share: requests, jobs run to their end, an image of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labcloud_support.resources import IMAGE, ROLE

# Says what the tests ask of it: hyperparameters are the only thing that it reads.
TRAIN = """#!/usr/bin/env -S python3 -S
import json, math, os, signal, sys, time
with open("/opt/ml/input/config/hyperparameters.json") as file:
    given = json.load(file)
x, y = float(given.get("x", 0)), float(given.get("y", 0))
print("threads=" + os.environ.get("OMP_NUM_THREADS", ""))
print("knows=" + json.dumps(given, sort_keys=True))
if "y" in given:
    well = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
    print("branin=%.6f" % (well + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10), flush=True)
for epoch in range(1, int(given.get("epochs", 1)) + 1):
    print("loss=%.6f" % (x + 1 / epoch), flush=True)
if x > float(given.get("fails_above", "inf")):
    with open("/opt/ml/output/failure", "w") as file:
        file.write("x is too much")
    sys.exit(1)
if "waits" in given and given["waits"] in ("always", given.get("c")):
    signal.pause()
"""
FILES = {
    "Dockerfile": "FROM scratch\nCOPY train /opt/program/\nENV PATH=/opt/program:$PATH\n",
    "train": TRAIN,
}
METRICS = [{"Name": "loss", "Regex": "loss=(.*)"}, {"Name": "branin", "Regex": "branin=(.*)"}]
UNIT = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}
BRANIN = {
    "ContinuousParameterRanges": [
        {"Name": "x", "MinValue": "-5", "MaxValue": "10"},
        {"Name": "y", "MinValue": "0", "MaxValue": "15"},
    ]
}
ENDED = ("Completed", "Failed", "Stopped")


def letters(text: str, name: str = "c") -> dict[str, Any]:
    """A range of single letters."""
    return {"CategoricalParameterRanges": [{"Name": name, "Values": list(text)}]}


def settings(
    metric: str, ranges: dict[str, Any] | None, jobs: int | None, parallel: int = 2, **changes: Any
) -> dict[str, Any]:
    """A HyperParameterTuningJobConfig that minimizes a metric; keywords replace fields."""
    limits = {"MaxParallelTrainingJobs": parallel}
    if jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = jobs
    return {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": metric},
        "ResourceLimits": limits,
        **({"ParameterRanges": ranges} if ranges is not None else {}),
        **changes,
    }


class Tunings:
    """Tuning jobs of one labcloud."""

    def __init__(
        self, sagemaker: Any, image: str, bucket: str, channels: dict[str, str] | None = None
    ) -> None:
        self.sagemaker, self.image, self.bucket = sagemaker, image, bucket
        self._channels = channels or {}

    def definition(self, static: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
        """A training job definition of the image of one's own; keywords replace fields."""
        return {
            "StaticHyperParameters": static or {},
            "AlgorithmSpecification": {
                "TrainingImage": self.image,
                "TrainingInputMode": "File",
                "MetricDefinitions": METRICS,
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/tuning"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 120},
            **changes,
        }

    def xgboost(self, static: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
        """One of the built-in XGBoost on the recorded regression data."""
        always = {"objective": "reg:squarederror", "num_round": "10"}
        return self.built_in(IMAGE, always | (static or {}), **changes)

    def built_in(self, image: str, static: dict[str, str], **changes: Any) -> dict[str, Any]:
        """One of a built-in image, which has metrics of its own, on the channels' CSV."""
        channels = [
            {
                "ChannelName": channel,
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{self.bucket}/{file}/",
                    }
                },
            }
            for channel, file in self._channels.items()
        ]
        return self.definition(static) | {
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "InputDataConfig": channels,
            **changes,
        }

    def create(
        self, name: str, config: dict[str, Any], definition: dict[str, Any] | None, **more: Any
    ) -> str:
        """Creates a tuning job and returns its ARN."""
        one = {} if definition is None else {"TrainingJobDefinition": definition}
        answer = self.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, HyperParameterTuningJobConfig=config, **one, **more
        )
        arn: str = answer["HyperParameterTuningJobArn"]
        return arn

    def until(self, name: str, check: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The description, once it is as wanted; each Describe waits for news."""
        while not check(found := self.describe(name)):
            assert found["HyperParameterTuningJobStatus"] not in ENDED, found
        return found

    def ended(self, name: str) -> dict[str, Any]:
        return self.until(name, lambda job: job["HyperParameterTuningJobStatus"] in ENDED)

    def run(self, name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
        """A tuning job from its creation to its end."""
        self.create(name, *arguments, **more)
        return self.ended(name)

    def describe(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found

    def children(self, name: str, **arguments: Any) -> list[dict[str, Any]]:
        """The summaries of all training jobs, by default in the order of their numbers."""
        call = self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job
        found: list[dict[str, Any]] = call(
            HyperParameterTuningJobName=name, **{"MaxResults": 100, **arguments}
        )["TrainingJobSummaries"]
        return found

    def tuned(self, name: str) -> list[dict[str, str]]:
        """The tuned hyperparameters of all training jobs."""
        return [child["TunedHyperParameters"] for child in self.children(name)]


def value(child: dict[str, Any]) -> float:
    """The objective's value."""
    found: float = child["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    return found
