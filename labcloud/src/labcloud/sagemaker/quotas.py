"""How many instances an account may use at once, refused in AWS's words where it asks for more.

A new AWS account has quotas too. Here they keep one request from filling a laptop with processes,
and say no to instance types whose accelerators this machine would only pretend to have.
"""

from __future__ import annotations

import re
from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceLimitExceeded
from labcloud.sagemaker.resource import Resource

_ACCELERATED = re.compile(r"ml\.(p|g|gr|trn|inf|dl)\d")


def check_quota(cloud: Cloud, resource: Resource, wanted: Counter[str], beside: str = "") -> None:
    """Raises ResourceLimitExceeded if the quota does not allow the instances `wanted`, by type.

    The resource named `beside` is left out of the count: the instances are for it.
    """
    quota = resource.quota
    assert quota is not None
    used = Counter[str]()
    for record in resource.all_but(cloud, quota.free):
        if record[resource.name] != beside:
            used += quota.instances(cloud, record)
    for instance_type, count in wanted.items():
        limit = 0 if _ACCELERATED.match(instance_type) else quota.limit
        if used[instance_type] + count > limit:
            raise ResourceLimitExceeded(
                f"The account-level service limit '{instance_type} for {quota.use}' is {limit} "
                f"Instances, with current utilization of {used[instance_type]} Instances and a "
                f"request delta of {count} Instances. Please contact AWS support to request an "
                "increase for this limit."
            )
