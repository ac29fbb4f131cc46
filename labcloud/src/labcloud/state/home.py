"""The state directory of one labcloud: where its files are, and the lock that keeps others out.

Knows paths and their modes; what the files hold is known to those who write them.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from labcloud.state import trees
from labcloud.state.paths import write_private

ENVIRONMENT_VARIABLE = "LABCLOUD_HOME"
# Where a server listens unless it is told otherwise, and how programs of this machine reach it.
LOOPBACK = "127.0.0.1"
S3_DATABASE = "s3.sqlite"
# Where it listens unless it is told otherwise, or was in its last life.
DEFAULT_PORT = 8462
# Below it, what scripts and Dockerfiles have asked for, installed.
REQUIREMENTS = "requirements"
# Says that a folder is labcloud's. It is the first file in it.
_MARK = "labcloud-state.txt"
_SAID = "This folder is labcloud's: everything in it goes with `labcloud reset`.\n"
# What a new folder may hold already: the claim of a temporary one, what a new file system has.
_NEW = {"claim", "lost+found"}
# How long the lock is tried while a server has it, which may have ended, and while others only ask
# whether one has: on a busy machine, one that asks can be slow (seconds).
_A_MOMENT = 0.1
_A_LONG_MOMENT = 5.0


class HomeInUse(Exception):
    """Another labcloud serves this state directory."""

    def __init__(self, path: Path, pid: int | None) -> None:
        owner = f"process {pid}" if pid else "another process"
        super().__init__(
            f"labcloud already runs on {path} ({owner}). Use that one, stop it with "
            f"`labcloud stop`, or name another state directory in {ENVIRONMENT_VARIABLE}."
        )
        self.pid = pid


class HomeForeign(Exception):
    """A folder that holds files, and is no state directory of labcloud's. Nothing is changed."""

    def __init__(self, path: Path) -> None:
        what = "is a file" if path.is_file() else "holds files that are not labcloud's"
        super().__init__(
            f"{path} {what}, and labcloud leaves it alone. Name an empty folder, or one that does "
            f"not exist, in {ENVIRONMENT_VARIABLE}."
        )


class HomeUnusable(Exception):
    """The state directory cannot be written to."""

    def __init__(self, path: Path, error: OSError) -> None:
        other = f"ame another state directory in {ENVIRONMENT_VARIABLE}."
        super().__init__(
            f"labcloud cannot write to {path}: the disk is full. Free some space, or n{other}"
            if error.errno == errno.ENOSPC
            else f"labcloud cannot write to {path}: {error.strerror or error}. N{other}"
        )


@dataclass(frozen=True)
class Running:
    """What others find a running server by: its process, address and start (epoch seconds)."""

    pid: int
    port: int
    region: str
    started: float

    @property
    def url(self) -> str:
        # Clients do not send the port that http has by itself, nor do all sign it.
        return f"http://{LOOPBACK}" + (f":{self.port}" if self.port != 80 else "")


