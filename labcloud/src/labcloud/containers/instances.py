"""vCPUs and memory of an instance type, as in AWS's list of ML instances.

Only the types without accelerators; their names say it all. Sizes go up from `large`, which has 2
vCPUs, and each family has so much memory for each of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"ml\.(?P<family>[a-z]+\d+[a-z]*)(-flex)?\.(?P<size>\w+)")
# GiB for each vCPU, by the kind of the family; and the families that differ.
_KINDS = {"c": 2.0, "m": 4.0, "r": 8.0}
_FAMILIES = {"c4": 1.875, "c5n": 2.625}
# The type whose name does not say its size.
_EXCEPTIONS = {"c4.8xlarge": (36, 60)}
# Burstable types: from `large` to `2xlarge` it is the memory that doubles first.
_BURSTABLE = {"medium": (2, 4), "large": (2, 8), "xlarge": (4, 16), "2xlarge": (8, 32)}


@dataclass(frozen=True)
class Resources:
    """vCPUs, and memory in bytes."""

    vcpus: int
    memory: int


def resources_of(instance_type: str) -> Resources | None:
    """The resources of an instance of this type; None for an unknown type."""
    found = _NAME.fullmatch(instance_type)
    if found is None:
        return None
    family, size = found["family"], found["size"]
    if family in ("t2", "t3"):
        return _resources(*_BURSTABLE[size]) if size in _BURSTABLE else None
    if exception := _EXCEPTIONS.get(f"{family}.{size}"):
        return _resources(*exception)
    vcpus = _vcpus(size)
    ratio = _FAMILIES.get(family) or _KINDS.get(re.sub(r"\d.*", "", family))
    return _resources(vcpus, vcpus * ratio) if vcpus and ratio else None


def has_storage(instance_type: str) -> bool:
    """Whether instances of this type come with a disk of their own: the d of `ml.m5d`."""
    found = _NAME.fullmatch(instance_type)
    return bool(found and re.search(r"\d[a-z]*d", found["family"]))


def _vcpus(size: str) -> int | None:
    if size == "large":
        return 2
    found = re.fullmatch(r"(\d*)xlarge", size)
    return 4 * int(found[1] or 1) if found else None


def _resources(vcpus: int, gib: float) -> Resources:
    return Resources(vcpus, int(gib * 1024**3))
