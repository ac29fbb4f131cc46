"""What a script is told of its job: arguments and SM_ variables, from the files of input/config.

After ENVIRONMENT_VARIABLES.md of github.com/aws/sagemaker-training-toolkit. What only this toolkit
has, and not the older sagemaker-containers, is in _NEWER.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labcloud.frameworks.toolkit import paths

PROGRAM = "sagemaker_program"
_SUBMIT_DIRECTORY = "sagemaker_submit_directory"
_LOG_LEVEL = "sagemaker_container_log_level"
_REGION = "sagemaker_region"
_JOB_NAME = "sagemaker_job_name"
# Hyperparameters that the SDK sends for the toolkit. Others that begin alike are the framework's.
_OWN = (
    PROGRAM,
    _SUBMIT_DIRECTORY,
    "sagemaker_enable_cloudwatch_metrics",
    _REGION,
    _LOG_LEVEL,
    _JOB_NAME,
    "default_user_module_name",
    "_tuning_objective_metric",
    "sagemaker_s3_output",
)
_PREFIX = "sagemaker_"
_GROUP = "homogeneousCluster"
_NEWER = (
    "current_instance_group", "current_instance_group_hosts", "current_instance_type",
    "distribution_hosts", "distribution_instance_groups", "instance_groups",
    "instance_groups_dict", "is_hetero", "is_modelparallel_enabled", "is_smddpmprun_installed",
    "is_smddprun_installed", "num_neurons",
)  # fmt: skip
# They have no variable of their own.
_UNNAMED = (
    "additional_framework_parameters", "channel_input_dirs", "distribution_hosts",
    "hyperparameters", "is_master", "is_modelparallel_enabled", "is_smddpmprun_installed",
    "is_smddprun_installed", "job_name", "master_hostname",
)  # fmt: skip


def decoded(text: str) -> Any:
    """A hyperparameter: the SDK sends JSON, and others what they like."""
    try:
        return json.loads(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class TrainingEnvironment:
    """One training job, as its script sees it. `program` is empty if there is no script.

    `older` is what sagemaker-containers says of it. `given_name` and `region` are what the SDK has
    sent, as far as it has.
    """

    program: str
    source: str
    log_level: int
    hyperparameters: Mapping[str, Any]
    framework_parameters: Mapping[str, Any]
    resources: Mapping[str, Any]
    channels: Mapping[str, Any]
    job_name: str = ""
    given_name: str = ""
    region: str = ""
    framework_module: str = ""
    older: bool = False
    ml: Path = field(default=paths.ML)

    @classmethod
    def read(cls, *, older: bool) -> TrainingEnvironment:
        """Of this container. Raises OSError, ValueError."""
        given = json.loads((paths.CONFIG / "hyperparameters.json").read_text())
        found = {name: decoded(text) for name, text in given.items()}
        ours = {name: value for name, value in found.items() if _is_ours(name)}
        return cls(
            program=str(os.environ.get(PROGRAM.upper()) or ours.get(PROGRAM) or ""),
            source=str(ours.get(_SUBMIT_DIRECTORY, paths.CODE)),
            log_level=int(ours.get(_LOG_LEVEL, logging.INFO)),
            hyperparameters={n: v for n, v in found.items() if not _is_ours(n)},
            framework_parameters={n: v for n, v in ours.items() if n not in _OWN},
            resources=json.loads((paths.CONFIG / "resourceconfig.json").read_text()),
            channels=json.loads((paths.CONFIG / "inputdataconfig.json").read_text()),
            job_name=os.environ.get("TRAINING_JOB_NAME", ""),
            given_name=str(ours.get(_JOB_NAME, "")),
            region=str(ours.get(_REGION) or _own_region()),
            framework_module=os.environ.get("SAGEMAKER_TRAINING_MODULE", ""),
            older=older,
        )

    @property
    def module(self) -> str:
        return self.program.removesuffix(".py")

    def arguments(self) -> list[str]:
        """The hyperparameters as arguments, sorted by name. True is `True`, a dict is `a=1,b=2`."""
        found = []
        for name in sorted(self.hyperparameters):
            value = self.hyperparameters[name]
            if isinstance(value, dict):
                value = ",".join(f"{key}={each}" for key, each in sorted(value.items()))
            flag = (f"--{name}" if len(name) > 1 else f"-{name}") if name else ""
            found += [flag, "" if value is None else str(value)]
        return found

    def variables(self) -> dict[str, str]:
        """SM_ variables and PYTHONPATH: text as it is, everything else as JSON."""
        described = self.described()
        values = {
            **{name: value for name, value in described.items() if name not in _UNNAMED},
            "hps": self.hyperparameters,
            "framework_params": self.framework_parameters,
            "channels": sorted(self.channels),
            "training_env": described,
            "user_args": self.arguments(),
            **{f"channel_{name}": str(self.ml / "input" / "data" / name) for name in self.channels},
            **{f"hp_{name}": value for name, value in self.hyperparameters.items()},
        }
        # AWS's goes on with the folders of its own Python. Here they would come before what a job
        # has installed.
        modules = [str(paths.CODE), os.environ.get("PYTHONPATH", "")]
        return {
            **{f"SM_{name.upper()}": _text(value) for name, value in values.items()},
            "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        }

    def plain_variables(self) -> dict[str, str]:
        """Variables that the installation of requirements sees, too. The log does not have them."""
        return {
            "SAGEMAKER_JOB_NAME": self.given_name,
            "CURRENT_HOST": self.resources["current_host"],
            "SAGEMAKER_REGION": self.region,
        }

    def described(self) -> dict[str, Any]:
        """The environment as the log shows it, and as SM_TRAINING_ENV has it."""
        host = self.resources["current_host"]
        group = self.resources.get("current_group_name", _GROUP)
        groups = self.resources.get("instance_groups", [])
        hosts = self.resources["hosts"]
        everything = {
            "additional_framework_parameters": self.framework_parameters,
            "channel_input_dirs": {
                name: str(self.ml / "input" / "data" / name) for name in self.channels
            },
            "current_host": host,
            "current_instance_group": group,
            "current_instance_group_hosts": hosts,
            "current_instance_type": self.resources.get("current_instance_type", "local"),
            "distribution_hosts": [],
            "distribution_instance_groups": [],
            "framework_module": self.framework_module,
            "hosts": hosts,
            "hyperparameters": self.hyperparameters,
            "input_config_dir": str(self.ml / "input" / "config"),
            "input_data_config": self.channels,
            "input_dir": str(self.ml / "input"),
            "instance_groups": [each["instance_group_name"] for each in groups],
            "instance_groups_dict": {each["instance_group_name"]: each for each in groups},
            "is_hetero": False,
            "is_master": True,
            "is_modelparallel_enabled": None,
            "is_smddpmprun_installed": False,
            "is_smddprun_installed": False,
            "job_name": self.job_name,
            "log_level": self.log_level,
            "master_hostname": hosts[0],
            "model_dir": str(self.ml / "model"),
            "module_dir": self.source,
            "module_name": self.module,
            "network_interface_name": self.resources.get("network_interface_name", "eth0"),
            "num_cpus": os.cpu_count() or 1,
            "num_gpus": 0,
            "num_neurons": 0,
            "output_data_dir": str(self.ml / "output" / "data"),
            "output_dir": str(self.ml / "output"),
            "output_intermediate_dir": str(self.ml / "output" / "intermediate"),
            "resource_config": self.resources,
            "user_entry_point": self.program,
        }
        left_out = _NEWER if self.older else ()
        return {name: value for name, value in everything.items() if name not in left_out}


def _is_ours(name: str) -> bool:
    return name in _OWN or name.startswith(_PREFIX)


def _own_region() -> str:
    return os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION", "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
