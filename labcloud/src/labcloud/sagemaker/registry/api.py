"""The table of the registry's operations."""

from __future__ import annotations

from labcloud.sagemaker.registry import groups, lists, packages

OPERATIONS = {**groups.OPERATIONS, **packages.OPERATIONS, **lists.OPERATIONS}
