"""What moto holds of S3 and ECR, as bytes for the disk, and back.

moto's objects have no other form than Python's pickle. A pickle can name any function of Python and
call it, so only the classes that belong to a state are read. What is written is checked by the same
list: nothing is acknowledged that the next start would refuse.
"""

from __future__ import annotations

import io
import pickle
from enum import Enum
from pathlib import PurePosixPath
from types import BuiltinFunctionType, FunctionType
from typing import Any, ClassVar

from labcloud.aws.s3.buffers import DiskBuffer

# A state may hold every class that these modules define: they are data, and their constructors
# touch nothing else.
_MODULES = frozenset(
    {
        "moto.ecr.models",
        "moto.s3.models",
        "moto.utilities.tagging_service",
        "moto.utilities.utils",
    }
)
_CLASSES = frozenset(
    {
        "builtins.bytearray",
        "builtins.frozenset",
        "builtins.set",
        "collections.OrderedDict",
        "collections.defaultdict",
        "datetime.date",
        "datetime.datetime",
        "datetime.timedelta",
        "datetime.timezone",
        "labcloud.aws.s3.buffers.DiskBuffer",
        "requests.structures.CaseInsensitiveDict",
    }
)


def _member(enum: type[Enum], name: str) -> Enum:
    """A member of an enum by its name."""
    if not issubclass(enum, Enum):
        raise pickle.UnpicklingError(f"{enum} is not an enum")
    return enum[name]


# Names that are read and not written.
_OLD: dict[str, Any] = {
    # Some releases of Python 3.11 wrote the members of enums with it.
    "builtins.getattr": _member,
    # Format 1 had DiskBuffer in another module, and in it the whole path of its file.
    "labcloud.store.buffers.DiskBuffer": DiskBuffer,
    "pathlib.PosixPath": PurePosixPath,
    "pathlib._local.PosixPath": PurePosixPath,
}


class NotStorable(OSError):
    """An object of a class that no state may hold. The change that made it must be undone."""


def dumps(value: Any) -> bytes:
    """Raises NotStorable for an object of a class that `loads` refuses."""
    file = io.BytesIO()
    _Writer(file).dump(value)
    return file.getvalue()


def loads(data: bytes) -> Any:
    """Raises UnpicklingError for other classes, and any error at all for damaged data."""
    return _Reader(io.BytesIO(data)).load()


class _Writer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        """Called by pickle with what it is about to write; classes and functions are among it."""
        if isinstance(value, Enum):
            # As most versions of Python do it. Some releases of 3.11 name `getattr` here.
            return type(value), (value.value,)
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            name = f"{value.__module__}.{value.__qualname__}"
            if name not in _CLASSES and not _is_moto_s(value, value.__module__):
                raise NotStorable(f"labcloud cannot store {name}")
        return NotImplemented


class _Reader(pickle.Unpickler):
    # By module and name: each of thousands of objects names the same few.
    _found: ClassVar[dict[tuple[str, str], Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Called by pickle with the names that it reads."""
        try:
            return self._found[module, name]
        except KeyError:
            found = self._found[module, name] = self._find(module, name)
            return found

    def _find(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in _OLD:
            return _OLD[full]
        if full in _CLASSES or module in _MODULES:
            found = super().find_class(module, name)
            if full in _CLASSES or _is_moto_s(found, module):
                return found
        raise pickle.UnpicklingError(f"it names {full}, which does not belong to a state")


def _is_moto_s(value: Any, module: str) -> bool:
    """Whether this is a class that one of moto's modules defines, and not one that it imports."""
    return module in _MODULES and isinstance(value, type) and value.__module__ == module
