"""The channels that XGBoost takes, and the check of a job's inputdataconfig.json against them.

What lies in a channel's folder is looked at by `data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcloud.algorithms.xgboost import content_types
from labcloud.algorithms.xgboost.errors import UserError

TRAIN = "train"
VALIDATION = "validation"

_DEFAULT_CONTENT_TYPE = "text/libsvm"
_DISTRIBUTIONS = ("FullyReplicated", "ShardedByS3Key")
_PIPE_CONTENT_TYPES = tuple(
    name for name, format_ in content_types.NAMES.items() if format_ != content_types.LIBSVM
)


def validate(channels: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The channels, each with a ContentType.

    Raises UserError for a missing train channel, a channel that XGBoost does not know, and a
    content type, input mode or distribution that it does not take.
    """
    if TRAIN not in channels:
        raise UserError(f"Missing required channel: {TRAIN}")
    validated = {}
    for name, given in channels.items():
        if name not in (TRAIN, VALIDATION, "code"):
            raise UserError(f"Extraneous channel found: {name}")
        channel = dict(given)
        channel.setdefault("ContentType", _DEFAULT_CONTENT_TYPE)
        if not _supported(name, channel):
            raise UserError(
                f"Channel configuration for '{name}' channel is not supported: {channel}"
            )
        validated[name] = channel
    return validated


def _supported(name: str, channel: Mapping[str, Any]) -> bool:
    content_type = channel["ContentType"]
    mode = channel.get("TrainingInputMode", "File")
    if mode == "FastFile":
        # Inside a container it looks like a folder of files.
        mode = "File"
    distribution = channel.get("S3DistributionType", "FullyReplicated")
    if name == "code":
        expected = ("text/python", "File", "FullyReplicated")
        return (content_type, mode, distribution) == expected
    accepted = {"File": tuple(content_types.NAMES), "Pipe": _PIPE_CONTENT_TYPES}
    return content_type in accepted.get(mode, ()) and distribution in _DISTRIBUTIONS
