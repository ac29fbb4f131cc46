"""One processing job from its record to its outputs in S3."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from labcloud.aws.logs import PROCESSING_JOBS
from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.cloud import Cloud
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.threads import to_the_end
from labcloud.sagemaker.data import download
from labcloud.sagemaker.failures import ClientError
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.processing.folders import MOUNTED, Folders
from labcloud.sagemaker.processing.resource import PROCESSING_JOB
from labcloud.sagemaker.program import Program
from labcloud.sagemaker.training.checkpoints import Checkpoints
from labcloud.state.records import Record
from labcloud.text import of_error

_CONTINUOUS, _END_OF_JOB = "Continuous", "EndOfJob"
_SIGNALS = 128
FAILED = "See job logs for more information"


class ProcessingJob(Job):
    """The work of one processing job."""

    resource = PROCESSING_JOB

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__(cloud, name)
        # Beside it, in the job's folder, is what the container does not see.
        self.contract = Folders(self.folder / "ml")
        self._message = ""

    @classmethod
    def when_ended(cls, record: Record, status: str) -> dict[str, Any]:
        return {"ProcessingEndTime": time.time()}

    def results(self, record: Record, status: str) -> dict[str, Any]:
        said = {"ExitMessage": self._message} if self._message else {}
        return {**said, **self.when_ended(record, status)}

    async def work(self) -> str:
        async with self.cloud.instance(self.stop) as free:
            if not free:
                return ""
            await to_the_end(self._prepare)
            if self.stop.is_set():
                return ""
            code, refused = await self._run()
            stopped = self.stop.is_set()
            try:
                self._message = await asyncio.to_thread(self.contract.message)
            except ClientError:
                if not stopped:
                    raise
            if stopped:
                return ""
            if code:
                said = self._message
                return f"AlgorithmError: {f'{said}, exit code: {code}' if said else FAILED}"
            refused += await self._stored(_END_OF_JOB)
            if refused and not self.stop.is_set():
                raise refused[0]
        return ""

    def _prepare(self) -> None:
        """The folders, with the inputs in them. Blocking. Raises ClientError."""
        self.contract.create()
        self.contract.write_config({n: v for n, v in self.request.items() if n != "Tags"})
        for each in self.request.get("ProcessingInputs", []):
            source = each["S3Input"]
            download(self.cloud.objects, source, self.contract.place(source["LocalPath"]))
        for target in self._targets():
            self.contract.place(target["LocalPath"])

    def _targets(self) -> list[dict[str, str]]:
        config = self.request.get("ProcessingOutputConfig", {})
        return [each["S3Output"] for each in config.get("Outputs", [])]

    @functools.cached_property
    def _outputs(self) -> list[tuple[str, Checkpoints]]:
        """Each output's folder, and when it is uploaded."""
        return [
            (target["S3UploadMode"], Checkpoints(self.cloud.objects, target, self.contract, copy))
            for target, copy in zip(self._targets(), self._copies(), strict=False)
        ]

    def _copies(self) -> Iterator[Any]:
        number = 0
        while True:
            yield self.folder / f"output-{number}"
            number += 1

    async def _run(self) -> tuple[int, list[Exception]]:
        """The program's exit code, and what could not be uploaded continuously."""
        program = Program(self, PROCESSING_JOBS)
        self._stream = program.stream
        code = await program.run(
            self.cloud.engine.process(self._spec()),
            self._started,
            *(output.follow for mode, output in self._outputs if mode == _CONTINUOUS),
        )
        if code:
            self._stream.write(f"[labcloud] the program has ended with {_how(code)}")
        return code, await self._stored(_CONTINUOUS)

    def _started(self) -> None:
        PROCESSING_JOB.update_soon(self.cloud, self.name, ProcessingStartTime=time.time())

    def _spec(self) -> ContainerSpec:
        application = self.request["AppSpecification"]
        cluster = self.request["ProcessingResources"]["ClusterConfig"]
        return ContainerSpec(
            image=application["ImageUri"],
            root=self.contract.root,
            entrypoint=tuple(application.get("ContainerEntrypoint", ())),
            arguments=tuple(application.get("ContainerArguments", ())),
            owner=f"{PROCESSING_JOB.kind}/{self.name}",
            instance_type=cluster["InstanceType"],
            isolated=self.request.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
            role=self.request["RoleArn"],
            # Whatever the image has of its own, this is a program of the user's.
            script=True,
            mounted=MOUNTED,
            environment={
                **self.request.get("Environment", {}),
                "AWS_REGION": self.cloud.arns.region,
                "PROCESSING_JOB_NAME": self.name,
            },
        )

    async def _stored(self, mode: str) -> list[Exception]:
        """Uploads the outputs of a mode; what went wrong. The log says what is left out.

        A job that is stopped uploads no more than what it has when its program has ended.
        """
        wrong = list[Exception]()
        enough = self.stop.is_set if mode == _END_OF_JOB else lambda: False
        for each, output in self._outputs:
            if each != mode:
                continue
            try:
                await to_the_end(output.store, enough)
            except (OSError, sqlite3.Error, ObjectStoreError) as error:
                wrong.append(error)
                # A job that has failed by itself, or is stopped, says it nowhere else.
                self._stream.write(f"[labcloud] not all of an output is in S3: {of_error(error)}")
            for note in output.notes():
                self._stream.write(note)
        self._stream.flush()
        return wrong


def _how(code: int) -> str:
    """An exit code in words: those above 128 are signals, as a shell counts."""
    if code <= _SIGNALS:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"exit code {code} ({signal.Signals(code - _SIGNALS).name})"
    return f"exit code {code}"
