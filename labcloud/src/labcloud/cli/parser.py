"""What the command `labcloud` understands."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields
from pathlib import Path

from labcloud.cli import arguments, console, programs, servers
from labcloud.state.home import DEFAULT_PORT, ENVIRONMENT_VARIABLE
from labcloud.timings import Timings
from labcloud.version import __version__

# How long `env` and `push` wait where they are not told: in a container, the server is on its way.
WAIT_VARIABLE = "LABCLOUD_WAIT"

_TIMINGS = ", ".join(sorted(each.name for each in fields(Timings)))
_STATE = f"The state is in the folder that {ENVIRONMENT_VARIABLE} names (default ~/.labcloud)."


def read(words: list[str] | None) -> argparse.Namespace:
    """The command and its options. Exits with 2 where they are wrong."""
    options, unknown = _parser().parse_known_args(words)
    if unknown:
        # By the command's own parser, which shows how the command is used.
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="labcloud", description="A local Amazon SageMaker that really trains and serves."
    )
    parser.add_argument("--version", action="version", version=f"labcloud {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    start = commands.add_parser(
        "start", help="start the server",
        description=f"Starts the server in the background, and returns when it answers. {_STATE}",
    )  # fmt: skip
    _add_start_options(start)
    start.set_defaults(command=servers.start, parser=start)

    stop = commands.add_parser(
        "stop", help="stop the server; what it holds stays",
        description="Stops the server. Buckets, images, jobs, models and endpoints are kept, and "
        "endpoints serve again after the next start. Jobs that run fail. IAM's roles, logs and "
        "metrics are gone.",
    )  # fmt: skip
    stop.set_defaults(command=servers.stop, parser=stop)

    status = commands.add_parser(
        "status", help="say what runs",
        description="Says where the server runs, and how many jobs and endpoints it has. Exit "
        "status 3: it does not run.",
    )  # fmt: skip
    status.set_defaults(command=servers.status, parser=status)

    look = commands.add_parser(
        "console", help="open the console in the browser",
        description="Opens the console of the running server in the browser: jobs, endpoints, "
        "models, images, objects and costs. The address that it prints opens it once, and on this "
        "machine only. Exit status 3: the server does not run.",
    )  # fmt: skip
    look.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    look.set_defaults(command=console.console, parser=look)

    reset = commands.add_parser(
        "reset", help="stop the server and delete all that it holds",
        description=f"Stops the server, and deletes its state: all jobs, models, endpoints, images "
        f"and buckets. It asks before. {_STATE}",
    )  # fmt: skip
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(command=servers.reset, parser=reset)

    env = commands.add_parser(
        "env", help="print the variables that point a program at the running server",
        description="Prints the variables that point a program at the running server, as a shell "
        "reads them: eval \"$(labcloud env)\". Variables that would come before them, such as "
        "AWS_PROFILE, are unset. What it prints holds the secret key.",
    )  # fmt: skip
    _add_wait(env)
    env.set_defaults(command=programs.env, parser=env)

    push = commands.add_parser(
        "push", help="push a folder with a Dockerfile as an image, without Docker",
        description="Pushes a folder with a Dockerfile to the running server's ECR, and prints the "
        "image's URI. Of RUN, labcloud does pip install and file commands (ln, mv, chmod, …): what "
        "pip installs is kept apart from labcloud's own packages. Where no server "
        "runs, it pushes to the labcloud of AWS_ENDPOINT_URL, such as one in a container.",
    )  # fmt: skip
    push.add_argument("folder", type=Path, help="the folder of the Dockerfile")
    push.add_argument(
        "name", metavar="NAME[:TAG]", type=arguments.image_name,
        help="the repository, made where it is missing (default tag: latest)",
    )  # fmt: skip
    _add_wait(push)
    push.set_defaults(command=programs.push, parser=push)

    execute = commands.add_parser(
        "exec", help="run a command with its AWS SDKs pointed at labcloud",
        description="Runs a command with its environment pointed at the running labcloud, or at "
        "one that is started for it and deleted afterwards.",
        epilog="Example: labcloud exec -- python my_script.py",
    )  # fmt: skip
    execute.add_argument(
        "--fresh", action="store_true", help="do not use the running labcloud, start another one"
    )
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    execute.set_defaults(command=programs.execute, parser=execute)
    return parser


def _add_start_options(start: argparse.ArgumentParser) -> None:
    start.add_argument(
        "--port", type=arguments.port,
        help=f"its port (default: that of its last life, or {DEFAULT_PORT}; 0: any that is free)",
    )  # fmt: skip
    start.add_argument(
        "--host", metavar="ADDRESS",
        help="the address to listen on (default 127.0.0.1). With 0.0.0.0, every computer that "
        "reaches this one can send requests; without a good signature they are refused",
    )  # fmt: skip
    start.add_argument(
        "--allow-host", action="append", default=[], type=arguments.host_name, metavar="NAME",
        help="a name besides 127.0.0.1 and localhost by which clients reach the server; may be "
        "given several times",
    )  # fmt: skip
    start.add_argument(
        "--region", type=arguments.region, help="the region that it says it is (default us-east-1)"
    )
    start.add_argument(
        "--engine", choices=("auto", "process"),
        help="process: leave Docker alone (default auto, or what LABCLOUD_ENGINE says)",
    )  # fmt: skip
    start.add_argument(
        "--timing", action="append", default=[], metavar="NAME=SECONDS",
        help="change a waiting time, for example ping_refusals=0.5; may be given several times. "
        f"Names: {_TIMINGS}",
    )  # fmt: skip
    start.add_argument(
        "--max-payload", type=arguments.payload, metavar="BYTES",
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


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=arguments.seconds, metavar="SECONDS", default=os.environ.get(WAIT_VARIABLE),
        help="how long to wait for a server that does not answer yet (default: what LABCLOUD_WAIT "
        "says, else 60 for a server that is starting, and 0 where none is)",
    )  # fmt: skip
