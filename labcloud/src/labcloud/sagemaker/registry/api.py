"""The table of the registry's operations."""

from __future__ import annotations

from labcloud.sagemaker.registry import groups, lists, packages, updates

OPERATIONS = {
    **groups.OPERATIONS, **packages.OPERATIONS, **updates.OPERATIONS, **lists.OPERATIONS,
}  # fmt: skip
