"""The life of a server: from its socket until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn
import uvloop

from labcloud.containers.process.kernel import adopt_orphans, give_memory_back
from labcloud.gateway.connection import connections
from labcloud.listening import listening
from labcloud.server import Settings, create_app
from labcloud.state import claims
from labcloud.state.credentials import Credentials
from labcloud.state.home import Running
from labcloud.state.log import log_to

logger = logging.getLogger(__name__)


def serve(settings: Settings, answering: Callable[[Running], None]) -> None:
    """Runs a server until SIGTERM, SIGINT or SIGHUP.

    Raises HomeForeign, HomeInUse, PortInUse, AddressUnusable, OSError.
    `answering` is called as soon as the server answers.
    """
    # Nobody else reads what this process or its children write.
    os.umask(0o077)
    settings.home.acquire()
    # What servers that were killed have left.
    claims.sweep()
    give_memory_back()
    # Whatever a worker leaves when its own parent was killed is ours to end.
    adopt_orphans()
    log_to(settings.home.log)
    with listening(settings.home, settings.port, settings.address) as found:
        port = found.getsockname()[1]
        credentials = Credentials.load_or_create(settings.home)
        running = Running(os.getpid(), port, settings.region, time.time())
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(settings, credentials, found, running, answering))


async def _run(
    settings: Settings,
    credentials: Credentials,
    found: socket.socket,
    running: Running,
    answering: Callable[[Running], None],
) -> None:
    def announce() -> None:
        wanted = settings.home.wanted_port() if settings.port is None else running.port
        settings.home.remember_ports(wanted, running.port)
        settings.home.announce(running)
        logger.info("serving on %s", running.url, extra={"event": "started"})
        answering(running)

    # What is loaded now stays. The collector would look at all of it again and again.
    gc.collect()
    gc.disable()
    try:
        app = create_app(settings, credentials, running.port)
        gc.freeze()
    finally:
        gc.enable()
    config = uvicorn.Config(
        app,
        http=connections(settings.timings.request_head),
        access_log=False,
        log_config=None,
        # There is no proxy before it: who sends X-Forwarded-For has written it.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.timings.last_requests,  # type: ignore[arg-type]
        timeout_keep_alive=settings.timings.idle_connection,  # type: ignore[arg-type]
    )
    try:
        await _Server(config, announce).serve(sockets=[found])
    finally:
        settings.home.retract()
        logger.info("stopped", extra={"event": "stopped"})


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it answers, and ends in order whatever it is sent."""

    def __init__(self, config: uvicorn.Config, answering: Callable[[], None]) -> None:
        super().__init__(config)
        self._answering = answering

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A second signal changes nothing: what runs is ended first, which has its own limits."""
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # With its terminal, unless it was started by nohup.
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, setattr, self, "should_exit", True)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._answering()
