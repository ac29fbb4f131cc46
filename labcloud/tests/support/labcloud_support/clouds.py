"""A cloud in the process of the tests, for scenes that no HTTP request is needed for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT

from labcloud.arns import Arns
from labcloud.aws.logs import Logs
from labcloud.aws.queues import Queues
from labcloud.aws.repositories import Repositories
from labcloud.aws.s3.objects import Objects
from labcloud.aws.s3.vault import Vault
from labcloud.cloud import Cloud
from labcloud.containers.process.engine import ProcessEngine
from labcloud.sagemaker.endpoints import lifecycle
from labcloud.sagemaker.resources import open_records
from labcloud.state.records import Records
from labcloud.timings import Timings

from .theatre import Theatre

REGION = "us-east-1"
# Pauses are short where nothing is to be seen of them.
SHORT = Timings(
    restart_pause=0.05,
    longest_restart_pause=0.2,
    ping_refusals=0.5,
    transform_retry=0.1,
    write_retry=0.01,
)


class LocalCloud:
    """A cloud on a state directory of its own, with a process engine that shares its nursery."""

    def __init__(self, folder: Path, theatre: Theatre, timings: Timings = SHORT) -> None:
        self.folder = folder
        self._theatre = theatre
        self._vault = Vault(ACCOUNT, folder)
        self.cloud = Cloud(
            arns=Arns(REGION, ACCOUNT),
            jobs_folder=folder / "jobs",
            records=Records(folder / "records.sqlite"),
            objects=Objects(ACCOUNT, self._vault),
            logs=Logs(ACCOUNT, REGION, folder / "logs"),
            engine=ProcessEngine(folder, nursery=theatre.nursery),
            images=Repositories(ACCOUNT, folder),
            queues=Queues(ACCOUNT, REGION),
            instances=asyncio.Semaphore(2),
            timings=timings,
        )
        open_records(self.cloud.records)

    async def cancel_tasks(self) -> None:
        tasks = list(self.cloud.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        await self.cancel_tasks()
        await lifecycle.shut_down(self.cloud)
        await self._theatre.clear()
        await self.cloud.engine.close()
        self.cloud.records.close()
        self._vault.close()
