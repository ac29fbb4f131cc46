"""`serve` of a framework image: imports the user's script, loads its model, and answers requests.

    python -m labcloud.frameworks.toolkit.serving

On AWS, nginx hands requests to a gunicorn with one process a core. Here it is one process, or
MODEL_SERVER_WORKERS of them; each answers one request at a time, as there.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware

from labcloud.frameworks.toolkit import paths, pytorch
from labcloud.frameworks.toolkit.functions import Service
from labcloud.frameworks.toolkit.requirements import install
from labcloud.frameworks.toolkit.source import bring
from labcloud.frameworks.toolkit.worker import Worker

_FORMAT = "%(asctime)s %(levelname)s - %(name)s - %(message)s"
_PORT = 8080
_GRACE = 25
_DESCRIPTOR = "fd://"
# The argument of a process whose script has what it requires.
_INSTALLED = "installed"

logger = logging.getLogger("sagemaker-containers")


def program() -> str:
    """The name of the module that has the functions."""
    default = pytorch.PROGRAM if is_of("pytorch") else ""
    return os.environ.get("SAGEMAKER_PROGRAM", default).removesuffix(".py")


def is_of(framework: str) -> bool:
    """Whether this is the image of a framework."""
    return framework in os.environ.get("SAGEMAKER_SERVING_MODULE", "")


class Application:
    """WSGI. Its model is loaded by the first request, which is a ping, and again until it loads."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        with self._lock:
            if self._worker is None:
                try:
                    self._worker = _worker()
                except Exception:
                    logger.exception("Error handling request %s", environ.get("PATH_INFO"))
                    start("500 Internal Server Error", [("Content-Type", "text/html")])
                    return [b"<html><body><h1>Internal Server Error</h1></body></html>"]
            answer: Iterable[bytes] = self._worker(environ, start)
            return answer


def _worker() -> Worker:
    if is_of("pytorch"):
        return Worker(pytorch.Service(_imported_if_there()).transform, program())
    service = Service(_imported(), xgboost=is_of("xgboost"))
    return Worker(service.transform, program(), service.execution_parameters)


def _imported() -> ModuleType:
    """The user's module. Raises what importing it raises."""
    _find_code()
    return importlib.import_module(program())


def _imported_if_there() -> ModuleType | None:
    """The same, where a model may do without."""
    _find_code()
    return importlib.import_module(program()) if importlib.util.find_spec(program()) else None


def _find_code() -> None:
    folder = str(paths.CODE)
    if folder not in sys.path:
        sys.path.insert(0, folder)


def application() -> Any:
    """The ASGI application of one process."""
    logging.basicConfig(format=_FORMAT, level=logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return WSGIMiddleware(Application(), workers=1)


def _source() -> str:
    """Where the script is; PyTorch's toolkit looks beside the model, and nowhere else."""
    if is_of("pytorch"):
        beside = paths.MODEL / "code"
        return str(beside if beside.is_dir() else paths.CODE)
    return os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(paths.CODE))


def _prepare() -> None:
    """Brings the script and what it requires. Raises what goes wrong with that."""
    bring(_source(), paths.CODE)
    if install(paths.CODE):
        # A Python looks for packages where it has been told to when it started.
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", __spec__.name, _INSTALLED])


def main() -> int:
    """Serves until SIGTERM. Returns 1 if the script cannot be had.

    Without the name of a script the server starts, and no ping succeeds: as on AWS.
    """
    logging.basicConfig(format=_FORMAT, level=logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    if is_of("xgboost"):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        if program():
            if _INSTALLED not in sys.argv:
                _prepare()
            if not is_of("pytorch"):
                _imported()
    except Exception:
        traceback.print_exc()
        return 1
    bind = os.environ.get("MODEL_SERVER_BIND", "")
    descriptor = int(bind.removeprefix(_DESCRIPTOR)) if bind.startswith(_DESCRIPTOR) else None
    uvicorn.run(
        "labcloud.frameworks.toolkit.serving:application",
        factory=True,
        fd=descriptor,
        host="0.0.0.0",
        port=int(os.environ.get("SAGEMAKER_BIND_TO_PORT", _PORT)),
        workers=int(os.environ.get("MODEL_SERVER_WORKERS", 1)),
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
