"""One training job from its record to its model artifact.

Starting → Downloading → Training → Uploading → Completed, or Failed, or Stopped: each step says
so in the record as AWS does, and the record is all that the API ever looks at.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from typing import Any

from labcloud.aws.logs import TRAINING_JOBS
from labcloud.aws.s3.objects import Location, ObjectStoreError
from labcloud.cloud import Cloud
from labcloud.containers.archives import pack
from labcloud.containers.contract import Contract
from labcloud.containers.engine import (
    TRAINING_GRACE,
    CannotStart,
    Container,
    ContainerSpec,
    ImageNotAvailable,
)
from labcloud.containers.images import built_in
from labcloud.sagemaker.data import ClientError, download_channel
from labcloud.sagemaker.states import ENDED, LOST, JobStatus, SecondaryStatus
from labcloud.sagemaker.training.metrics import Heard, Metrics, definitions
from labcloud.state.records import Missing, Record

KIND = "training-job"

logger = logging.getLogger(__name__)


@dataclass
class Stop:
    """A request to end a job early, and why."""

    requested: asyncio.Event = field(default_factory=asyncio.Event)
    timed_out: bool = False


class TrainingJob:
    """The work of one job; everything it knows it reads from the record."""

    def __init__(self, cloud: Cloud, name: str, heard: Heard | None = None) -> None:
        self.cloud = cloud
        self.name = name
        self.request = cloud.records.get(KIND, name)
        self.contract = Contract(cloud.jobs_folder / "training" / name)
        self.metrics = Metrics(definitions(self.request["AlgorithmSpecification"]), heard)
        self.stop = Stop()

    async def run(self) -> None:
        """Ends with the record in one of the final states, whatever happens."""
        try:
            reason = await self._work()
        except asyncio.CancelledError:
            self._end(JobStatus.FAILED, SecondaryStatus.FAILED, LOST)
            raise
        except (ClientError, ImageNotAvailable, ObjectStoreError) as error:
            reason = f"ClientError: {error}"
        except CannotStart as error:
            reason = f"AlgorithmError: {error}"
        except Exception as error:
            logger.exception("training job %s", self.name)
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        finally:
            await self._clear()
        await self.cloud.insist(lambda: self._end(*self._outcome(reason), reason or None))

    def _outcome(self, reason: str) -> tuple[str, str]:
        """The final status and secondary status."""
        if reason:
            return JobStatus.FAILED, SecondaryStatus.FAILED
        if self.stop.timed_out:
            return JobStatus.STOPPED, SecondaryStatus.MAX_RUNTIME_EXCEEDED
        if self.stop.requested.is_set():
            return JobStatus.STOPPED, SecondaryStatus.STOPPED
        return JobStatus.COMPLETED, SecondaryStatus.COMPLETED

    async def _clear(self) -> None:
        """Removes the job's folder; that it could not is no reason for the job to fail."""
        try:
            await asyncio.to_thread(shutil.rmtree, self.contract.root, True)
        except OSError:
            logger.exception("training job %s: its folder stays", self.name)

    async def _work(self) -> str:
        """Returns the reason of a failure, or an empty string."""
        self._enter(SecondaryStatus.STARTING, "Launching requested ML instances")
        async with self.cloud.instance(self.stop.requested) as free:
            if not free:
                return ""
            self._say("Preparing the instances for training")
            await asyncio.to_thread(self.contract.create)
            self._enter(SecondaryStatus.DOWNLOADING, "Downloading input data")
            await asyncio.to_thread(self._download)
            if self.stop.requested.is_set():
                return ""
            code = await self._train()
            stopped = self.stop.requested.is_set()
            if code and not stopped:
                return self._failure(code)
            await self._upload()
        return ""

    def _download(self) -> None:
        self.contract.write_training_config(
            plain(self.request), definitions(self.request["AlgorithmSpecification"])
        )
        for channel in self.request.get("InputDataConfig", []):
            folder = self.contract.data / channel["ChannelName"]
            download_channel(self.cloud.objects, channel, folder)

    async def _train(self) -> int:
        self._enter(SecondaryStatus.TRAINING, "Downloading the training image")
        stream = self.cloud.logs.stream(TRAINING_JOBS, f"{self.name}/algo-1-{int(time.time())}")
        try:
            container = await self.cloud.engine.train(self._spec())
        except CannotStart as error:
            stream.write(str(error))
            stream.flush()
            raise
        self._say(
            "Training image download completed. Training in progress.",
            TrainingStartTime=time.time(),
        )
        following = asyncio.create_task(stream.follow(container.lines(), self.metrics.read))
        stopping = asyncio.create_task(self._watch(container))
        try:
            code = await container.wait()
            await following
        finally:
            container.kill()
            stopping.cancel()
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await stopping
        return code

    def _spec(self) -> ContainerSpec:
        algorithm = self.request["AlgorithmSpecification"]
        return ContainerSpec(
            image=algorithm["TrainingImage"],
            root=self.contract.root,
            entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
            arguments=tuple(algorithm.get("ContainerArguments", ())),
            owner=f"{KIND}/{self.name}",
            instance_type=self.request.get("ResourceConfig", {}).get("InstanceType", ""),
            isolated=self.request.get("EnableNetworkIsolation", False),
            environment={
                **_share(self.request),
                **self.request.get("Environment", {}),
                "TRAINING_JOB_NAME": self.name,
                "TRAINING_JOB_ARN": self.request["TrainingJobArn"],
                "AWS_REGION": self.cloud.arns.region,
            },
        )

    async def _watch(self, container: Container) -> None:
        """SIGTERM at a stop or at MaxRuntimeInSeconds, SIGKILL after the grace."""
        limit = self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86400)
        try:
            async with asyncio.timeout(limit):
                await self.stop.requested.wait()
        except TimeoutError:
            self.stop.timed_out = True
            self.stop.requested.set()
            with contextlib.suppress(OSError, sqlite3.Error):
                # On a full disk the job is stopped without a word about it.
                self._enter(SecondaryStatus.STOPPING, "Stopping the training job")
        container.terminate()
        await asyncio.sleep(TRAINING_GRACE)
        container.kill()

    async def _upload(self) -> None:
        # A job that was stopped keeps its model too.
        self._enter(SecondaryStatus.UPLOADING, "Uploading generated training model")
        target = Location.parse(self.request["OutputDataConfig"]["S3OutputPath"])
        folder = target.child(self.name, "output")
        archives = {"model.tar.gz": self.contract.model, "output.tar.gz": self.contract.output_data}
        for name, source in archives.items():
            archive = self.contract.root / name
            if await asyncio.to_thread(pack, source, archive):
                await asyncio.to_thread(self.cloud.objects.upload, archive, folder.child(name))

    def _failure(self, code: int) -> str:
        said = self.contract.failure()
        if said.startswith("ClientError: ") and built_in(
            self.request["AlgorithmSpecification"].get("TrainingImage", "")
        ):
            # AWS's own algorithms tell the user's mistakes from theirs.
            return said
        return f"AlgorithmError: {said}" if said else f"AlgorithmError: , exit code: {code}"

    # ---- the record -------------------------------------------------------------------------

    def _enter(self, status: str, message: str) -> None:
        """A new secondary status: closes the last transition and opens this one.

        A job that is being stopped stays Stopping, whatever it still does.
        """
        if self.stop.requested.is_set() and status != SecondaryStatus.STOPPING:
            return
        record = self.cloud.records.get(KIND, self.name)
        self._note(**entered(record, status, message))

    def _say(self, message: str, **changes: Any) -> None:
        """A new message within the secondary status, and what else has changed."""
        if self.stop.requested.is_set():
            return self._note(**changes)
        transitions = self.cloud.records.get(KIND, self.name)["SecondaryStatusTransitions"]
        transitions[-1]["StatusMessage"] = message
        self._note(SecondaryStatusTransitions=transitions, **changes)

    def _note(self, **changes: Any) -> None:
        self.cloud.records.note(KIND, self.name, LastModifiedTime=time.time(), **changes)

    def _end(self, status: str, secondary: str, reason: str | None) -> None:
        with contextlib.suppress(Missing):
            record = self.cloud.records.get(KIND, self.name)
            self.cloud.records.update(
                KIND,
                self.name,
                LastModifiedTime=time.time(),
                FinalMetricDataList=self.metrics.final(),
                **ended(record, status, secondary, reason),
            )
            self.cloud.tell(KIND, self.name, status, reason)


