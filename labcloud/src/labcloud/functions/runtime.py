"""What a function's interpreter sees of this machine, and where that lies."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

from labcloud.containers.published.hidden import places
from labcloud.functions.keeper import RUNTIME, TMP

# What AWS's Python runtimes have besides the standard library, with what these need.
_PACKAGES = (
    "awslambdaric", "simplejson", "snapshot-restore-py", "boto3", "botocore", "s3transfer",
    "jmespath", "python-dateutil", "six", "urllib3",
)  # fmt: skip
# Some systems keep the addresses of their name servers below /run, beside sockets.
_RUNNING, _HOSTS = ("/run", "/var/run"), "/etc/resolv.conf"
_LISTENS = 0x10000
# The terminals of the user's: whoever may open one reads what is typed there. AWS has none.
_TERMINALS = "/dev/pts"
_INSIDE = Path(__file__).parent / "inside"
# All functions run on this interpreter. AWS lists older ones, too: what they need, this one has.
THIS = f"python{sys.version_info.major}.{sys.version_info.minor}"


@functools.cache
def files() -> dict[str, str]:
    """What lies in /var/runtime: paths there, and the files and folders of this machine. Blocking.

    AWS's runtime client has a part in C, which is not built everywhere: a file of ours stands in.
    """
    found = {f"{RUNTIME}/{name}": str(_INSIDE / name) for name in ("start.py", "runtime_client.py")}
    for package in _PACKAGES:
        installed = distribution(package)
        tops = {PurePosixPath(str(each)).parts[0] for each in installed.files or ()}
        for top in tops - {"..", "__pycache__"}:
            path = Path(str(installed.locate_file(top)))
            if path.exists() and not top.startswith("runtime_client."):
                found[f"{RUNTIME}/{top}"] = str(path.resolve())
    return found


def interpreter() -> str:
    """Not that of a virtual environment, which would bring its packages."""
    return os.path.realpath(sys.executable)


def hidden(*of_labcloud: Path) -> list[str]:
    """What a function does not see, in the order in which it is covered. Blocking."""
    temporary = (TMP, "/var/tmp", tempfile.gettempdir())
    homes = (Path(os.path.expanduser("~")), Path.home())
    covers = [str(home) for home in homes if home.is_absolute() and home != Path("/")]
    covers += (*temporary, _TERMINALS)
    covers += map(str, places(*of_labcloud))
    covers += _sockets(covers)
    return [*dict.fromkeys(covers)]


def _sockets(covers: list[str]) -> list[str]:
    """Where programs of this machine listen. A mount that is read-only keeps nobody from them."""
    found = [*_RUNNING]
    with contextlib.suppress(OSError):
        lines = Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]
        # proc(5): the fourth field has a bit for one that listens, the eighth is its path.
        listed = (each for each in (line.split(maxsplit=7) for line in lines) if len(each) == 8)
        listening = {each[7] for each in listed if int(each[3], 16) & _LISTENS}
        found += sorted(path for path in listening if path.startswith("/"))
    above = tuple(f"{each.rstrip('/')}/" for each in (*covers, *_RUNNING))
    return [path for path in found if not path.startswith(above)]


def readable() -> list[str]:
    """What it needs of what is covered: the interpreter, its library, and how to find hosts."""
    needed = (sys.base_prefix, sys.base_exec_prefix, os.path.dirname(interpreter()), _HOSTS)
    return [*dict.fromkeys(os.path.realpath(path) for path in needed)]


def variables(
    name: str, memory: int, stream: str, group: str, handler: str, region: str, runtime: str
) -> dict[str, str]:
    """The environment that AWS's runtimes have, but for credentials; `memory` in MB.

    AWS_LAMBDA_RUNTIME_API is not there: the Runtime API has no address.
    """
    return {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": RUNTIME,
        "_HANDLER": handler,
        "TZ": ":UTC",
        "LANG": "C.UTF-8",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LD_LIBRARY_PATH": _LIBRARIES,
        "PYTHONPATH": RUNTIME,
    }


_LIBRARIES = (
    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
)
if platform.system() != "Linux":
    # These are folders of Linux, and some other loaders stumble over them.
    _LIBRARIES = "/var/task:/var/task/lib"
