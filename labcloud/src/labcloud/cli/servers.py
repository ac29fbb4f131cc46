"""The commands about the server itself: start, stop, status, reset."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import shlex
import sys

from labcloud.client import launch, report
from labcloud.client.environment import of_the_server
from labcloud.state.format import StateUnreadable, check
from labcloud.state.home import LOOPBACK, Home, HomeForeign, Running
from labcloud.timings import UnknownTiming, timings

ENGINE_VARIABLE = "LABCLOUD_ENGINE"
NOT_RUNNING = "labcloud is not running."


def start(options: argparse.Namespace) -> int:
    home = Home.default()
    try:
        timings(options.timing)
    except UnknownTiming as error:
        print(error, file=sys.stderr)
        return 2
    if options.foreground:
        return _serve(home, options)
    if running := home.running():
        return _runs_already(running, options)
    wanted = home.wanted_port() if options.port is None else None
    with home.usable():
        _say_where(launch.start(home, _words(options)), wanted)
    _warn_of(options.host)
    return 0


def _words(options: argparse.Namespace) -> list[str]:
    """The options of a start that were given, as words; --foreground is not one of them."""
    words: list[str] = []
    for name in ("port", "host", "region", "engine", "max_payload"):
        value = getattr(options, name)
        words += [] if value is None else [f"--{name.replace('_', '-')}", str(value)]
    for name in options.allow_host:
        words += ["--allow-host", name]
    for timing in options.timing:
        words += ["--timing", timing]
    return [*words, "--lazy"] if options.lazy else words


def _runs_already(running: Running, options: argparse.Namespace) -> int:
    """Says so. The start has failed if it asked for anything that a running server may not have."""
    if options.port in (0, running.port):
        options.port = None
    if options.region == running.region:
        options.region = None
    words = _words(options)
    if not words:
        print(f"labcloud already runs on {running.url}")
        return 0
    print(
        f"labcloud already runs on {running.url}; these options have no effect: "
        f"{shlex.join(words)}. Stop it first (labcloud stop), or start without them.",
        file=sys.stderr,
    )
    return 1


def _say_where(running: Running, wanted: int | None) -> None:
    """Where a server answers, and why not on the port that was `wanted`."""
    print(f"labcloud runs on {running.url}")
    if wanted not in (None, running.port):
        print(f"Port {wanted} is in use by another program. The next start tries it again.")
    sys.stdout.flush()


def _warn_of(address: str | None) -> None:
    """Says who else reaches a server that listens on an address, and that the console is closed."""
    try:
        listens = ipaddress.ip_address(address or LOOPBACK)
    except ValueError:
        # A name, which may be that of any address.
        listens = None
    if address == "localhost" or (listens and listens.is_loopback):
        return
    everywhere = listens is not None and listens.is_unspecified
    where = f"to this machine only, on {LOOPBACK}" if everywhere else f"on {LOOPBACK}: not here"
    print(
        f"labcloud listens on {address}: every computer that reaches this address can send it "
        "requests, without TLS, and only their signatures protect it. "
        f"The console is open {where}.",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def _serve(home: Home, options: argparse.Namespace) -> int:
    _start_again_without_secrets()
    # The server's own SDK must not stumble over the user's profiles and configuration.
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    # The other commands do without the server's libraries, and start at once.
    from labcloud import server, serving
    from labcloud.containers.engines import Choice
    from labcloud.listening import AddressUnusable, PortInUse

    if options.with_parent:
        from labcloud.containers.process.kernel import die_with_parent

        die_with_parent()
    chosen = options.engine or os.environ.get(ENGINE_VARIABLE) or Choice.AUTO
    try:
        engine = Choice(chosen)
    except ValueError:
        print(f"{ENGINE_VARIABLE} is {chosen!r}. It can be auto or process.", file=sys.stderr)
        return 2
    settings = server.Settings(
        home,
        options.port,
        options.region or server.DEFAULT_REGION,
        engine=engine,
        timings=timings(options.timing),
        address=options.host or LOOPBACK,
        names=tuple(options.allow_host),
        lazy=options.lazy,
        max_payload=options.max_payload or server.Settings.max_payload,
    )
    wanted = home.wanted_port() if options.port is None else None

    def answering(running: Running) -> None:
        if options.ready_fd is not None:
            # The command that has started this process says where.
            os.write(options.ready_fd, b"1")
            os.close(options.ready_fd)
            return
        # Whoever was to read it may have gone.
        with contextlib.suppress(OSError):
            _say_where(running, wanted)
            _warn_of(options.host)

    try:
        with home.usable():
            serving.serve(settings, answering)
    except (PortInUse, AddressUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _start_again_without_secrets() -> None:
    """Replaces this process with one whose environment holds what the server needs.

    To delete a variable is not enough: the kernel shows what a process was started with.
    """
    needed = of_the_server(os.environ)
    if len(needed) < len(os.environ):
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], needed)


def stop(_: argparse.Namespace) -> int:
    print("labcloud has stopped." if launch.stop(Home.default(), _hint) else NOT_RUNNING)
    return 0


def status(_: argparse.Namespace) -> int:
    home = Home.default()
    running = home.running()
    if running is None:
        print(f"{NOT_RUNNING} Its state directory is {home.path}.")
        try:
            home.check_ours()
            check(home)
        except (HomeForeign, StateUnreadable) as error:
            print(f"It could not be started: {error}")
        return 3
    for line in report.lines(home, running):
        print(line)
    return 0


def reset(options: argparse.Namespace) -> int:
    home = Home.default()
    if home.empty():
        print(f"There is nothing to delete in {home.path}.")
        return 0
    home.check_ours()
    if not options.yes:
        question = f"Delete everything in {home.path} (all jobs, models, endpoints, data)? [y/N] "
        try:
            answer = input(question)
        except EOFError:
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted. (--yes deletes without asking.)")
            return 1
    launch.stop(home, _hint)
    with home.usable():
        home.erase()
    print(f"{home.path} is gone; the next start begins afresh.")
    return 0


def _hint(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