def entered(record: Record, status: str, message: str) -> dict[str, Any]:
    """The changes to a job's record when it enters a secondary status."""
    now = time.time()
    transitions = list(record.get("SecondaryStatusTransitions", []))
    if transitions:
        if transitions[-1]["Status"] == status:
            transitions[-1]["StatusMessage"] = message
            return {"SecondaryStatusTransitions": transitions}
        transitions[-1].setdefault("EndTime", now)
    transitions.append({"Status": status, "StartTime": now, "StatusMessage": message})
    return {"SecondaryStatus": status, "SecondaryStatusTransitions": transitions}


_ENDINGS = {
    SecondaryStatus.COMPLETED: "Training job completed",
    SecondaryStatus.FAILED: "Training job failed",
    SecondaryStatus.STOPPED: "Training job stopped",
    SecondaryStatus.MAX_RUNTIME_EXCEEDED: (
        "Training job runtime exceeded MaxRuntimeInSeconds provided"
    ),
}


def ended(record: Record, status: str, secondary: str, reason: str | None) -> dict[str, Any]:
    """The changes to a job's record when it ends."""
    changes = entered(record, secondary, _ENDINGS[secondary])
    now = time.time()
    changes["SecondaryStatusTransitions"][-1]["EndTime"] = now
    started = record.get("TrainingStartTime")
    seconds = max(1, round(now - started)) if started else None
    return changes | {
        "TrainingJobStatus": status,
        "FailureReason": reason,
        "TrainingEndTime": now if started else None,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
    }


