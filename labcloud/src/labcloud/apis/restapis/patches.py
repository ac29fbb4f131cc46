"""Patch operations: how REST APIs and their stages are changed.

https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from typing import Any, NamedTuple

from labcloud.apis.errors import BadRequest

# The API knows copy, which is for canary releases, and the models have move and test, too.
_OPS = ("add", "remove", "replace")
# The largest number of a setting.
_MOST = 2**31 - 1


class Patch(NamedTuple):
    """One change: `op` of `path`, with the decoded parts of the path."""

    op: str
    path: str
    value: str
    parts: tuple[str, ...]

    @property
    def unsupported(self) -> BadRequest:
        """The refusal of this operation at this path."""
        return BadRequest(
            f"Invalid patch path  '{self.path}' specified for op '{self.op}'. "
            "Please choose supported operations"
        )

    @property
    def flag(self) -> bool:
        """Raises BadRequest for what is no boolean."""
        if self.value not in ("true", "false"):
            raise BadRequest(f"Invalid boolean value {self.value} for {self.path}")
        return self.value == "true"

    @property
    def number(self) -> float:
        """Raises BadRequest for what is no number from 0 on."""
        try:
            found = float(self.value)
        except ValueError:
            found = -1.0
        if not 0 <= found <= _MOST:
            raise BadRequest(f"Invalid number {self.value} for {self.path}")
        return found


def patches(request: dict[str, Any]) -> list[Patch]:
    """The changes of a request. Raises BadRequest."""
    found = []
    for each in request.get("patchOperations", []):
        path = each.get("path")
        if path is None or not path.startswith("/"):
            raise BadRequest(f"Invalid patch path {path if path else 'null'}")
        parts = tuple(part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/"))
        patch = Patch(each.get("op", "replace"), path, each.get("value", ""), parts)
        if patch.op not in _OPS:
            raise patch.unsupported
        found.append(patch)
    return found
