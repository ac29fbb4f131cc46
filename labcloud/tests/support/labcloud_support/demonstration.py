"""An account with a bit of everything in it: what the console is shown with, and tested on."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import WaiterError

from . import deployed
from .resources import IMAGE, ROLE, variant

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "house-prices"
TRAINED, FAILED, TUNED = "houses-2026-11-28", "houses-bad-column", "houses-depth-and-eta"
TRANSFORMED, PROCESSED, RUNNING = "houses-in-a-batch", "houses-split", "houses-features"
MODEL, CHALLENGER, ENDPOINT = "houses", "houses-deeper", "houses-live"
ROWS = 240
# The smallest picture: one pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
_CODE = "/opt/ml/processing/input/code"
_SPLIT = """\
print("reading 240 rows")
print("80 % go to train, 20 % to validation")
raise SystemExit(__import__("sys").argv[1:] == ["fail"])
"""
# Prints on and on while a page shows its log.
_WAITS = """\
import time
for number in range(10_000):
    print(f"feature {number}: computed", flush=True)
    time.sleep(0.25)
"""
_INSTANCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
_TAGS = [{"Key": "project", "Value": "houses"}, {"Key": "cost-centre", "Value": "4711"}]


def rows(number: int, seed: int) -> list[list[float]]:
    """Houses: the price first, then rooms, age, and distance to the centre."""
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        rooms, age, distance = chance.uniform(3, 9), chance.uniform(0, 100), chance.uniform(1, 12)
        price = 4 * rooms - 0.05 * age - 0.9 * distance + chance.gauss(0, 1.5)
        found.append([round(value, 3) for value in (price, rooms, age, distance)])
    return found


def as_csv(found: list[list[float]]) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in found).encode()


class Demonstration:
    """Makes the account through `client`, which gives boto3's clients."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.s3, self.sagemaker, self.ecr = client("s3"), client("sagemaker"), client("ecr")
        self.runtime = client("sagemaker-runtime")
        self._client = client

    def make(self) -> None:
        """Everything but a job that runs."""
        self._objects()
        self._training(TRAINED, Tags=_TAGS)
        self._training(FAILED, train="bad/")
        self._wait("training_job_completed_or_stopped", TrainingJobName=TRAINED)
        self._wait("training_job_completed_or_stopped", TrainingJobName=FAILED)
        self._tuning()
        self._models()
        self._batch()
        self.process(PROCESSED, _SPLIT, "fail")
        self._wait("processing_job_completed_or_stopped", ProcessingJobName=PROCESSED)
        self._endpoint()
        self.ecr.create_repository(repositoryName="houses-features")
        job = self.sagemaker.describe_training_job(TrainingJobName=TRAINED)
        split = self._program(PROCESSED, _SPLIT)
        deployed.make(self._client, BUCKET, job["ModelArtifacts"]["S3ModelArtifacts"], split)

    def identifiers(self) -> dict[str, str]:
        """What the addresses of some pages need."""
        return deployed.identifiers(self._client)

    def begin(self) -> None:
        """A job that runs until it is stopped."""
        self.process(RUNNING, _WAITS)

    def end(self) -> None:
        self.sagemaker.stop_processing_job(ProcessingJobName=RUNNING)
        self._wait("processing_job_completed_or_stopped", ProcessingJobName=RUNNING)

    def _wait(self, waiter: str, **name: str) -> None:
        # A job that has failed is one of those that are shown.
        with contextlib.suppress(WaiterError):
            self.sagemaker.get_waiter(waiter).wait(**name)

    def _objects(self) -> None:
        self.s3.create_bucket(Bucket=BUCKET)
        table = rows(ROWS, 1)
        header = b"price,rooms,age,distance\n"
        for key, body in {
            "train/rows.csv": as_csv(table),
            "validation/rows.csv": as_csv(rows(60, 2)),
            "bad/rows.csv": b"price,rooms\n1,unknown\n",
            "batch/rows.csv": as_csv([row[1:] for row in rows(40, 3)]),
            "looks/houses.csv": header + as_csv(table),
            "looks/settings.json": json.dumps({"rooms": [3, 9], "target": "price"}).encode(),
            "looks/house.png": PICTURE,
            "looks/notes.txt": b"Prices are in 10,000 dollars.\n",
        }.items():
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def _training(self, name: str, train: str = "train/", **changes: Any) -> None:
        self.sagemaker.create_training_job(
            TrainingJobName=name, HyperParameters={**self._parameters(), "eta": "0.2"},
            **self._definition(train), **changes,
        )  # fmt: skip

    def _parameters(self) -> dict[str, str]:
        return {"objective": "reg:squarederror", "num_round": "60", "max_depth": "4", "seed": "7"}

    def _definition(self, train: str = "train/") -> dict[str, Any]:
        return {
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "InputDataConfig": [_channel("train", train), _channel("validation", "validation/")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
            "ResourceConfig": _INSTANCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        }

    def _tuning(self) -> None:
        static = self._parameters()
        del static["max_depth"]
        ranges = {
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.6", "ScalingType": "Logarithmic"}
            ],
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}],
        }
        self.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=TUNED,
            HyperParameterTuningJobConfig={
                "Strategy": "Random", "RandomSeed": 3, "ParameterRanges": ranges,
                "HyperParameterTuningJobObjective": {
                    "Type": "Minimize", "MetricName": "validation:rmse"},
                "ResourceLimits": {
                    "MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2},
            },
            TrainingJobDefinition={**self._definition(), "StaticHyperParameters": static},
        )  # fmt: skip
        status = ""
        while status not in ("Completed", "Failed"):
            status = self.sagemaker.describe_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=TUNED
            )["HyperParameterTuningJobStatus"]

    def _models(self) -> None:
        job = self.sagemaker.describe_training_job(TrainingJobName=TRAINED)
        uri = job["ModelArtifacts"]["S3ModelArtifacts"]
        for name in (MODEL, CHALLENGER):
            self.sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=ROLE, Tags=_TAGS,
                PrimaryContainer={"Image": IMAGE, "ModelDataUrl": uri},
            )  # fmt: skip

    def _batch(self) -> None:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/batch/"}
        self.sagemaker.create_transform_job(
            TransformJobName=TRANSFORMED, ModelName=MODEL,
            TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv",
                            "SplitType": "Line"},
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/predicted/"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )  # fmt: skip
        self._wait("transform_job_completed_or_stopped", TransformJobName=TRANSFORMED)

    def process(self, name: str, program: str, *arguments: str) -> None:
        """Begins a processing job that runs a program of Python."""
        self.sagemaker.create_processing_job(
            ProcessingJobName=name, Tags=_TAGS, **self._program(name, program, *arguments)
        )

    def _program(self, name: str, program: str, *arguments: str) -> dict[str, Any]:
        """The arguments of a processing job that runs a program of Python."""
        self.s3.put_object(Bucket=BUCKET, Key=f"code/{name}/main.py", Body=program.encode())
        code = {
            "S3Uri": f"s3://{BUCKET}/code/{name}/", "LocalPath": _CODE, "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }  # fmt: skip
        return {
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", f"{_CODE}/main.py"],
                **({"ContainerArguments": list(arguments)} if arguments else {}),
            },
            "ProcessingInputs": [{"InputName": "code", "S3Input": code}],
            "ProcessingResources": {"ClusterConfig": _INSTANCES},
        }  # fmt: skip

    def _endpoint(self) -> None:
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=ENDPOINT,
            ProductionVariants=[
                variant(MODEL, "champion", InitialVariantWeight=3),
                variant(CHALLENGER, "challenger", InitialVariantWeight=1),
            ],
            DataCaptureConfig={
                "EnableCapture": True, "InitialSamplingPercentage": 100,
                "DestinationS3Uri": f"s3://{BUCKET}/captured/",
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            },
        )  # fmt: skip
        self.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
        self.sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT)
        for row in rows(24, 4):
            body = ",".join(map(str, row[1:]))
            self.runtime.invoke_endpoint(
                EndpointName=ENDPOINT, ContentType="text/csv", Body=body.encode()
            )


def _channel(name: str, prefix: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{prefix}"}
    return {
        "ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": "text/csv",
    }  # fmt: skip


def archive(names: list[str]) -> bytes:
    """A .tar.gz of empty files."""
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w:gz") as tar:
            for name in names:
                tar.addfile(tarfile.TarInfo(name), io.BytesIO())
        return content.getvalue()