class Home:
    """One state directory, private to its user (mode 0700)."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: int | None = None

    @classmethod
    def default(cls) -> Home:
        """The directory that LABCLOUD_HOME names, else ~/.labcloud."""
        return cls(Path(os.environ.get(ENVIRONMENT_VARIABLE) or "~/.labcloud"))

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    @property
    def format(self) -> Path:
        return self.path / "format.json"

    @property
    def records(self) -> Path:
        return self.path / "records.sqlite"

    @property
    def s3(self) -> Path:
        return self.path / S3_DATABASE

    @property
    def objects(self) -> Path:
        """The contents of S3's objects."""
        return self.path / "objects"

    @property
    def requirements(self) -> Path:
        """What scripts have asked for, installed: a folder for each set of requirements."""
        return self.path / REQUIREMENTS

    @property
    def jobs(self) -> Path:
        return self.path / "jobs"

    @property
    def logs(self) -> Path:
        """What containers print. It is deleted at the next start."""
        return self.path / "logs"

    @property
    def log(self) -> Path:
        return self.path / "labcloud.log"

    @property
    def signed_out(self) -> Path:
        """The sessions of the console that were ended."""
        return self.path / "signed-out.json"

    @property
    def sdk_config(self) -> Path:
        return self.path / "sagemaker-sdk.yaml"

    @property
    def aws_config(self) -> Path:
        """The AWS configuration of programs that are pointed at the server."""
        return self.path / "aws-config"

    @property
    def _running(self) -> Path:
        return self.path / "server.json"

    @property
    def _lockfile(self) -> Path:
        return self.path / "lock"

    @property
    def _mark(self) -> Path:
        return self.path / _MARK

    def empty(self) -> bool:
        """Whether there is nothing in the directory, or no directory."""
        try:
            return set(os.listdir(self.path)) <= _NEW
        except FileNotFoundError:
            return True
        except NotADirectoryError:
            return False

    def check_ours(self) -> None:
        """Raises HomeForeign for a folder with files that labcloud has not made, and OSError."""
        # In this order: another process may be making it, and makes the mark first.
        if not self.empty() and not (self._mark.exists() or self._made_before_marks()):
            raise HomeForeign(self.path)

    def _made_before_marks(self) -> bool:
        """Whether labcloud has made the directory, in a version that did not mark it."""
        if self.records.exists() and self.s3.exists():
            return True
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            json.loads(self.format.read_text())["labcloud"]
            return True
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            return str(json.loads(self.credentials.read_text())["access_key"]).startswith("LABC")
        return False

    def create(self) -> None:
        """Makes the directory where it is missing. Raises OSError, and HomeForeign."""
        self.check_ours()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._mark.exists():
            self._mark.touch(mode=0o600)
            self._mark.write_text(_SAID)
        # One that was there before may have been open to others; a mounted volume may stay so.
        with contextlib.suppress(PermissionError):
            self.path.chmod(0o700)
        self.jobs.mkdir(mode=0o700, exist_ok=True)

    def acquire(self) -> None:
        """Takes the directory for this process until it ends. Raises HomeInUse."""
        self.create()
        descriptor = os.open(self._lockfile, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(descriptor)
        except (OSError, HomeInUse):
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor
        # Of a server that was killed: until this one answers, there is none.
        self.retract()

    def _take(self, lock: int) -> None:
        """Raises HomeInUse, and OSError where the file system has no locks."""
        began = time.monotonic()
        while not _try_lock(lock, fcntl.LOCK_EX):
            # Whoever asks shares the lock with others that ask; a server shares it with nobody.
            asked = _try_lock(lock, fcntl.LOCK_SH)
            fcntl.flock(lock, fcntl.LOCK_UN)
            if time.monotonic() - began > (_A_LONG_MOMENT if asked else _A_MOMENT):
                owner = os.pread(lock, 32, 0).decode(errors="replace").strip()
                raise HomeInUse(self.path, int(owner) if owner.isdigit() else None)
            time.sleep(0.02)

    def release(self) -> None:
        """Gives the directory back; the end of the process does, too."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def announce(self, running: Running) -> None:
        write_private(self._running, json.dumps(asdict(running)))

    def retract(self) -> None:
        self._running.unlink(missing_ok=True)

    def running(self) -> Running | None:
        """The server that serves this directory now, or None."""
        try:
            found = Running(**json.loads(self._running.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return found if self.locked() else None

    def last_ports(self) -> list[int]:
        """The port that was wanted in the last life, and the one that it had instead.

        So open programs find the next life again.
        """
        try:
            found = json.loads(self._ports.read_text())
            return [int(port) for port in (found if isinstance(found, list) else [found])]
        except (OSError, ValueError, TypeError):
            return []

    def wanted_port(self) -> int:
        """Where a server listens that is not told where."""
        return next(iter(self.last_ports()), DEFAULT_PORT)

    def remember_ports(self, wanted: int, taken: int) -> None:
        write_private(self._ports, json.dumps([wanted] if taken == wanted else [wanted, taken]))

    @property
    def _ports(self) -> Path:
        return self.path / "port.json"

    @contextlib.contextmanager
    def usable(self) -> Iterator[None]:
        """What goes wrong within is a fault of the directory: raises HomeUnusable."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise HomeUnusable(self.path, error) from error

    def locked(self) -> bool:
        """Whether a server holds this directory: it does as long as it lives."""
        try:
            descriptor = os.open(self._lockfile, os.O_RDWR)
        except OSError:
            return False
        try:
            return not _try_lock(descriptor, fcntl.LOCK_SH)
        except OSError:
            return True
        finally:
            os.close(descriptor)

    def erase(self) -> None:
        """Removes the directory and all in it. Raises OSError where it cannot, and HomeForeign.

        The caller has made sure that nothing runs on it.
        """
        if not self.path.exists():
            return
        self.check_ours()
        # The mark goes last: what cannot be deleted now is still known as labcloud's.
        for entry in sorted(self.path.iterdir(), key=lambda entry: entry == self._mark):
            trees.clear(entry)
        # A mounted volume cannot be removed itself.
        with contextlib.suppress(OSError):
            self.path.rmdir()


def _try_lock(lock: int, how: int) -> bool:
    """Takes a lock, or says that somebody else has it. Raises OSError where there are no locks."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
