"""What the command `labcloud` understands."""

from __future__ import annotations

import argparse
from pathlib import Path

from labcloud.cli import programs, servers
from labcloud.state.home import LOOPBACK
from labcloud.version import __version__


def parser() -> argparse.ArgumentParser:
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
    start.set_defaults(command=servers.start)

    stop = commands.add_parser("stop", help="stop the server; what it holds stays")
    stop.set_defaults(command=servers.stop)

    status = commands.add_parser("status", help="say what runs")
    status.set_defaults(command=servers.status)

    reset = commands.add_parser("reset", help="stop the server and delete all that it holds")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(command=servers.reset)

    env = commands.add_parser(
        "env", help="print the variables that point a program at the running server",
        description="Prints the variables that point a program at the running server, as a shell "
        "reads them: eval \"$(labcloud env)\". They hold the secret key.",
    )  # fmt: skip
    env.set_defaults(command=programs.env)

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
    pushing.set_defaults(command=programs.push)

    execute = commands.add_parser(
        "exec", help="run a command with its AWS SDKs pointed at labcloud",
        description="Runs a command with its environment pointed at the running labcloud, or at "
        "one that is started for it and deleted afterwards.",
    )  # fmt: skip
    execute.add_argument(
        "--fresh", action="store_true", help="do not use the running labcloud, start another one"
    )
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    execute.set_defaults(command=programs.execute)
    return parser
