"""The commands that point other programs at the server: env, push, exec."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from types import FrameType

from labcloud.cli.servers import NOT_RUNNING
from labcloud.client import launch, local
from labcloud.client import push as pushing
from labcloud.client.environment import address_and_key, pointed_at
from labcloud.state.home import Home, Running


def _running(home: Home) -> Running | None:
    """The server that runs; where none does, the command says so."""
    running = home.running()
    if running is None:
        print(f"{NOT_RUNNING} Its state directory is {home.path}.", file=sys.stderr)
    return running


def env(_: argparse.Namespace) -> int:
    home = Home.default()
    running = _running(home)
    if running is None:
        return 3
    for name, value in address_and_key(home, running).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def push(options: argparse.Namespace) -> int:
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
            print(pushing.push_folder(options.folder, repository, tag or "latest"))
    except pushing.PushFailed as error:
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
