"""One training job from its record to its model artifact.

Each step says so in the record as AWS does, and the record is all that the API ever looks at.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
from typing import Any

from labcloud.aws.logs import TRAINING_JOBS
from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.containers.archives import MAX_DEPTH, BadArchive, pack
from labcloud.containers.contract import Contract
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.images import algorithm_of, script_of
from labcloud.containers.threads import to_the_end
from labcloud.sagemaker.failures import ClientError
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.locations import elsewhere
from labcloud.sagemaker.program import Program
from labcloud.sagemaker.states import JobStatus, SecondaryStatus
from labcloud.sagemaker.training.channels import Channels
from labcloud.sagemaker.training.checkpoints import Checkpoints
from labcloud.sagemaker.training.metrics import MetricListener, Metrics, definitions
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.training.transitions import ended, entered
from labcloud.state.records import Record
from labcloud.state.trees import files

# The CompressionType of an OutputDataConfig.
_UNPACKED = "NONE"
# What a record holds that is labcloud's own.
_OWN = ("Tags", "Threads")


class TrainingJob(Job):
    """The work of one training job; `listener` gets the values of its metrics as they arrive."""

    resource = TRAINING_JOB

    def __init__(self, cloud: Cloud, name: str, listener: MetricListener | None = None) -> None:
        super().__init__(cloud, name)
        # Beside it, in the job's folder, is what the container does not see.
        self.contract = Contract(self.folder / "ml")
        self.channels = Channels(cloud.objects, self.request, self.contract.data)
        self.metrics = Metrics(
            definitions(self.request),
            functools.partial(cloud.training_metrics.add, name),
            *([listener] if listener else []),
        )
        self.timed_out = False

    @classmethod
    def when_begun(cls, cloud: Cloud, record: Record) -> dict[str, Any]:
        output = record["OutputDataConfig"]
        # Unpacked, the model is a prefix.
        name = "model" if output.get("CompressionType") == _UNPACKED else "model.tar.gz"
        target = Location.parse(output["S3OutputPath"])
        artifact = target.child(record["TrainingJobName"], "output", name)
        return {
            "ModelArtifacts": {"S3ModelArtifacts": str(artifact)},
            **entered(
                record,
                SecondaryStatus.STARTING,
                "Starting the training job",
                record["CreationTime"],
            ),
        }

    @classmethod
    def when_stopping(cls, record: Record) -> dict[str, Any]:
        return entered(record, SecondaryStatus.STOPPING, "Stopping the training job")

    @classmethod
    def when_ended(cls, record: Record, status: str) -> dict[str, Any]:
        return ended(record, status)

    def results(self, record: Record, status: str) -> dict[str, Any]:
        late = self.timed_out and status == JobStatus.STOPPED
        secondary = SecondaryStatus.MAX_RUNTIME_EXCEEDED if late else status
        return {"FinalMetricDataList": self.metrics.final(), **ended(record, secondary)}

    async def work(self) -> str:
        self._enter(SecondaryStatus.STARTING, "Launching requested ML instances")
        async with self.cloud.instance(self.stop) as free:
            if not free:
                return ""
            self._say("Preparing the instances for training")
            await asyncio.to_thread(self.contract.create)
            self._enter(SecondaryStatus.DOWNLOADING, "Downloading input data")
            try:
                await to_the_end(self._download)
                if self.stop.is_set():
                    return ""
                code = await self._train()
            finally:
                await to_the_end(self.channels.close)
            if code and not self.stop.is_set():
                return await asyncio.to_thread(self._failure, code)
            await self._upload()
        return ""

    def _download(self) -> None:
        self.contract.write_training_config(plain(self.request), definitions(self.request))
        self.channels.bring()
        if checkpoints := self._checkpoints:
            checkpoints.restore()

    @functools.cached_property
    def _checkpoints(self) -> Checkpoints | None:
        config = self.request.get("CheckpointConfig")
        if config is None:
            return None
        copy = self.folder / "checkpoint"
        return Checkpoints(self.cloud.objects, config, self.contract, copy)

    async def _train(self) -> int:
        self._say("Downloading the training image")
        program = Program(self, TRAINING_JOBS)
        code = await program.run(
            self.cloud.engine.train(self._spec()),
            self._started,
            *([self._checkpoints.follow] if self._checkpoints else []),
            also=self.metrics.read,
            when_late=self._late,
        )
        if self._checkpoints:
            try:
                await to_the_end(self._checkpoints.store)
            except (OSError, sqlite3.Error, ObjectStoreError):
                # Of a job that has failed by itself, its own reason is told.
                if not code or self.stop.is_set():
                    raise
            for note in self._checkpoints.notes():
                program.stream.write(note)
        return code

    def _spec(self) -> ContainerSpec:
        algorithm = self.request["AlgorithmSpecification"]
        return ContainerSpec(
            image=algorithm["TrainingImage"],
            root=self.contract.root,
            entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
            arguments=tuple(algorithm.get("ContainerArguments", ())),
            owner=f"{TRAINING_JOB.kind}/{self.name}",
            instance_type=self.request.get("ResourceConfig", {}).get("InstanceType", ""),
            isolated=self.request.get("EnableNetworkIsolation", False),
            folders=self._checkpoints.places if self._checkpoints else {},
            role=self.request.get("RoleArn", ""),
            read_only=self.channels.read_only(),
            script=script_of(self.request),
            environment={
                **_share(self.request),
                **self.request.get("Environment", {}),
                "TRAINING_JOB_NAME": self.name,
                "TRAINING_JOB_ARN": self.request["TrainingJobArn"],
                "AWS_REGION": self.cloud.arns.region,
            },
        )

    def _started(self) -> None:
        self._enter(
            SecondaryStatus.TRAINING, "Training image download completed. Training in progress."
        )

    def _late(self) -> None:
        self.timed_out = True
        with contextlib.suppress(OSError, sqlite3.Error):
            # On a full disk the job is stopped without a word about it.
            self._enter(SecondaryStatus.STOPPING, "Stopping the training job")

    async def _upload(self) -> None:
        # A job that was stopped keeps its model too.
        self._enter(SecondaryStatus.UPLOADING, "Uploading generated training model")
        output = self.request["OutputDataConfig"]
        folder = Location.parse(output["S3OutputPath"]).child(self.name, "output")
        if elsewhere(self.cloud, folder):
            raise ClientError(
                f"Artifact upload failed:Unable to upload file to {folder.child('model.tar.gz')} "
                "(BucketRegionError: bucket must be in the same region as the job)"
            )
        if output.get("CompressionType") == _UNPACKED:
            await asyncio.to_thread(self._upload_unpacked, folder)
            return
        for name, source in (("model.tar.gz", "model"), ("output.tar.gz", "output/data")):
            archive = self.folder / name
            try:
                packed = await asyncio.to_thread(pack, self.contract.root, source, archive)
            except BadArchive as error:
                raise ClientError(f"/opt/ml/{source} cannot be packed: {error}") from error
            if packed:
                await asyncio.to_thread(self.cloud.objects.upload, archive, folder.child(name))

    def _upload_unpacked(self, target: Location) -> None:
        """Each file as an object. The container has ended, so they can be moved. Blocking."""
        root, refused = self.contract.root, list[ObjectStoreError]()
        for name, source in (("model", "model"), ("data", "output/data")):
            for path, _ in files(root, source, MAX_DEPTH):
                below = path.removeprefix(f"{source}/")
                try:
                    self.cloud.objects.upload(root / path, target.child(name, below))
                except ObjectStoreError as error:
                    # The others are kept: they may be days of work.
                    refused.append(error)
        if refused:
            raise refused[0]

    def _failure(self, code: int) -> str:
        said = self.contract.failure()
        if said.startswith("ClientError: ") and algorithm_of(self.request):
            # AWS's own algorithms tell the user's mistakes from theirs.
            return said
        return f"AlgorithmError: {said}, exit code: {code}"

    # ---- the record -------------------------------------------------------------------------

    def _enter(self, status: str, message: str) -> None:
        """A new secondary status. A job that is being stopped stays Stopping."""
        if self.stop.is_set() and status != SecondaryStatus.STOPPING:
            return
        record = self.cloud.records.get(TRAINING_JOB.kind, self.name)
        TRAINING_JOB.update_soon(self.cloud, self.name, **entered(record, status, message))

    def _say(self, message: str) -> None:
        """A new message within the secondary status."""
        record = self.cloud.records.get(TRAINING_JOB.kind, self.name)
        self._enter(record["SecondaryStatus"], message)


def plain(record: Record) -> dict[str, Any]:
    """The record as the container may see it, without labcloud's own fields."""
    return {name: value for name, value in record.items() if name not in _OWN}


def _share(record: Record) -> dict[str, str]:
    """The part of the cores that a job gets which is one of several."""
    return {"OMP_NUM_THREADS": str(record["Threads"])} if "Threads" in record else {}
