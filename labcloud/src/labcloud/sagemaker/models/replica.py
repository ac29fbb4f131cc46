"""A replica: one container that serves a model, and is kept alive while it is wanted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from pathlib import Path

import aiohttp

from labcloud.aws.logs import LogStream
from labcloud.cloud import Cloud
from labcloud.containers.engine import CannotStart, ContainerSpec, ModelServer
from labcloud.containers.images import built_in
from labcloud.frameworks.table import framework_of
from labcloud.sagemaker.failures import AlgorithmError

_PING_TIMEOUT = aiohttp.ClientTimeout(total=2)
# How often an unanswered ping is repeated (seconds).
_PING_EVERY = 0.1
# How often one that was refused is repeated in the end (seconds).
_REFUSED_PING_EVERY = 2.0
# Connections that have been idle for this long are not used again (seconds): a model server that
# closes one at the moment at which a request is written to it would lose that request.
_IDLE = 1.5

logger = logging.getLogger(__name__)


class ServerFailed(AlgorithmError):
    """A model server that did not come up; the message is the endpoint's FailureReason."""


class NotStarted(ServerFailed):
    """Its container does not start."""

    def __init__(self, variant: str) -> None:
        super().__init__(
            "CannotStartContainerError. Please ensure the model container for variant "
            f"{variant} starts correctly when invoked with 'docker run <image> serve'"
        )


class PingFailed(ServerFailed):
    """It did not become healthy."""

    def __init__(self, variant: str) -> None:
        super().__init__(
            f"The primary container for production variant {variant} did not pass the ping health "
            "check. Please check CloudWatch logs for this endpoint."
        )


class Replica:
    """One model server and the connections to it.

    `ready` says whether it answered its last ping and has not ended since. Whoever sends it a
    request counts it in `in_flight` while it is under way: see `begin` and `end`. `deadline` is
    the time for its first healthy ping (seconds), where it is not AWS's default.
    """

    def __init__(
        self,
        cloud: Cloud,
        spec: ContainerSpec,
        variant: str,
        stream: LogStream,
        deadline: float | None = None,
    ) -> None:
        self.cloud = cloud
        self._deadline = deadline or cloud.timings.ping_deadline
        self.spec = spec
        self.variant = variant
        self.stream = stream
        self.session: aiohttp.ClientSession | None = None
        self.ready = False
        self.in_flight = 0
        self._idle = asyncio.Event()
        self._draining_stopped = False
        self._container: ModelServer | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._follower: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Returns once /ping has answered 200. Raises ServerFailed, ImageNotAvailable."""
        try:
            await self._launch()
        except CannotStart as error:
            for line in error.lines:
                self.stream.write(line)
            raise NotStarted(self.variant) from error
        try:
            async with asyncio.timeout(self._deadline):
                await self._healthy()
        except (TimeoutError, _Unhealthy) as error:
            raise PingFailed(self.variant) from error
        self.ready = True
        self._keeper = asyncio.create_task(self._keep())

    def begin(self) -> None:
        """A request is about to be sent; it is let finish when the replica is retired."""
        self.in_flight += 1

    def end(self) -> None:
        """A request has been answered."""
        self.in_flight -= 1
        if not self.in_flight:
            self._idle.set()

    async def retire(self) -> None:
        """Stops, once the requests under way have been answered. No new ones must come."""
        if self.in_flight and not self._draining_stopped:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                # No request is under way for longer than this.
                longest = self.cloud.timings.streamed_invocation
                await asyncio.wait_for(self._idle.wait(), longest)
        await self.stop()

    def stop_draining(self) -> None:
        """Makes `retire` stop at once."""
        self._draining_stopped = True
        self._idle.set()

    async def _launch(self) -> None:
        self._container = container = await self.cloud.engine.serve(self.spec)
        self._follower = asyncio.create_task(self.stream.follow(container.lines()))
        if self.session:
            await self.session.close()
        self.session = aiohttp.ClientSession(
            base_url=_base_url(container.address),
            connector=_connector(container.address),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    async def _healthy(self) -> None:
        """Returns when /ping has answered 200. Raises _Unhealthy when it will not."""
        assert self._container and self.session
        ended = asyncio.create_task(self._container.wait())
        # A built-in server that has no model will not find one.
        scripted = self.spec.script and framework_of(self.spec.image)
        algorithm = built_in(self.spec.image) and not scripted
        patience = 0.0 if algorithm else self.cloud.timings.ping_refusals
        first_refusal: float | None = None
        pause = _PING_EVERY
        try:
            while True:
                if ended.done():
                    raise _Unhealthy
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with self.session.get("/ping", timeout=_PING_TIMEOUT) as response:
                        if response.status == 200:
                            return
                        if first_refusal is None:
                            first_refusal = time.monotonic()
                            self._say_refusal(response.status, patience)
                        # Each may fill its log with a traceback.
                        pause = min(pause * 2, _REFUSED_PING_EVERY)
                left = first_refusal + patience - time.monotonic() if first_refusal else pause
                if left <= 0:
                    raise _Unhealthy
                await asyncio.wait([ended], timeout=min(pause, left))
        finally:
            ended.cancel()

    def _say_refusal(self, status: int, patience: float) -> None:
        wait = min(patience, self._deadline)
        self.stream.write(
            f"[labcloud] /ping answered {status}, not 200. It is asked again for {wait:.0f} "
            "seconds (ContainerStartupHealthCheckTimeoutInSeconds)."
            if wait
            else f"[labcloud] /ping answered {status}, not 200."
        )

    def _say_killed(self, grace: float) -> None:
        """Why the end of a job, an update or the server has taken so long."""
        what = f"the model server did not end after SIGTERM; it was killed after {grace:g} s"
        self.stream.write(f"[labcloud] {what}")
        logger.warning("%s", what, extra={"event": "model-server-killed", "log": self.stream.name})

    async def _keep(self) -> None:
        """Starts the server again when it dies, with growing pauses, for as long as it takes."""
        first, longest = self.cloud.timings.restart_pause, self.cloud.timings.longest_restart_pause
        pause = first
        while True:
            assert self._container
            code = await self._container.wait()
            self.ready = False
            if self._stopping:
                return
            self.stream.write(f"[labcloud] the model server ended with code {code}; restarting it")
            logger.warning(
                "a model server ended with code %d", code,
                extra={"event": "model-server-ended", "log": self.stream.name},
            )  # fmt: skip
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)
            try:
                await self._launch()
                async with asyncio.timeout(self._deadline):
                    await self._healthy()
                self.ready = True
                pause = first
            except (_Unhealthy, TimeoutError):
                # A server that does not answer is treated like one that has ended.
                self._container.kill()
            except Exception:
                # A full disk, say. The next round finds the container ended as before.
                logger.exception("a model server does not start")

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL after the grace; returns when its processes have ended."""
        self._stopping = True
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self.session:
            await self.session.close()
        if self._container:
            grace = self.cloud.timings.serving_grace
            self._container.terminate()
            try:
                await asyncio.wait_for(self._container.wait(), grace)
            except TimeoutError:
                self._container.kill()
                await self._container.wait()
                self._say_killed(grace)
        if self._follower:
            await asyncio.gather(self._follower, return_exceptions=True)


def _base_url(address: Path | int) -> str:
    return f"http://127.0.0.1:{address}" if isinstance(address, int) else "http://model"


def _connector(address: Path | int) -> aiohttp.BaseConnector:
    if isinstance(address, int):
        return aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE)
    return aiohttp.UnixConnector(path=str(address), limit=0, keepalive_timeout=_IDLE)


class _Unhealthy(Exception):
    """The container ended, or says no, before it was healthy."""
