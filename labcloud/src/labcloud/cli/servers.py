"""The commands about the server itself: start, stop, status, reset."""

from __future__ import annotations

import argparse
import os
import sys

from labcloud.client import launch, report
from labcloud.client.environment import of_the_server
from labcloud.state.format import StateUnreadable, check
from labcloud.state.home import Home, HomeForeign
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
        print(f"labcloud already runs on {running.url}")
        return 0
    arguments = [] if options.port is None else ["--port", str(options.port)]
    arguments += ["--host", options.host]
    arguments += [word for name in options.allow_host for word in ("--allow-host", name)]
    arguments += ["--region", options.region] if options.region else []
    arguments += ["--engine", options.engine] if options.engine else []
    arguments += ["--lazy"] if options.lazy else []
    arguments += ["--max-payload", str(options.max_payload)] if options.max_payload else []
    arguments += [word for timing in options.timing for word in ("--timing", timing)]
    print(f"labcloud runs on {launch.start(home, arguments).url}")
    return 0


def _serve(home: Home, options: argparse.Namespace) -> int:
    _start_again_without_secrets()
    # The server's own SDK must not stumble over the user's profiles and configuration.
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    # The other commands do without the server's libraries, and start at once.
    from labcloud import server
    from labcloud.containers.engines import Choice

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
        address=options.host,
        names=tuple(options.allow_host),
        lazy=options.lazy,
        max_payload=options.max_payload or server.Settings.max_payload,
    )
    try:
        server.serve(settings, options.ready_fd)
    except (server.PortInUse, server.AddressUnusable) as error:
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
    print("labcloud has stopped." if launch.stop(Home.default()) else NOT_RUNNING)
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
    launch.stop(home)
    home.erase()
    print(f"{home.path} is gone; the next start begins afresh.")
    return 0
