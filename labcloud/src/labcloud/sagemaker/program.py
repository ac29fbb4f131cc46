"""The program of a job, in a container: started, followed, and ended in time.

Training jobs and processing jobs run a program that ends by itself, and it is the same for both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine

from labcloud.aws.logs import LogStream
from labcloud.containers.engine import CannotStart, Container
from labcloud.sagemaker.job import Job

# AWS's default of MaxRuntimeInSeconds.
_ONE_DAY = 86_400


class Program:
    """The program of one job, and its log stream in the log group `group`."""

    def __init__(self, job: Job, group: str) -> None:
        self._job = job
        self.stream: LogStream = job.cloud.logs.stream(
            group, f"{job.name}/algo-1-{int(time.time())}"
        )

    async def run(
        self,
        starting: Awaitable[Container],
        when_started: Callable[[], object],
        *besides: Callable[[], Coroutine[None, None, None]],
        also: Callable[[str], None] | None = None,
        when_late: Callable[[], None] | None = None,
    ) -> int:
        """Starts it, logs what it prints until it ends, and ends it at a stop: its exit code.

        `when_started` is called once it runs; if that fails, it is killed. `besides` goes on as
        long as it runs. `also` sees each line as it is logged. `when_late` is called when
        MaxRuntimeInSeconds is over, which stops the job. Raises CannotStart, and the log says why.
        """
        container = await self._started(starting)
        following = asyncio.create_task(self.stream.follow(container.lines(), also))
        others = [
            asyncio.create_task(self._watch(container, when_late)),
            *(asyncio.create_task(each()) for each in besides),
        ]
        try:
            when_started()
            code = await container.wait()
            await following
        finally:
            container.kill()
            following.cancel()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        return code

    async def _started(self, starting: Awaitable[Container]) -> Container:
        try:
            return await starting
        except CannotStart as error:
            for line in error.lines:
                self.stream.write(line)
            self.stream.flush()
            raise

    async def _watch(self, container: Container, when_late: Callable[[], None] | None) -> None:
        """SIGTERM at a stop or at MaxRuntimeInSeconds, SIGKILL after the grace."""
        condition = self._job.request.get("StoppingCondition", {})
        try:
            async with asyncio.timeout(condition.get("MaxRuntimeInSeconds", _ONE_DAY)):
                await self._job.stop.wait()
        except TimeoutError:
            self._job.stop.set()
            if when_late:
                when_late()
        container.terminate()
        grace = self._job.cloud.timings.training_grace
        await asyncio.sleep(grace)
        self.stream.write(
            f"[labcloud] it did not end within {grace:g} seconds of SIGTERM, and is killed"
        )
        container.kill()
