"""How processing jobs end: by themselves, by a stop, with the server; and what is in S3 then."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import LOST, Life, eventually

from .processing import BUCKET, Jobs, an_output


@pytest.fixture(scope="module")
def jobs(client: Callable[[str], Any]) -> Jobs:
    return Jobs(client)


@pytest.mark.parametrize(
    ("name", "program", "reason", "message"),
    [
        ("fails", "raise SystemExit(3)", "See job logs for more information", None),
        ("explains", "open('/opt/ml/output/message', 'w').write('no rows'); raise SystemExit(4)",
         "no rows, exit code: 4", "no rows"),
    ],
)  # fmt: skip
def test_a_program_that_fails(
    jobs: Jobs, name: str, program: str, reason: str, message: str | None
) -> None:
    jobs.begin(name, f"open('/opt/ml/processing/output/a', 'w').close()\n{program}")
    job = jobs.ended(name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {reason}"
    assert job.get("ExitMessage") == message
    assert jobs.outputs(name) == {}


def test_a_message_that_is_no_text_fails_the_job(jobs: Jobs) -> None:
    """As documented; one that is cut in the middle of a character is a text."""
    write = "open('/opt/ml/output/message', 'wb').write({})"
    jobs.begin("no-text", write.format("b'caf\\xe9'"))
    job = jobs.ended("no-text")
    assert job["FailureReason"] == "ClientError: /opt/ml/output/message is not text in UTF-8"
    jobs.begin("long-text", write.format("('a' + 'ü' * 600).encode()") + "; raise SystemExit(1)")
    job = jobs.ended("long-text")
    assert job["ExitMessage"] == "a" + "ü" * 511
    assert job["FailureReason"] == f"AlgorithmError: a{'ü' * 511}, exit code: 1"


def test_the_log_says_how_a_program_has_ended(jobs: Jobs) -> None:
    jobs.begin("killed", "import os; os.kill(os.getpid(), 9)")
    assert jobs.ended("killed")["ProcessingJobStatus"] == "Failed"
    assert "[labcloud] the program has ended with exit code 137 (SIGKILL)" in jobs.log("killed")


def test_what_cannot_be_uploaded_hides_nothing_else(jobs: Jobs) -> None:
    """One output has no bucket: the others arrive, and the program's own end is told."""
    bad = an_output("bad", "x", "Continuous", "bad")
    bad["S3Output"]["S3Uri"] = "s3://there-is-no-such-bucket/x"
    outputs = {"Outputs": [bad, an_output("late", "late/out"),
                           an_output("soon", "soon/out", "Continuous", "soon")]}  # fmt: skip
    program = (
        "for name in ('bad', 'soon', 'output'):\n"
        "    open(f'/opt/ml/processing/{name}/file', 'w').write(name)\n"
        "open('/opt/ml/output/message', 'w').write('done')\n"
    )
    jobs.begin("late", program, ProcessingOutputConfig=outputs)
    job = jobs.ended("late")
    assert "there-is-no-such-bucket" in job["FailureReason"]
    assert job["ExitMessage"] == "done"
    assert (jobs.outputs("late"), jobs.outputs("soon")) == ({"file": b"output"}, {"file": b"soon"})
    jobs.begin("own-end", program + "raise SystemExit(3)", ProcessingOutputConfig=outputs)
    assert jobs.ended("own-end")["FailureReason"] == "AlgorithmError: done, exit code: 3"
    said = [line for line in jobs.log("own-end") if "not all of an output is in S3" in line]
    assert ["there-is-no-such-bucket" in line for line in said] == [True]
    jobs.begin(
        "timed-out", program + "import time; time.sleep(600)", ProcessingOutputConfig=outputs,
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )  # fmt: skip
    assert jobs.ended("timed-out")["ProcessingJobStatus"] == "Stopped"


