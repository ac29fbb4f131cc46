"""Training on several hosts, of which labcloud has one."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: Sequence[str],
    current_host: str,
    first_port: int | None = None,
    second_port: int | None = None,
    max_connect_attempts: int | None = None,
    connect_retry_timeout: int = 10,
    update_rabit_args: bool = False,
) -> None:
    """Calls a function; with `update_rabit_args` it is told that this host is the first one.

    Ends the script where the host has nothing to train with.
    """
    if len(hosts) > 1:
        raise NotImplementedError("labcloud has jobs of one host only")
    if not include_in_training:
        logging.warning("Host %s not being used for distributed training.", current_host)
        sys.exit(0)
    if update_rabit_args:
        args["is_master"] = True
    exec_fun(**args)
