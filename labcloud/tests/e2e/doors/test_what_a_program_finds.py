"""A program that looks for what is not its own: the server's state, and anybody's credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labcloud_support.life import Life, eventually, life_with
from labcloud_support.resources import ROLE
from labcloud_support.wheels import spy

from ..pushed import push
from ..scripts import SKLEARN
from .marks import SECRET

# What a curious program tries; the last line of its log is what it has found.
CURIOUS = """
import glob, json, os, subprocess, sys
state, home = sys.argv[1:]
found = {"state": [], "environments": [], "home": []}
# What is there at first, and when what covers it has been taken away.
for attempt in (["true"], ["umount", "-lR", state], ["unshare", "-Urm", "umount", "-lR", state]):
    subprocess.run(attempt, capture_output=True)
    for folder, _, names in os.walk(state):
        found["state"] += [os.path.join(folder, name) for name in names]
for process in glob.glob("/proc/[0-9]*"):
    for name in ("environ", "root" + state + "/credentials.json"):
        try:
            with open(f"{process}/{name}", "rb") as file:
                text = file.read().decode()
        except (OSError, UnicodeDecodeError):
            continue
        if "SECRET" in text.upper() and os.environ["AWS_SECRET_ACCESS_KEY"] not in text:
            found["environments"].append(f"{process}/{name}: {text}")
found["written"] = []
for path in ("/proc/sys/kernel/core_pattern", "/sys/kernel/uevent_helper", "/dev/kmsg",
             state + "/requirements/sitecustomize.py", "/proc/sysrq-trigger"):
    try:
        with open(path, "a"):
            found["written"].append(path)
    except OSError:
        pass
for folder, _, names in os.walk(home):
    found["home"] += [os.path.join(folder, name) for name in names]
print("FOUND", json.dumps(found), flush=True)
"""
STAYS = "import time; print('begun', flush=True); time.sleep(600)"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A labcloud whose user has credentials of AWS's."""
    folder = tmp_path_factory.mktemp("curious")
    (folder / "home" / ".aws").mkdir(parents=True)
    (folder / "home" / ".aws" / "credentials").write_text(SECRET)
    (folder / "home" / "notes.txt").write_text("not secret")
    with life_with(folder / "state", HOME=str(folder / "home")) as life:
        yield life


def begin(life: Life, name: str, program: str, *arguments: str) -> None:
    s3, place = life.client("s3"), "/opt/ml/processing/input/code"
    s3.create_bucket(Bucket="programs")
    s3.put_object(Bucket="programs", Key=f"{name}/main.py", Body=program.encode())
    life.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", f"{place}/main.py"],
            **({"ContainerArguments": list(arguments)} if arguments else {}),
        },
        ProcessingInputs=[{
            "InputName": "code",
            "S3Input": {"S3Uri": f"s3://programs/{name}/", "LocalPath": place,
                        "S3DataType": "S3Prefix", "S3InputMode": "File"},
        }],
        ProcessingResources={"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    )  # fmt: skip


def log(life: Life, name: str) -> list[str]:
    logs, group = life.client("logs"), "/aws/sagemaker/ProcessingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
    return [
        event["message"]
        for stream in streams["logStreams"]
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]


def test_it_finds_no_state_and_no_credentials_but_its_own(life: Life) -> None:
    begin(life, "stays", STAYS)
    eventually(lambda: "begun" in log(life, "stays"), "another job is there to be read")
    home = life.home.path.parent / "home"
    begin(life, "curious", CURIOUS, str(life.home.path), str(home))

    lines = eventually(
        lambda: [line for line in log(life, "curious") if line.startswith("FOUND ")],
        "it has looked",
    )
    print(log(life, "curious"))
    (line,) = lines
    found: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    assert found["environments"] == []
    # Kept packages are there to be read.
    kept = str(life.home.path / "requirements")
    assert [path for path in found["state"] if not path.startswith(kept)] == []
    assert found["home"] == [str(home / "notes.txt")]
    # /dev/kmsg is another file, which takes everything.
    assert set(found["written"]) <= {"/dev/kmsg"}
    life.client("sagemaker").stop_processing_job(ProcessingJobName="stays")


RECIPE = """
FROM python
COPY builds.py pyproject.toml /src/
RUN pip install /src
ENTRYPOINT ["python", "-c", "import lc_spy; print('BUILT', lc_spy.FOUND)"]
"""


def test_nor_does_what_the_build_of_its_image_runs(life: Life) -> None:
    """On AWS, an image is built elsewhere, by somebody who has none of this."""
    home, ecr = life.home.path.parent / "home", life.client("ecr")
    ecr.create_repository(repositoryName="spies")
    looks = (
        f"found = sorted(os.listdir({str(life.home.path)!r})), "
        f"os.path.exists({str(home / '.aws' / 'credentials')!r})\n"
    )
    files = {"Dockerfile": RECIPE, **spy(looks)}
    life.client("sagemaker").create_processing_job(
        ProcessingJobName="built",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": push(ecr, "spies", files)},
        ProcessingResources={"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    )  # fmt: skip
    (line,) = eventually(
        lambda: [line for line in log(life, "built") if line.startswith("BUILT ")], "it has run"
    )
    # Its own folder, and what is kept.
    assert line == "BUILT (['jobs', 'requirements'], False)"
