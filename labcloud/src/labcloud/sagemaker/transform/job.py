"""One transform job from its record to its outputs.

A model server for each instance, the objects of the input dealt out among them; every object is cut
into payloads (jobs.batch), the answers are put together in the order of the records, and what is
whole at the end goes to S3. Nothing of an object is ever in memory but the payloads under way.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any

from labcloud.aws.logs import TRANSFORM_JOBS
from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.containers.contract import Contract
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.threads import to_the_end
from labcloud.sagemaker.data import Item, items
from labcloud.sagemaker.errors import ApiError
from labcloud.sagemaker.failures import AlgorithmError, ClientError
from labcloud.sagemaker.job import Job
from labcloud.sagemaker.models.artifacts import DownloadFailed, fetch_model
from labcloud.sagemaker.models.definition import SCRIPT, container_of
from labcloud.sagemaker.models.replica import PingFailed, Replica
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.states import JobStatus
from labcloud.sagemaker.transform.association import Association
from labcloud.sagemaker.transform.data_log import DataLog
from labcloud.sagemaker.transform.json_path import BadPath, Unsupported
from labcloud.sagemaker.transform.one_object import ObjectFailed, TransformedObject
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.sagemaker.transform.settings import Settings, settle
from labcloud.state.records import Record

# AWS gives one of these reasons for failed objects; the log says more.
FAILED = "AlgorithmError: See job logs for more information"
REFUSED = "ClientError: See job logs for more information"
NO_PING = (
    "Model container failed to respond to ping. Please ensure /ping endpoint is implemented and "
    "responds with an HTTP 200 status code"
)

Instance = tuple[Replica, DataLog]
# The name of an object's output, without `.out`, and the file that holds it until the job ends.
Output = tuple[str, Path]


class TransformJob(Job):
    """The work of one transform job."""

    resource = TRANSFORM_JOB

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__(cloud, name)
        # A stop that comes when the outputs are already whole comes too late.
        self._stopped = False
        # Whether all objects that have failed were refused by the model, as far as is known.
        self._only_refused = True

    @classmethod
    def when_ended(cls, record: Record, status: str) -> dict[str, Any]:
        return {"TransformEndTime": time.time()}

    def outcome(self, reason: str) -> str:
        if reason:
            return JobStatus.FAILED
        return JobStatus.STOPPED if self._stopped else JobStatus.COMPLETED

    async def work(self) -> str:
        source = self.request["TransformInput"]["DataSource"]["S3DataSource"]
        async with self.cloud.instance(self.stop) as free:
            if not free:
                self._stopped = True
                return ""
            found = await asyncio.to_thread(items, self.cloud.objects, source)
            count = self.request["TransformResources"]["InstanceCount"]
            instances = [self._instance() for _ in range(count)]
            TRANSFORM_JOB.update(self.cloud, self.name, TransformStartTime=time.time())
            working = asyncio.create_task(self._transform(instances, found))
            stopping = asyncio.create_task(self.stop.wait())
            try:
                await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                # It is done, or was stopped here, or cancelled from outside.
                await _cancelled(working, stopping)
                await asyncio.gather(*[replica.stop() for replica, _ in instances])
                for _, log in instances:
                    log.close()
            if self.stop.is_set():
                self._stopped = True
                return ""
            outputs = working.result()
            await asyncio.to_thread(self._store, outputs)
        if len(outputs) == len(found):
            return ""
        return REFUSED if self._only_refused else FAILED

    def _instance(self) -> Instance:
        """A model server that is not started yet, and its two log streams.

        Both exist from now on: the SDK looks once which there are.
        """
        model = self._model()
        container = container_of(model)
        stream = f"{self.name}/i-{secrets.token_hex(8)}-{int(time.time())}"
        spec = ContainerSpec(
            image=container["Image"],
            root=Contract(self.folder / secrets.token_hex(4) / "ml").root,
            owner=f"{TRANSFORM_JOB.kind}/{self.name}",
            instance_type=self.request["TransformResources"]["InstanceType"],
            isolated=model.get("EnableNetworkIsolation", False),
            role=model.get("ExecutionRoleArn", ""),
            script=SCRIPT in container.get("Environment", {}),
            environment={
                "SAGEMAKER_REGION": self.cloud.arns.region,
                "AWS_REGION": self.cloud.arns.region,
                **container.get("Environment", {}),
                **self.request.get("Environment", {}),
                **Settings.environment(self.request),
            },
        )
        log = self.cloud.logs.stream(TRANSFORM_JOBS, stream)
        data_log = DataLog(self.cloud.logs.stream(TRANSFORM_JOBS, f"{stream}/data-log"))
        return Replica(self.cloud, spec, self.name, log), data_log

    def _model(self) -> Record:
        try:
            return MODEL.find(self.cloud, self.request["ModelName"])
        except ApiError as error:
            raise ClientError(error.message) from error

    async def _transform(self, instances: list[Instance], found: list[Item]) -> list[Output]:
        """The outputs of all objects that could be transformed."""
        # Instances without objects are not started. Their logs exist: the SDK waits for them.
        serving = [
            asyncio.create_task(self._serve(instance, found[number :: len(instances)]))
            for number, instance in enumerate(instances[: max(1, len(found))])
        ]
        try:
            return [output for outputs in await asyncio.gather(*serving) for output in outputs]
        finally:
            # Where one instance has failed, the others need not go on.
            await _cancelled(*serving)

    async def _serve(self, instance: Instance, objects: list[Item]) -> list[Output]:
        """The work of one instance."""
        replica, log = instance
        root = replica.spec.root
        container = container_of(self._model())
        try:
            await to_the_end(fetch_model, self.cloud, container, Contract(root))
        except DownloadFailed as error:
            where = Location.parse(error.uri)
            raise ClientError(
                f"Failed to download model data(bucket: {where.bucket}, key: {where.key}). "
                "NoSuchKey (HTTP StatusCode: 404)"
            ) from error
        try:
            await replica.start()
        except PingFailed as error:
            raise AlgorithmError(NO_PING) from error
        settings = await settle(self.request, replica)
        log.write(settings.described())
        content_type = self.request["TransformInput"].get("ContentType", "")
        try:
            association = Association.of(self.request["DataProcessing"], content_type)
        except (BadPath, Unsupported) as error:
            for each in objects:
                log.say(each.location, str(error))
            self._only_refused = False
            return []
        work = TransformedObject(self.cloud.objects, replica, settings, association, log)
        outputs: list[Output] = []
        for number, each in enumerate(objects, start=1):
            # Beside the folder that the container sees.
            target = root.with_name(f"output-{number}")
            try:
                await work.run(each, target)
                outputs.append((each.name, target))
                log.say(each.location, f"transformed, {number} of {len(objects)}")
            except ObjectFailed as error:
                self._only_refused &= error.refused
                log.failed(each.location, error.lines)
                target.unlink(missing_ok=True)
        return outputs

    def _store(self, outputs: list[Output]) -> None:
        target = Location.parse(self.request["TransformOutput"]["S3OutputPath"])
        for name, path in outputs:
            self.cloud.objects.upload(path, target.child(f"{name}.out"))


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Returns when all of them have ended. Tasks that have already ended are not affected."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
