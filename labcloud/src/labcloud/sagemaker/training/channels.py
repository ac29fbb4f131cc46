"""The channels of a training job: files that are there before it starts, or streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labcloud.aws.s3.objects import Objects
from labcloud.containers.contract import ML
from labcloud.sagemaker.data import download, items
from labcloud.sagemaker.training.pipes import Pipe

PIPE, FAST_FILE = "Pipe", "FastFile"


def input_mode(channel: dict[str, Any], algorithm: dict[str, Any]) -> str:
    """File, FastFile or Pipe: the channel's own, or that of the AlgorithmSpecification."""
    mode: str = channel.get("InputMode", algorithm.get("TrainingInputMode", "File"))
    return mode


class Channels:
    """The channels of a CreateTrainingJob request, brought to the folder `data`."""

    def __init__(self, objects: Objects, request: dict[str, Any], data: Path) -> None:
        self._objects = objects
        self._request = request
        self._data = data
        self._pipes: list[Pipe] = []

    def bring(self) -> None:
        """Copies all files, and begins the streams. Blocking. Raises ClientError.

        FastFile mode shows objects as files, too; what AWS reads when it is needed is here before.
        """
        for channel in self._request.get("InputDataConfig", []):
            source = channel["DataSource"]["S3DataSource"]
            if input_mode(channel, self._request["AlgorithmSpecification"]) == PIPE:
                found = items(self._objects, source)
                self._pipes.append(Pipe(self._objects, channel, found, self._data))
            else:
                download(self._objects, source, self._data / channel["ChannelName"])

    def read_only(self) -> dict[str, Path]:
        """The folders of FastFile mode, which is a view of S3, by their paths in the container."""
        algorithm = self._request["AlgorithmSpecification"]
        names = [
            channel["ChannelName"]
            for channel in self._request.get("InputDataConfig", [])
            if input_mode(channel, algorithm) == FAST_FILE
        ]
        return {f"{ML}/input/data/{name}": self._data / name for name in names}

    def close(self) -> None:
        """Ends the streams of a container that has ended. Blocking.

        Raises ClientError where data could not be streamed.
        """
        errors = []
        for pipe in self._pipes:
            try:
                pipe.close()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]
