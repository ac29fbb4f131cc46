"""Filters records before the model sees them, joins its answers to them, and filters the result.

InputFilter, then the model, then JoinSource, with the record as it was, then OutputFilter. CSV
rows are lists of their fields as text; JSON is written as AWS writes it: compact, keys sorted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labcloud.sagemaker.transform.json_path import NoSuchElement, Path

CSV = "text/csv"
TYPES = (CSV, "application/json", "application/jsonlines")
_FIELD = r'(?:"(?:[^"]|"")*"|[^",]*)'
_ROW = re.compile(f"{_FIELD}(?:,{_FIELD})*")


class CannotAssociate(Exception):
    """Records or answers that are not what they should be; the message goes to the job's log."""


@dataclass(frozen=True)
class Association:
    """DataProcessing of a transform job. Raises CannotAssociate in both directions."""

    input_filter: Path
    join: bool
    output_filter: Path
    csv: bool
    # Whether an object holds one record a line. SplitType does not matter here.
    by_line: bool

    @classmethod
    def of(cls, processing: dict[str, Any], content_type: str) -> Association | None:
        """None if nothing is filtered or joined. Raises BadPath, Unsupported."""
        before, after = (
            Path.parse(processing.get(name, "$")) for name in ("InputFilter", "OutputFilter")
        )
        join = processing.get("JoinSource") == "Input"
        if not (before.steps or after.steps or join):
            return None
        type_ = bare(content_type)
        return cls(before, join, after, type_ == CSV, type_ != "application/json")

    def body(self, records: list[bytes]) -> bytes:
        """What the model is asked for these records."""
        if not self.input_filter.steps:
            return b"".join(records)
        read = self._read(records, "input")
        return self._write([self._filtered(self.input_filter, each) for each in read])

    def output(self, records: list[bytes], answer: bytes) -> bytes:
        """What goes to the output for these records and the model's answer."""
        answers = self._read(
            [answer] if self.csv or len(records) == 1 else _lines(answer), "output"
        )
        if self.join:
            read = self._read(records, "input")
            if len(read) != len(answers):
                raise CannotAssociate(
                    f"Failed to join: {len(read)} records, but {len(answers)} predictions"
                )
            joined = _joined_row if self.csv else _joined_json
            answers = [joined(*pair) for pair in zip(read, answers, strict=True)]
        return self._write([self._filtered(self.output_filter, each) for each in answers])

    def _filtered(self, path: Path, value: Any) -> Any:
        try:
            found = path(value)
        except NoSuchElement as error:
            raise CannotAssociate(f"Failed to apply a filter: {error}") from error
        return [found] if self.csv and not isinstance(found, list) else found

    def _read(self, texts: list[bytes], side: str) -> list[Any]:
        source = "input" if side == "input" else "output from the algorithm"
        try:
            if self.csv:
                return [row for text in texts for line in _lines(text) if (row := _row(line))]
            return [json.loads(text) for text in texts if text.strip()]
        except (ValueError, RecursionError, csv.Error) as error:
            kind = "CSV" if self.csv else "JSON"
            raise CannotAssociate(f"Failed to parse {source} as {kind}: {error}") from error

    def _write(self, values: list[Any]) -> bytes:
        if self.csv:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(values)
            return text.getvalue().encode()
        # Half a surrogate pair can be read, and not be written: it becomes a question mark.
        return "".join(_compact(value) + "\n" for value in values).encode(errors="replace")


def bare(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


_compact: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode


def _joined_row(row: list[str], answer: list[str]) -> list[str]:
    return row + answer


def _joined_json(record: Any, answer: Any) -> dict[str, Any]:
    if isinstance(record, dict):
        return {**record, "SageMakerOutput": answer}
    return {"SageMakerInput": record, "SageMakerOutput": answer}


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line.strip()]


def _row(line: bytes) -> list[str]:
    # Each by itself: a quote that is not closed must not take the next line with it.
    text = line.decode().rstrip("\r")
    row = next(csv.reader((text,), strict=True), [])
    # RFC 4180 does not have them; Python's reader accepts them.
    if '"' in text and not _ROW.fullmatch(text):
        raise ValueError(f'bare " in non quoted field found near: {text}')
    return row
