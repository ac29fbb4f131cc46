"""Owners of the files at /opt/ml: every user of the container reads them; we own them at its end.

Containers run as root as a rule, on AWS as here, and what they write belongs to root outside, too.
labcloud has to read, pack and delete it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException
from docker.types import Mount

from labcloud.state.trees import below

logger = logging.getLogger(__name__)

# Folders of AWS's that labcloud itself opens afterwards.
_OWN = ("model", "output", "output/data", "output/failure", "checkpoints", "tmp")


def let_all_read(root: Path) -> None:
    """Lets every user of the container in. Outside, the state directory keeps others out."""
    for path in _all(root):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) or mode & stat.S_IXUSR:
            path.chmod(mode | 0o555, follow_symlinks=False)
        elif stat.S_ISREG(mode):
            path.chmod(mode | 0o444)


def take_back(
    client: Any, image: str, root: Path, user: tuple[int, int], labels: Mapping[str, str]
) -> None:
    """Makes this user the owner of everything below `root`, where others wrote there.

    With no root's rights of its own, labcloud borrows those of a container: of the same image, of
    which nothing runs but `chown`. Where that cannot be done, the log says so.
    """
    if os.geteuid() != 0 and any(_foreign(path) for path in _all(root)):
        _borrow(client, image, root, user, labels)
    _clear_the_way(root)


def _borrow(
    client: Any, image: str, root: Path, user: tuple[int, int], labels: Mapping[str, str]
) -> None:
    uid, gid = user
    container = ""
    try:
        container = client.create_container(
            image,
            entrypoint=["chown", "-R", "-h", f"{uid}:{gid}", "/opt/ml"],
            command=[],
            user="0:0",
            labels=dict(labels),
            network_disabled=True,
            host_config=client.create_host_config(
                mounts=[Mount("/opt/ml", str(root), type="bind")],
                network_mode="none",
                userns_mode="host" if "name=userns" in str(client.info()) else None,
                cap_drop=["ALL"],
                cap_add=["CHOWN", "DAC_OVERRIDE"],
                security_opt=["no-new-privileges"],
            ),
        )["Id"]
        client.start(container)
        if client.wait(container)["StatusCode"] != 0:
            logger.error("not all files in %s could be given to their user", root)
    except (DockerException, requests.RequestException) as error:
        logger.error("files in %s still belong to root: %s", root, str(error))
    finally:
        if container:
            with contextlib.suppress(DockerException, requests.RequestException):
                client.remove_container(container, force=True, v=True)


def _clear_the_way(root: Path) -> None:
    """Removes links and pipes in places where labcloud expects its own files and folders.

    What a container may see ends at /opt/ml; a link that it leaves there would lead labcloud on.
    """
    for name in _OWN:
        path = root / name
        with contextlib.suppress(OSError):
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                path.unlink()
            if not path.exists() and name in ("model", "output", "output/data"):
                path.mkdir()


def _all(root: Path) -> Iterator[Path]:
    """A folder and everything in it, as far as a path can name it."""
    yield root
    with contextlib.suppress(OSError):
        yield from below(root)


def _foreign(path: Path) -> bool:
    return path.lstat().st_uid != os.geteuid()
