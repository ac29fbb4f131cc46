"""Steps with training jobs: made, stopped, waited for, deleted; and their artifacts."""

from __future__ import annotations

import contextlib
import os

import pytest
from botocore.exceptions import ClientError, WaiterError
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from labcloud_support.life import SLOW

from .expected import COMPLETED, ENDED, KILLED, STOPPED, Job
from .ground import ARTIFACTS, PICK, WAITER, Ground, Material

# As many containers train at once (labcloud.server).
INSTANCES = max(2, os.cpu_count() or 2)


class JobSteps(Ground):
    """Training jobs, some of which never end by themselves."""

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        self.jobs: dict[str, Job] = {}
        self.artifacts: dict[str, str] = {}

    @rule()
    def create_job(self) -> None:
        self._create_job(endless=False)

    @rule(count=st.integers(1, INSTANCES))
    def create_endless_jobs(self, count: int) -> None:
        """Up to as many as keep all other jobs waiting, and one that waits itself."""
        for _ in range(count):
            if len([job for job in self._running() if job.endless]) <= INSTANCES:
                self._create_job(endless=True)

    def _create_job(self, *, endless: bool) -> None:
        name = f"job-{next(self.numbers)}"
        case = self.material.case | ({"hyperparameters": SLOW} if endless else {})
        output = {"S3OutputPath": f"s3://{ARTIFACTS}"}
        request = self.material.request_of(name, case, OutputDataConfig=output)
        request["StoppingCondition"] = {"MaxRuntimeInSeconds": 3600}
        arn = self.cloud.sagemaker.create_training_job(**request)["TrainingJobArn"]
        self.jobs[name] = Job(endless, set() if endless else {COMPLETED})
        self.tags[arn] = {}

    @rule(which=PICK, wait=st.booleans())
    def stop_job(self, which: int, wait: bool) -> None:
        names = [name for name, job in self.jobs.items() if not job.ended and not job.stopping]
        if not names:
            return
        name = names[which % len(names)]
        job = self.jobs[name]
        try:
            self.cloud.sagemaker.stop_training_job(TrainingJobName=name)
        except ClientError as error:
            assert "is in status" in str(error)
            self.jobs_are_there()
            assert job.ended
            return
        job.stopping = True
        job.endings = job.endings & {KILLED} | {STOPPED}
        if wait:
            self._wait_for(name)

    @rule()
    def wait_for_jobs(self) -> None:
        self.jobs_settle()

    @rule(which=PICK)
    def delete_job(self, which: int) -> None:
        names = [name for name, job in self.jobs.items() if job.ended]
        if not names:
            return
        name = names[which % len(names)]
        arn = self.cloud.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobArn"]
        self.cloud.sagemaker.delete_training_job(TrainingJobName=name)
        del self.jobs[name], self.tags[arn]
        with pytest.raises(ClientError, match=r"Requested resource not found\."):
            self.cloud.sagemaker.describe_training_job(TrainingJobName=name)

    def _running(self) -> list[Job]:
        """Jobs that nothing has ended or will."""
        return [job for job in self.jobs.values() if not job.ended and not job.stopping]

    def _wait_for(self, name: str) -> None:
        waiter = self.cloud.sagemaker.get_waiter("training_job_completed_or_stopped")
        # It raises for a job that has failed; whether it may have is looked at below.
        with contextlib.suppress(WaiterError):
            waiter.wait(TrainingJobName=name, WaiterConfig=WAITER)
        self.jobs_are_there()
        assert self.jobs[name].ended, f"{name} has not ended"

    def jobs_settle(self) -> None:
        """Waits for all jobs that end by themselves and need not wait for one that does not."""
        blocked = len([job for job in self._running() if job.endless]) >= INSTANCES
        for name, job in self.jobs.items():
            if not job.ended and (job.stopping or not (job.endless or blocked)):
                self._wait_for(name)

    @invariant()
    def jobs_are_there(self) -> None:
        sagemaker = self.cloud.sagemaker
        listed = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
        statuses = {each["TrainingJobName"]: each["TrainingJobStatus"] for each in listed}
        assert statuses.keys() == self.jobs.keys()
        for name, job in self.jobs.items():
            if statuses[name] not in ENDED:
                assert not job.ended and not job.lost, f"{name} is {statuses[name]} again"
                assert statuses[name] == ("Stopping" if job.stopping else "InProgress"), name
                continue
            described = sagemaker.describe_training_job(TrainingJobName=name)
            ending = (described["TrainingJobStatus"], described.get("FailureReason"))
            if job.ended:
                assert ending == job.ended, name
                continue
            assert ending in job.endings, (name, ending, job)
            job.ended = ending
            if ending == COMPLETED:
                job.artifact = described["ModelArtifacts"]["S3ModelArtifacts"]
        self._artifacts_are_there()

    def _artifacts_are_there(self) -> None:
        """Every completed job's, as it was, even after the job was deleted."""
        listed = self.cloud.s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])
        found = {f"s3://{ARTIFACTS}/{each['Key']}": each["ETag"] for each in listed}
        for job in self.jobs.values():
            if job.artifact:
                self.artifacts.setdefault(job.artifact, found[job.artifact])
        assert {uri: found.get(uri) for uri in self.artifacts} == self.artifacts
