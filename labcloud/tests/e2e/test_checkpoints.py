"""Checkpoints are brought to a job, and kept in S3 while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.life import eventually

from .pushed import push
from .test_refusals import refused_job
from .tuning.tunings import settings

# Says what it finds, writes one more, and waits for its end.
PROGRAM = """\
#!/bin/sh
cd {path}
echo "found $(find . -type f | sort | tr '\\n' ' ')"
mkdir -p deep/er
echo one >deep/er/step-$(find . -type f | wc -l)
echo half >half.sagemaker-ignore
ln -s /etc/passwd link
while ! [ -e /opt/ml/model/end ]; do sleep 0.05; done
"""


@pytest.fixture
def keys(client: Callable[[str], Any], own_bucket: str) -> Callable[[], list[str]]:
    """All keys of the test's bucket."""

    def found() -> list[str]:
        listed = client("s3").list_objects_v2(Bucket=own_bucket).get("Contents", [])
        return [item["Key"] for item in listed]

    return found


@pytest.mark.parametrize("path", ["/opt/ml/checkpoints/", "/opt/ml/my/own", "/mnt/checkpoints"])
def test_they_are_kept_while_the_job_runs_and_brought_to_the_next(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    own_bucket: str, keys: Callable[[], list[str]], name: str, path: str,
) -> None:  # fmt: skip
    program = PROGRAM.format(path=path)
    files = {"Dockerfile": "FROM x\nCOPY train /usr/bin/\n", "train": program}
    request = request_for(name, push(ecr, repository, files))
    request["CheckpointConfig"] = {"S3Uri": f"s3://{own_bucket}/kept", "LocalPath": path}
    sagemaker.create_training_job(**request)
    eventually(lambda: keys() == ["kept/deep/er/step-0"], "the checkpoint is in S3")
    assert sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] == "Training"
    sagemaker.stop_training_job(TrainingJobName=name)
    assert finished(name)["TrainingJobStatus"] == "Stopped"
    second = f"{name}-b"
    sagemaker.create_training_job(**request | {"TrainingJobName": second})
    eventually(lambda: len(keys()) == 2, "the second checkpoint is in S3")
    sagemaker.stop_training_job(TrainingJobName=second)
    finished(second)
    assert log_of(second)[1] == "found ./deep/er/step-0 "
    assert keys() == ["kept/deep/er/step-0", "kept/deep/er/step-1"]


def test_xgboost_goes_on_where_it_was(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], finished: Any, log_of: Any,
    own_bucket: str, keys: Callable[[], list[str]], name: str,
) -> None:  # fmt: skip
    for job, rounds in ((name, "3"), (f"{name}-b", "5")):
        request = request_of(job, golden["softprob"])
        request["HyperParameters"] = request["HyperParameters"] | {"num_round": rounds}
        request["CheckpointConfig"] = {"S3Uri": f"s3://{own_bucket}/kept/"}
        sagemaker.create_training_job(**request)
        assert finished(job)["TrainingJobStatus"] == "Completed"
    lines = [line.split("#011")[0] for line in log_of(f"{name}-b") if "mlogloss" in line]
    assert lines == ["[3]", "[4]"]
    assert keys() == [f"kept/xgboost-checkpoint.{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("name_of_file", "said"),
    [("$(printf '\\377')", "A key must be text in UTF-8"), ("$DEEP/x", "Your key is too long")],
    ids=["not UTF-8", "long"],
)
@pytest.mark.parametrize("kind", ["checkpoints", "model"])
def test_a_file_whose_name_is_no_key_fails_the_job(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, own_bucket: str,
    keys: Callable[[], list[str]], name: str, name_of_file: str, said: str, kind: str,
) -> None:  # fmt: skip
    part = "d" * 200
    program = f"#!/bin/sh\nDEEP={'/'.join([part] * 6)}\ncd /opt/ml/{kind}\nmkdir -p $DEEP\n"
    program += f'echo x >"{name_of_file}"\necho x >zzz\n'
    files = {"Dockerfile": "FROM x\nCOPY train /usr/bin/\n", "train": program}
    request = request_for(name, push(ecr, repository, files))
    request["CheckpointConfig"] = {"S3Uri": f"s3://{own_bucket}/kept"}
    output = {"S3OutputPath": f"s3://{own_bucket}/out", "CompressionType": "NONE"}
    sagemaker.create_training_job(**request | {"OutputDataConfig": output})
    job = finished(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: {said} (s3://{own_bucket}/")
    assert [key.rpartition("/")[2] for key in keys()] == ["zzz"]


@pytest.mark.parametrize("path", ["checkpoints", "/opt/ml", "/opt", "/", "/mnt/../etc", "/mnt//a"])
def test_a_path_that_is_no_folder_of_the_container(
    sagemaker: Any, request_: dict[str, Any], own_bucket: str, path: str
) -> None:
    request_["CheckpointConfig"] = {"S3Uri": f"s3://{own_bucket}/kept", "LocalPath": path}
    said = refused_job(sagemaker, request_)
    assert said.startswith("The LocalPath of CheckpointConfig must be the absolute path of a")


def test_the_jobs_of_a_tuning_do_not_go_on_from_each_other(
    sagemaker: Any, request_of: Any, golden: dict[str, Any], own_bucket: str,
    keys: Callable[[], list[str]], name: str,
) -> None:  # fmt: skip
    definition = request_of(name, golden["softprob"])
    static = definition.pop("HyperParameters") | {"num_round": "2"}
    del definition["TrainingJobName"], static["max_depth"]
    definition["CheckpointConfig"] = {"S3Uri": f"s3://{own_bucket}/kept"}
    depths = {"Name": "max_depth", "MinValue": "2", "MaxValue": "4"}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=settings(
            "validation:mlogloss", {"IntegerParameterRanges": [depths]}, 2, 1
        ),
        TrainingJobDefinition={**definition, "StaticHyperParameters": static},
    )
    ended = eventually(
        lambda: [
            each["TrainingJobName"]
            for each in sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=name, StatusEquals="Completed"
            )["TrainingJobSummaries"]
        ][1:],
        "both jobs have ended",
    )
    assert ended
    names = {key.split("/")[1] for key in keys()}
    assert len(names) == 2 and set(ended) < names
    assert len(keys()) == 4
