"""The command `labcloud`: where the server listens, and how programs elsewhere find it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import boto3
import httpx
import psutil
import pytest

from labcloud.state.home import Home
from labcloud_support.command import labcloud
from labcloud_support.fakes.hostile.train import dig
from labcloud_support.life import Life
from labcloud_support.resources import ROLE


def addresses(life: Life) -> set[str]:
    """Where the server listens."""
    connections = psutil.Process(life.running.pid).net_connections("inet")
    return {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}


def variables(said: str) -> dict[str, str]:
    """What a shell makes of `labcloud env`."""
    names = re.findall(r"^export (\w+)=", said, re.M)
    shown = " ".join(f'"${name}"' for name in names)
    done = subprocess.run(
        ["sh", "-c", f'{said}printf "%s\\n" {shown}'], capture_output=True, text=True, check=True
    )
    return dict(zip(names, done.stdout.splitlines(), strict=True))


def test_it_listens_on_loopback_and_elsewhere_only_if_told(tmp_path: Path) -> None:
    for options, found in (((), "127.0.0.1"), (("--host", "0.0.0.0"), "0.0.0.0")):
        life = Life(tmp_path, *options, alone=True)
        try:
            assert addresses(life) == {found}
        finally:
            life.end(clean=True)


def test_a_name_is_allowed_by_name(tmp_path: Path) -> None:
    life = Life(tmp_path, "--allow-host", "labcloud")
    try:
        for name, refusal in (
            ("labcloud", "Missing Authentication Token"),
            ("elsewhere", "is not this server"),
        ):
            host = {"Host": f"{name}:{life.running.port}"}
            answer = httpx.get(life.running.url, headers=host, trust_env=False)
            assert answer.status_code == 403
            assert refusal in answer.text
    finally:
        life.end(clean=True)


def test_the_variables_are_enough_for_an_sdk(tmp_path: Path) -> None:
    life = Life(tmp_path)
    try:
        found = variables(labcloud(tmp_path, "env").stdout)
        client = boto3.client(
            "sts",
            endpoint_url=found["AWS_ENDPOINT_URL"],
            region_name=found["AWS_REGION"],
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        )
        assert client.get_caller_identity()["Account"] == "123456789012"
    finally:
        life.end(clean=True)


def test_there_are_none_without_a_server(tmp_path: Path) -> None:
    done = labcloud(tmp_path, "env")
    assert (done.returncode, done.stdout) == (3, "")
    assert "labcloud is not running" in done.stderr


@pytest.mark.parametrize("address", ["203.0.113.7", "no.such.name.invalid"])
def test_an_address_of_another_machine(tmp_path: Path, address: str) -> None:
    done = labcloud(tmp_path, "start", "--host", address)
    assert done.returncode == 1
    assert done.stderr.startswith(f"labcloud cannot listen on {address}, port ")
    assert "Traceback" not in done.stderr


def test_what_a_job_has_left_holds_up_neither_start_nor_status_nor_reset(tmp_path: Path) -> None:
    Home(tmp_path / "home").create()
    left = tmp_path / "home" / "jobs" / "training-job" / "deep"
    left.mkdir(parents=True)
    dig(left, 1500)
    life = Life(tmp_path / "home")
    assert not left.exists()
    left.mkdir(parents=True)
    dig(left, 1500)
    status = labcloud(tmp_path / "home", "status")
    assert (status.returncode, status.stderr) == (0, "")
    assert life.home.running()
    reset = labcloud(tmp_path / "home", "reset", "--yes")
    assert (reset.returncode, reset.stderr) == (0, "")
    assert not (tmp_path / "home").exists()


def test_nor_the_end_of_a_server_for_one_command(tmp_path: Path) -> None:
    """`exec` deletes the server's files with whatever a job has left among them."""
    deep = (
        "import os, sys; from pathlib import Path\n"
        "home = Path(os.environ['LABCLOUD_HOME']); print(home); folder = home / 'jobs' / 'left'\n"
        "folder.mkdir(parents=True); os.chdir(folder)\n"
        "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
    )
    done = labcloud(tmp_path, "exec", "--fresh", "--", sys.executable, "-c", deep)
    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()


TRAIN = "#!/bin/sh\necho pushed > /opt/ml/model/it\n"


def test_a_folder_is_pushed_and_trained(tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY train /opt/program/\n"
                                       "ENV PATH=/opt/program:/usr/bin:/bin\n")  # fmt: skip
    (folder / "train").write_text(TRAIN)
    (folder / "train").chmod(0o755)
    life = Life(tmp_path / "home")
    try:
        for _ in range(2):
            pushed = labcloud(tmp_path / "home", "push", str(folder), "my-image:1")
            assert (pushed.returncode, pushed.stderr) == (0, "")
        uri = pushed.stdout.strip()
        assert uri == "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-image:1"
        s3, sagemaker = life.client("s3"), life.client("sagemaker")
        s3.create_bucket(Bucket="pushed")
        sagemaker.create_training_job(
            TrainingJobName="pushed",
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": uri, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": "s3://pushed/out"},
            ResourceConfig={
                "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )  # fmt: skip
        waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
        waiter.wait(TrainingJobName="pushed", WaiterConfig={"Delay": 1})
        job = sagemaker.describe_training_job(TrainingJobName="pushed")
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        for words, code, said in (
            (("push", str(tmp_path), "x"), 2, f"There is no Dockerfile in {tmp_path}."),
            (("push", str(folder), "Not A Name"), 1, "failed to satisfy constraint"),
        ):
            refused = labcloud(tmp_path / "home", *words)
            assert (refused.returncode, refused.stdout) == (code, "")
            assert said in refused.stderr
            assert "Traceback" not in refused.stderr
    finally:
        life.end(clean=True)
    assert labcloud(tmp_path / "home", "push", str(folder), "x").returncode == 3
