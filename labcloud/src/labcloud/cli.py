"""The `labcloud` command: start, stop, status, reset, exec."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from labcloud.client import launch, local, push, report
from labcloud.client.environment import address_and_key, of_the_server, pointed_at
from labcloud.state.format import StateUnreadable, check
from labcloud.state.home import LOOPBACK, Home, HomeInUse, HomeUnusable, Running
from labcloud.timings import UnknownTiming, timings
from labcloud.version import __version__

ENGINE_VARIABLE = "LABCLOUD_ENGINE"
_NOT_RUNNING = "labcloud is not running."


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except (HomeInUse, HomeUnusable, StateUnreadable, launch.StartFailed) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(HomeUnusable(Home.default().path, error), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="labcloud", description="A local Amazon SageMaker that really trains and serves."
    )
    parser.add_argument("--version", action="version", version=f"labcloud {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    start = commands.add_parser("start", help="start the server")
    start.add_argument("--port", type=int, help="its port on 127.0.0.1 (0: any that is free)")
    start.add_argument(
        "--host", default=LOOPBACK, metavar="ADDRESS",
        help="the address to listen on (default 127.0.0.1). With 0.0.0.0, every computer that "
        "reaches this one can send requests; without a good signature they are refused",
    )  # fmt: skip
    start.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a name besides 127.0.0.1 and localhost by which clients reach the server",
    )  # fmt: skip
    start.add_argument("--region", help="the region that it says it is (default us-east-1)")
    start.add_argument(
        "--engine", choices=("auto", "process"),
        help="process: leave Docker alone (default auto, or what LABCLOUD_ENGINE says)",
    )  # fmt: skip
    start.add_argument(
        "--timing", action="append", default=[], metavar="NAME=SECONDS",
        help="change a waiting time, for example ping_refusals=0.5; may be given several times",
    )  # fmt: skip
    start.add_argument(
        "--max-payload", type=int, metavar="BYTES",
        help="what the body of InvokeEndpoint may have (default 26214400, which is 25 MB; AWS's "
        "older pages say 6291456)",
    )  # fmt: skip
    start.add_argument(
        "--lazy", action="store_true",
        help="load the algorithms' libraries at the first job, for servers that may never have one",
    )  # fmt: skip
    start.add_argument("--foreground", action="store_true", help="stay here until Ctrl-C")
    start.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    start.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    start.set_defaults(command=_start)

    stop = commands.add_parser("stop", help="stop the server; what it holds stays")
    stop.set_defaults(command=_stop)

    status = commands.add_parser("status", help="say what runs")
    status.set_defaults(command=_status)

    reset = commands.add_parser("reset", help="stop the server and delete all that it holds")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(command=_reset)

    env = commands.add_parser(
        "env", help="print the variables that point a program at the running server",
        description="Prints the variables that point a program at the running server, as a shell "
        "reads them: eval \"$(labcloud env)\". They hold the secret key.",
    )  # fmt: skip
    env.set_defaults(command=_env)

    pushing = commands.add_parser(
        "push", help="push a folder with a Dockerfile as an image, without Docker",
        description="Pushes a folder with a Dockerfile to the running server's ECR, and prints the "
        "image's URI. What the Dockerfile copies is copied; what it would install is not: the "
        "programs run as processes, in the environment of labcloud.",
    )  # fmt: skip
    pushing.add_argument("folder", type=Path, help="the folder of the Dockerfile")
    pushing.add_argument(
        "name", metavar="NAME[:TAG]", help="the repository, made where it is missing"
    )
    pushing.set_defaults(command=_push)

    execute = commands.add_parser(
        "exec", help="run a command with its AWS SDKs pointed at labcloud",
        description="Runs a command with its environment pointed at the running labcloud, or at "
        "one that is started for it and deleted afterwards.",
    )  # fmt: skip
    execute.add_argument(
        "--fresh", action="store_true", help="do not use the running labcloud, start another one"
    )
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    execute.set_defaults(command=_exec)
    return parser


def _start(options: argparse.Namespace) -> int:
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


def _stop(_: argparse.Namespace) -> int:
    print("labcloud has stopped." if launch.stop(Home.default()) else _NOT_RUNNING)
    return 0


def _status(_: argparse.Namespace) -> int:
    home = Home.default()
    running = home.running()
    if running is None:
        print(f"{_NOT_RUNNING} Its state directory is {home.path}.")
        try:
            check(home)
        except StateUnreadable as error:
            print(f"It could not be started: {error}")
        return 3
    for line in report.lines(home, running):
        print(line)
    return 0


def _reset(options: argparse.Namespace) -> int:
    home = Home.default()
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


def _running(home: Home) -> Running | None:
    """The server that runs; where none does, the command says so."""
    running = home.running()
    if running is None:
        print(f"{_NOT_RUNNING} Its state directory is {home.path}.", file=sys.stderr)
    return running


def _env(_: argparse.Namespace) -> int:
    home = Home.default()
    running = _running(home)
    if running is None:
        return 3
    for name, value in address_and_key(home, running).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _push(options: argparse.Namespace) -> int:
    home = Home.default()
    running = _running(home)
    if running is None:
        return 3
    if not (options.folder / "Dockerfile").is_file():
        print(f"There is no Dockerfile in {options.folder}.", file=sys.stderr)
        return 2
    repository, _, tag = options.name.partition(":")
    try:
        with local.entered(pointed_at(home, running, os.environ)):
            print(push.push_folder(options.folder, repository, tag or "latest"))
    except push.PushFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _exec(options: argparse.Namespace) -> int:
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        print("Name a command: exec -- COMMAND [ARGUMENT …]", file=sys.stderr)
        return 2
    home = Home.default()
    if not options.fresh and not home.running():
        print(
            f"{_NOT_RUNNING} The command gets an empty one that is deleted afterwards.",
            file=sys.stderr,
        )
    ending = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ending.append(signal.SIGHUP)
    for number in ending:
        # The server and its files go with this process.
        signal.signal(number, _leave)
    cloud = launch.temporary() if options.fresh else launch.running_or_temporary(home)
    with cloud as (home, running):
        environment = pointed_at(home, running, os.environ)
        try:
            process = subprocess.Popen(words, env=environment)
        except FileNotFoundError:
            print(f"There is no command {words[0]!r} on the PATH.", file=sys.stderr)
            return 127
        except OSError as error:
            print(f"{words[0]!r} cannot be run: {error.strerror}.", file=sys.stderr)
            return 126
        # Ctrl-C reaches the command by itself; what it makes of it is its own business.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in ending:
            signal.signal(number, lambda number, _: process.send_signal(number))
        code = process.wait()
    return code if code >= 0 else 128 - code


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
