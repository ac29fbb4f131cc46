"""The commands that point other programs at the server: env, push, exec."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from labcloud.cli.servers import NOT_RUNNING
from labcloud.client import launch, local
from labcloud.client.environment import (
    OUTSIDE,
    SHELL,
    address_and_key,
    in_the_way,
    is_labcloud,
    pointed_at,
)
from labcloud.state.home import Home, Running


def _running(home: Home, options: argparse.Namespace) -> Running | None:
    """The server that runs; where none does, the command says so."""
    running = launch.awaited(home, options.wait)
    if running is None:
        print(f"{NOT_RUNNING} Its state directory is {home.path}.", file=sys.stderr)
    return running


def env(options: argparse.Namespace) -> int:
    home = Home.default()
    running = _running(home, options)
    if running is None:
        # `eval` of nothing succeeds, and what comes after it would call the real AWS.
        print("false")
        return 3
    for name in in_the_way(os.environ):
        print(f"unset {name}")
    for name, value in _for_a_shell(home, running).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _for_a_shell(home: Home, running: Running) -> dict[str, str]:
    """What points a shell at the server: of this machine, or of the one around this container."""
    if os.environ.get(SHELL) == OUTSIDE:
        return address_and_key(home, running)
    wanted = pointed_at(home, running, os.environ)
    always = address_and_key(home, running)
    return {
        name: value
        for name, value in wanted.items()
        if name in always or os.environ.get(name) != value
    }


def push(options: argparse.Namespace) -> int:
    folder: Path = options.folder.resolve()
    if not folder.is_dir():
        print(f"{folder} is {'a file' if folder.exists() else 'not there'}. Name the folder that "
              "holds the Dockerfile.", file=sys.stderr)  # fmt: skip
        return 2
    if not (folder / "Dockerfile").is_file():
        print(f"There is no Dockerfile in {folder}.", file=sys.stderr)
        return 2
    home = Home.default()
    environment: Mapping[str, str] = dict(os.environ)
    # This shell may be pointed at one that has its state elsewhere, such as in a container.
    if home.running() or not is_labcloud(environment):
        running = _running(home, options)
        if running is None:
            return 3
        environment = pointed_at(home, running, environment)
    # botocore takes longer to load than the other commands to run.
    from labcloud.client.push import PushFailed, push_folder

    try:
        with local.entered(environment):
            print(push_folder(folder, options.name))
    except PushFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def execute(options: argparse.Namespace) -> int:
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        print("Name a command: exec -- COMMAND [ARGUMENT …]", file=sys.stderr)
        return 2
    home = Home.default()
    if not options.fresh and not home.running():
        print(
            f"{NOT_RUNNING} The command gets an empty one that is deleted afterwards.",
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
