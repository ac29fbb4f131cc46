"""The policies that AWS manages, such as AmazonSageMakerFullAccess: those that moto has texts of.

moto makes all of them at the start, or none. Here each is made when it is asked for.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import moto.iam.models

_PREFIX = "arn:aws:iam::aws:policy/"
# The calls of moto's backend that take a policy's ARN first.
_CALLS = (
    "get_policy", "get_policy_version", "list_policy_versions", "list_entities_for_policy",
    "attach_role_policy", "attach_user_policy", "attach_group_policy",
)  # fmt: skip


def apply() -> None:
    """Changes moto, in this process. A second call changes nothing."""
    backend: Any = moto.iam.models.IAMBackend
    for name in _CALLS:
        call = getattr(backend, name, None)
        if call is not None and not hasattr(call, "__wrapped__"):
            setattr(backend, name, _with_policy(call))


def _with_policy(call: Any) -> Any:
    @functools.wraps(call)
    def wrapped(backend: Any, policy_arn: str, *arguments: Any, **named: Any) -> Any:
        if policy_arn.startswith(_PREFIX) and policy_arn not in backend.managed_policies:
            _make(backend, policy_arn)
        return call(backend, policy_arn, *arguments, **named)

    return wrapped


def _make(backend: Any, arn: str) -> None:
    """Makes the policy known to the account, where moto has its text."""
    models: Any = moto.iam.models
    name = arn.rpartition("/")[2]
    if data := _texts().get(name):
        policy = models.AWSManagedPolicy.from_data(
            name, backend.account_id, backend.region_name, data
        )
        if policy.arn == arn:
            backend.managed_policies[arn] = policy


@functools.cache
def _texts() -> dict[str, Any]:
    models: Any = moto.iam.models
    found: dict[str, Any] = json.loads(models.aws_managed_policies_data)
    return found
