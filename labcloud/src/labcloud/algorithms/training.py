"""What every `train` does around its own work: reads /opt/ml/input/config, writes a failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# How users know the folder that `root` is.
_OPT_ML = "/opt/ml"


def read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def more_than_one_host(config: Path, algorithm: str) -> str:
    """Why labcloud cannot run a job of several instances; empty for a job of one."""
    resources = config / "resourceconfig.json"
    hosts = read_json(resources).get("hosts", []) if resources.exists() else []
    if len(hosts) < 2:
        return ""
    return (
        f"This job has {len(hosts)} instances, and labcloud trains {algorithm} on one. Set "
        "InstanceCount to 1."
    )


def as_in_the_container(text: str, root: Path) -> str:
    """A message with the job's folder by its name in the container."""
    return text.replace(str(root), _OPT_ML)


def write_failure(root: Path, text: str) -> None:
    """Writes /opt/ml/output/failure, of which AWS shows the first 1,024 characters."""
    (root / "output").mkdir(parents=True, exist_ok=True)
    (root / "output" / "failure").write_text(text)
