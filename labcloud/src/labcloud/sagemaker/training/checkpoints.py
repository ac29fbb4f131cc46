"""Checkpoints: a folder that is brought from S3 to the container, and kept there while it runs.

Follows "Use checkpoints in Amazon SageMaker AI" of the developer guide. What the job deletes stays
in S3: nothing that was saved is lost by a program's mistake.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.containers.archives import MAX_DEPTH
from labcloud.containers.contract import CHECKPOINTS, ML, Contract
from labcloud.containers.threads import to_the_end
from labcloud.sagemaker.data import download
from labcloud.state.trees import files, open_file

# How often the folder is looked at (seconds).
_EVERY = 1.0
# Files with these endings are not the job's checkpoints, but signs between it and SageMaker.
_SIGNS = (".sagemaker-ignore", ".sagemaker-uploading", ".sagemaker-uploaded")


class Checkpoints:
    """The checkpoints of one job, as its CheckpointConfig says.

    `places` is their folder on this machine, by the path that it has in the container; `copy` is
    a file where no job can write.
    """

    def __init__(
        self, objects: Objects, config: dict[str, str], contract: Contract, copy: Path
    ) -> None:
        self._objects = objects
        # A folder of this name: `s3://b/a` does not mean `s3://b/a-2`.
        self._target = Location.parse(config["S3Uri"].rstrip("/") + "/")
        path = config.get("LocalPath", CHECKPOINTS).rstrip("/")
        self._root = contract.root
        self._folder = contract.below(path)
        self.places = {path: self._root / self._folder}
        self._copy = copy
        # What could not be read, by its name, and why.
        self.left_out: dict[str, str] = {}
        # Size and time of each file that S3 has, by its name.
        self._stored: dict[str, tuple[int, int]] = {}

    def restore(self) -> None:
        """Brings what an earlier job has saved. Blocking. Raises ClientError."""
        download(self._objects, {"S3Uri": str(self._target)}, self._root / self._folder)
        self._stored = dict(self._found())

    def store(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Copies to S3 what is new. Blocking. Raises OSError, sqlite3.Error, ObjectStoreError.

        What S3 does not take, and what cannot be read, keeps no other file from it. Ends before its
        time once there is `enough`.
        """
        refused = list[ObjectStoreError]()
        self.left_out.clear()
        for name, state in self._found():
            if enough():
                break
            if self._stored.get(name) == state:
                continue
            try:
                with open_file(self._root, name) as source, self._copy.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                below = name.removeprefix(f"{self._folder}/")
                self._objects.upload(self._copy, self._target.child(below))
                self._stored[name] = state
            except FileNotFoundError:
                # The job has removed it since.
                continue
            except PermissionError as error:
                self.left_out[name] = str(error.strerror)
            except ObjectStoreError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    def notes(self) -> list[str]:
        """What a job's log should say of files that are not in S3."""
        return [
            f"[labcloud] not copied to S3: {ML}/{name} ({why})"
            for name, why in sorted(self.left_out.items())
        ]

    async def follow(self) -> None:
        """Stores what is new, again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            # What cannot be stored now is tried again, and fails the job at its end.
            with contextlib.suppress(OSError, sqlite3.Error, ObjectStoreError):
                await to_the_end(self.store)

    def _found(self) -> list[tuple[str, tuple[int, int]]]:
        return [
            (name, (status.st_size, status.st_mtime_ns))
            for name, status in files(self._root, self._folder, MAX_DEPTH, self.left_out)
            if not name.endswith(_SIGNS)
        ]
