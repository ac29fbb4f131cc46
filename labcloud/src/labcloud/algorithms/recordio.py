"""RecordIO-wrapped protobuf, the binary format of AWS's built-in algorithms, read and written.

Follows "Common Data Formats for Training": a RecordIO frame a record, in it a message `Record`
with maps `features` and `label` from a name to a tensor. Frames and numbers only; what is
predicted from them is the algorithms' business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from labcloud.algorithms.frames import framed, frames

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_FEATURES, _LABEL = 1, 2
# Fields of `Value` that hold a tensor, with the type of its numbers; int32 is sent as varints.
_TENSORS: dict[int, type[np.generic] | None] = {2: np.float32, 3: np.float64, 7: None}
_FLOAT32 = 2
_WIDTH = {_EIGHT: 8, _FOUR: 4}


def read(data: bytes) -> tuple[Any, npt.NDArray[np.float64] | None]:
    """The features, shape (rows, columns), dense or as scipy CSR matrix, and the labels (rows,).

    Labels are None if no record has one. Raises ValueError for malformed records.
    """
    rows, labels = [], list[npt.NDArray[Any]]()
    for record in frames(data):
        tensors = {field: dict(_entries(record, field)) for field in (_FEATURES, _LABEL)}
        if "values" in tensors[_FEATURES]:
            rows.append(_tensor(tensors[_FEATURES]["values"]))
            if "values" in tensors[_LABEL]:
                labels.append(_tensor(tensors[_LABEL]["values"])[0])
    if not rows:
        raise ValueError("No records found in RecordIO-Protobuf data")
    found = np.concatenate(labels).astype(np.float64) if labels else None
    if all(keys is None for _, keys, _ in rows):
        return np.vstack([values for values, _, _ in rows]), found

    from scipy.sparse import csr_matrix

    # A dense row among sparse ones, or one that is all zeros, has no keys.
    columns = [np.arange(len(values)) if keys is None else keys for values, keys, _ in rows]
    width = max(shape for _, _, shape in rows) or max(int(k.max(initial=-1)) for k in columns) + 1
    ends = np.cumsum([0, *map(len, columns)])
    values = np.concatenate([values for values, _, _ in rows])
    return csr_matrix((values, np.concatenate(columns), ends), shape=(len(rows), width)), found


def write(records: Sequence[Mapping[str, Sequence[float]]]) -> bytes:
    """One frame a record; each of its values becomes a float32 tensor under `label`."""
    written = []
    for record in records:
        message = b"".join(
            _field(_LABEL, _field(1, name.encode()) + _field(2, _field(_FLOAT32, _packed(values))))
            for name, values in record.items()
        )
        written.append(framed(message))
    return b"".join(written)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protobuf message: number and raw content; a varint as its own bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        start = at
        if kind == _BYTES:
            length, start = _varint(message, at)
            at = start + length
        elif kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in _WIDTH:
            at += _WIDTH[kind]
        else:
            raise ValueError(f"Unknown wire type {kind} in a protobuf message")
        if at > len(message):
            raise ValueError("Truncated protobuf message")
        yield key >> 3, message[start:at]


def _entries(record: bytes, field: int) -> Iterator[tuple[str, bytes]]:
    """A map field's entries: name and the message `Value`."""
    for number, entry in _fields(record):
        if number == field:
            parts = dict(_fields(entry))
            yield parts.get(1, b"").decode(), parts.get(2, b"")


def _tensor(value: bytes) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64] | None, int]:
    """A tensor's values, its keys where it is sparse, and its first dimension (0 for none)."""
    for number, tensor in _fields(value):
        if number not in _TENSORS:
            continue
        parts: dict[int, bytes] = {}
        # A repeated field may come in pieces, packed or not.
        for part, piece in _fields(tensor):
            parts[part] = parts.get(part, b"") + piece
        type_ = _TENSORS[number]
        content = parts.get(1, b"")
        if type_ is None:
            # Negative numbers come as 64 bits; their lower half is the number.
            values = np.array([v & 0xFFFFFFFF for v in _varints(content)], "<u4").view("<i4")
        else:
            values = np.frombuffer(content, np.dtype(type_).newbyteorder("<"))
        keys = np.array(_varints(parts[2]), np.int64) if parts.get(2) else None
        shape = _varints(parts.get(3, b""))
        return values, keys, shape[0] if shape else 0
    raise ValueError("A record's values are not a float32, float64 or int32 tensor")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while at < len(data):
        byte = data[at]
        result |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return result, at
    raise ValueError("Truncated protobuf message")


def _varints(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _field(number: int, content: bytes) -> bytes:
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | _BYTES, *length, size]) + content


def _packed(values: Sequence[float]) -> bytes:
    return _field(1, np.asarray(values, "<f4").tobytes())
