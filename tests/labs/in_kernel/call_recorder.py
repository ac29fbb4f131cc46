"""A botocore client plugin: writes down every AWS call that a notebook makes.

One line a call, `service:Operation` by the service's name in IAM, in the file that LAB_CALLS
names. Named in BOTOCORE_EXPERIMENTAL__PLUGINS as `recorder=call_recorder`.
"""

from __future__ import annotations

import os
from typing import Any


def initialize_client_plugin(client: Any) -> None:
    """Called by botocore with every client that it makes."""
    client.meta.events.register("before-call", record)


def record(model: Any, **_: Any) -> None:
    with open(os.environ["LAB_CALLS"], "a") as calls:
        calls.write(f"{model.service_model.signing_name}:{model.name}\n")
