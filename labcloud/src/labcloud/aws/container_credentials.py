"""The credentials that AWS gives a container or a function: those of a session of its role."""

from __future__ import annotations

import time
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from labcloud.gateway import sessions
from labcloud.state.credentials import Credentials

# AWS renews them while the container runs. These stand in its environment, and outlast it.
_A_YEAR = 365 * 24 * 3600  # seconds
# As AWS names its sessions.
_SESSION = "SageMaker"


def variables(owner: Credentials, role: str, session: str = _SESSION) -> dict[str, str]:
    """The environment variables of a session of `role`, an ARN. `owner` is the server's own key."""
    name = role.rpartition("/")[2]
    account = role.split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    made = sessions.issue(owner, int(time.time()) + _A_YEAR, f"{_role_id(role)}:{session}", arn)
    return {
        "AWS_ACCESS_KEY_ID": made.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": made.credentials.secret_key,
        "AWS_SESSION_TOKEN": made.token,
    }


def _role_id(arn: str) -> str:
    iam: Any = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    try:
        return str(iam.get_role_by_arn(arn).id)
    except NotFoundException:
        # Nobody checks that a job's role exists.
        return "AROALABCLOUD"