def plain(record: Record) -> dict[str, Any]:
    """The record as the container may see it: JSON without what is labcloud's own."""
    return {name: value for name, value in record.items() if name not in ("Tags", "Threads")}


def _share(record: Record) -> dict[str, str]:
    """The part of the cores that a job gets which is one of several."""
    return {"OMP_NUM_THREADS": str(record["Threads"])} if "Threads" in record else {}


def start(cloud: Cloud, name: str, heard: Heard | None = None) -> asyncio.Task[None]:
    """Begins the work of a job whose record has just been written; `heard` is told its metrics."""
    return cloud.work(KIND, name, TrainingJob(cloud, name, heard))


def stop(cloud: Cloud, name: str) -> None:
    """Asks a running job to end; its record says Stopping from now on."""
    record = cloud.records.get(KIND, name)
    cloud.records.update(
        KIND,
        name,
        TrainingJobStatus=JobStatus.STOPPING,
        **entered(record, SecondaryStatus.STOPPING, "Stopping the training job"),
    )
    job: TrainingJob | None = cloud.running.get((KIND, name))
    if job:
        job.stop.requested.set()


def recover(cloud: Cloud) -> None:
    """After a restart: what was running has been lost, and says so."""
    for record in cloud.records.all(KIND):
        if record["TrainingJobStatus"] not in ENDED:
            changes = ended(record, JobStatus.FAILED, SecondaryStatus.FAILED, LOST)
            cloud.records.update(
                KIND, record["TrainingJobName"], LastModifiedTime=time.time(), **changes
            )
    shutil.rmtree(cloud.jobs_folder / "training", ignore_errors=True)
