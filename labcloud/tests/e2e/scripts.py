"""What the tests of script mode share: images, archives of source, and jobs that run a script."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

from labcloud_support.resources import IMAGE, ROLE

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = IMAGE
# What the SDK's drivers, and the toolkits, call the Python of the image.
PYTHON = "/miniconda3/bin/python"


# What tuning jobs run: its accuracy is the better, the deeper.
TUNED = """\
import argparse, sys
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--target")
told, _ = parser.parse_known_args()
assert told.target == "Species", sys.argv
print(f"accuracy: 0.{told.depth};")
"""
ACCURACY = {"Name": "accuracy", "Regex": "accuracy: ([0-9.]+);"}


def check_tuning(sagemaker: Any, name: str) -> None:
    """That a tuning job over TUNED, of depths from 1 to 3, has run each and found the best."""
    waited = sagemaker.get_waiter("training_job_completed_or_stopped")
    found = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )["TrainingJobSummaries"]
    values = {}
    for each in found:
        waited.wait(TrainingJobName=each["TrainingJobName"])
        assert each["TrainingJobStatus"] == "Completed"
        depth = each["TunedHyperParameters"]["depth"].strip('"')
        values[each["TrainingJobName"]] = float(f"0.{depth}")
        metric = each["FinalHyperParameterTuningJobObjectiveMetric"]
        assert abs(metric["Value"] - values[each["TrainingJobName"]]) < 1e-6
    assert len(values) == 3
    described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert described["HyperParameterTuningJobStatus"] == "Completed"
    best = described["BestTrainingJob"]["TrainingJobName"]
    assert values[best] == max(values.values())


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A .tar.gz of these files."""
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w:gz") as tar:
            for name, text in files.items():
                body = text.encode() if isinstance(text, str) else text
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(body), 0o644
                tar.addfile(member, io.BytesIO(body))
        return content.getvalue()


def line(log: list[str], word: str) -> str:
    """What stands behind a word, at the beginning of one line of a log."""
    (found,) = [each for each in log if each.startswith(f"{word} ")]
    return found.removeprefix(f"{word} ")


class Scripts:
    """Training jobs as the SDK v2 requests them; every job has a source of its own."""

    def __init__(self, s3: Any, sagemaker: Any, bucket: str) -> None:
        self.s3, self.sagemaker, self.bucket = s3, sagemaker, bucket

    @classmethod
    def in_new_bucket(cls, client: Callable[[str], Any], bucket: str) -> Scripts:
        client("s3").create_bucket(Bucket=bucket)
        return cls(client("s3"), client("sagemaker"), bucket)

    def put(self, key: str, body: bytes) -> str:
        """The URI of a new object."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def request(
        self,
        name: str,
        source: str,
        hyperparameters: Mapping[str, Any] | None = None,
        image: str = SKLEARN,
        program: str = "train.py",
        **changes: Any,
    ) -> dict[str, Any]:
        """A request; hyperparameters are JSON, as the SDK v2 writes them."""
        given = {
            "sagemaker_program": program,
            "sagemaker_submit_directory": source,
            "sagemaker_container_log_level": 20,
            "sagemaker_job_name": name,
            "sagemaker_region": "us-east-1",
            **(hyperparameters or {}),
        }
        specification = {"TrainingImage": image, "TrainingInputMode": "File"}
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": specification | changes.pop("AlgorithmSpecification", {}),
            "HyperParameters": {key: json.dumps(value) for key, value in given.items()},
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 120},
            **changes,
        }  # fmt: skip

    def begin(self, name: str, files: Mapping[str, str], **given: Any) -> str:
        """Starts a job that runs the train.py of these files."""
        source = self.put(f"{name}/sourcedir.tar.gz", archive(files))
        self.sagemaker.create_training_job(**self.request(name, source, **given))
        return name