def test_the_log_says_what_is_left_out(jobs: Jobs) -> None:
    program = (
        "import os\nos.chdir('/opt/ml/processing/output')\nopen('a', 'w').close()\n"
        "for n in range(300):\n    os.mkdir('d')\n    os.chdir('d')\n"
    )
    jobs.begin("deep", program)
    assert jobs.ended("deep")["ProcessingJobStatus"] == "Completed"
    assert jobs.outputs("deep") == {"a": b""}
    (line,) = [line for line in jobs.log("deep") if "not copied to S3" in line]
    assert line.startswith("[labcloud] not copied to S3: /opt/ml/processing/output/d/d/d")
    assert "folders deep" in line


def test_a_continuous_output_is_there_before_the_end(jobs: Jobs) -> None:
    program = (
        "import time\nwith open('/opt/ml/processing/output/a', 'w') as file:\n"
        "    file.write('1')\ntime.sleep(600)\n"
    )
    outputs = {"Outputs": [an_output("out", "continuous/out", "Continuous")]}
    jobs.begin("continuous", program, ProcessingOutputConfig=outputs)
    eventually(lambda: jobs.outputs("continuous") == {"a": b"1"}, "the output is in S3")
    assert jobs.sagemaker.describe_processing_job(ProcessingJobName="continuous")[
        "ProcessingJobStatus"
    ] == "InProgress"  # fmt: skip
    jobs.sagemaker.stop_processing_job(ProcessingJobName="continuous")
    job = jobs.ended("continuous")
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    with pytest.raises(ClientError, match="processing job is in status Stopped"):
        jobs.sagemaker.stop_processing_job(ProcessingJobName="continuous")


def test_a_job_that_takes_too_long_is_stopped(jobs: Jobs) -> None:
    jobs.begin("long", "import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert jobs.ended("long")["ProcessingJobStatus"] == "Stopped"


def test_a_server_that_is_killed_has_lost_its_jobs(tmp_path: Path) -> None:
    life = Life(tmp_path)
    jobs = Jobs(life.client)
    try:
        jobs.begin("lost", "print('begun', flush=True)\nimport time\ntime.sleep(600)\n")
        eventually(lambda: "begun" in jobs.log_so_far("lost"), "the program runs")
        life.kill()
        life.begin()
        jobs = Jobs(life.client)
        job = jobs.sagemaker.describe_processing_job(ProcessingJobName="lost")
        assert job["ProcessingJobStatus"] == "Failed"
        assert job["FailureReason"] == LOST
        assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    finally:
        life.end(clean=True)


def test_a_server_that_is_killed_while_it_uploads(tmp_path: Path) -> None:
    """What has arrived is whole, the job has failed, and the next one does all of it."""
    life = Life(tmp_path)
    jobs = Jobs(life.client)
    size, count = 60_000, 400
    program = (
        f"for n in range({count}):\n"
        "    with open(f'/opt/ml/processing/output/{n}', 'wb') as file:\n"
        f"        file.write(bytes([n % 256]) * {size})\n"
    )
    try:
        jobs.begin("cut", program)
        listed = functools.partial(jobs.s3.list_objects_v2, Bucket=BUCKET, Prefix="cut/out/")
        eventually(lambda: listed()["KeyCount"], "the first output has arrived")
        # The others do not arrive while what it has started is looked for.
        life.server.suspend()
        life.kill()
        life.begin()
        jobs = Jobs(life.client)
        job = jobs.sagemaker.describe_processing_job(ProcessingJobName="cut")
        assert (job["ProcessingJobStatus"], job["FailureReason"]) == ("Failed", LOST)
        arrived = jobs.outputs("cut")
        assert 0 < len(arrived) < count
        assert all(body == bytes([int(n) % 256]) * size for n, body in arrived.items())
        assert not jobs.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")
        jobs.begin(
            "again", program, ProcessingOutputConfig={"Outputs": [an_output("out", "cut/out")]}
        )
        assert jobs.ended("again")["ProcessingJobStatus"] == "Completed"
        assert len(jobs.outputs("cut")) == count
    finally:
        life.end(clean=True)
