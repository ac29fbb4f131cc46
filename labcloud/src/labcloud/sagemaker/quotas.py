"""How many instances an account may use at once, refused in AWS's words where it asks for more.

A new AWS account has quotas too. Here they keep one request from filling a laptop with processes,
and say no to instance types whose accelerators this machine would only pretend to have.
"""

from __future__ import annotations

import re

from labcloud.sagemaker.errors import ResourceLimitExceeded

# Instances of one type, by what uses them.
TRAINING = "training job usage"
TRANSFORM = "transform job usage"
ENDPOINT = "endpoint usage"
_LIMITS = {TRAINING: 100, TRANSFORM: 100, ENDPOINT: 50}
_ACCELERATED = re.compile(r"ml\.(p|g|gr|trn|inf|dl)\d")


def check_quota(instance_type: str, use: str, used: int, wanted: int) -> None:
    """Raises ResourceLimitExceeded where `wanted` more instances than `used` are too many."""
    limit = 0 if _ACCELERATED.match(instance_type) else _LIMITS[use]
    if used + wanted > limit:
        raise ResourceLimitExceeded(
            f"The account-level service limit '{instance_type} for {use}' is {limit} Instances, "
            f"with current utilization of {used} Instances and a request delta of {wanted} "
            "Instances. Please contact AWS support to request an increase for this limit."
        )
