"""The folder that a container finds at /opt/ml: inputs before it runs, outputs after.

Follows "How Amazon SageMaker Provides Training Information" of the developer guide.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labcloud.state.trees import open_file

FAILURE_CHARACTERS = 1024
# Where the container sees the folder, and its checkpoints unless the job says otherwise.
ML = "/opt/ml"
CHECKPOINTS = f"{ML}/checkpoints"
# The folders that SageMaker lays over those of the image. Its other files below /opt/ml stay.
MOUNTED = ("input", "model", "output", "checkpoints")


class Contract:
    """One container's /opt/ml, at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "input" / "config"
        self.data = root / "input" / "data"
        self.model = root / "model"
        self.output = root / "output"
        self.output_data = self.output / "data"

    def create(self) -> None:
        """Makes all folders, private to this user."""
        self.root.mkdir(mode=0o700, parents=True)
        for folder in (
            self.config, self.data, self.model, self.output_data, self.root / "checkpoints",
            self.root / "tmp", self.root / "code",
        ):  # fmt: skip
            folder.mkdir(parents=True)

    def write_training_config(self, request: dict[str, Any], metric_definitions: Any) -> None:
        """The JSON files of input/config, from a CreateTrainingJob request."""
        hosts = ["algo-1"]
        resources = request.get("ResourceConfig", {})
        instance_type = resources.get("InstanceType", "ml.m5.large")
        files: dict[str, Any] = {
            "hyperparameters.json": request.get("HyperParameters", {}),
            "resourceconfig.json": {
                "current_host": hosts[0],
                "current_instance_type": instance_type,
                "current_group_name": "homogeneousCluster",
                "hosts": hosts,
                "instance_groups": [
                    {
                        "instance_group_name": "homogeneousCluster",
                        "instance_type": instance_type,
                        "hosts": hosts,
                    }
                ],
                "network_interface_name": "lo",
            },
            "inputdataconfig.json": {
                channel["ChannelName"]: _channel(channel, request["AlgorithmSpecification"])
                for channel in request.get("InputDataConfig", [])
            },
            "metric-definition-regex.json": metric_definitions,
            "trainingjobconfig.json": request,
            "init-config.json": {},
            "upstreamoutputdataconfig.json": [],
        }
        if checkpoints := request.get("CheckpointConfig"):
            files["checkpointconfig.json"] = {"LocalPath": CHECKPOINTS, **checkpoints}
        for name, content in files.items():
            (self.config / name).write_text(json.dumps(content))

    def below(self, path: str) -> str:
        """Where a folder of the container lies, relative to `root`.

        One that is not below /opt/ml is brought into the container from `root`/checkpoints.
        """
        relative = path.rstrip("/").removeprefix(f"{ML}/")
        return "checkpoints" if relative.startswith("/") else relative

    def failure(self) -> str:
        """The first 1,024 characters of output/failure, or an empty string. Blocking.

        What the container may have put there instead, a link or a pipe, is no failure file.
        """
        try:
            with open_file(self.root, "output/failure") as file:
                # A character takes four bytes at most.
                content = file.read(4 * FAILURE_CHARACTERS)
        except OSError:
            return ""
        return content.decode(errors="replace")[:FAILURE_CHARACTERS]


def _channel(channel: dict[str, Any], algorithm: dict[str, Any]) -> dict[str, str]:
    source = channel["DataSource"].get("S3DataSource", {})
    found = {
        "TrainingInputMode": channel.get("InputMode", algorithm.get("TrainingInputMode", "File")),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        found["ContentType"] = channel["ContentType"]
    return found
