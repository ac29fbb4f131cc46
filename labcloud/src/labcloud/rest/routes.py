"""Which operation a request is for: methods and URI templates of botocore's model, compiled."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel, ServiceModel

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


class Route(NamedTuple):
    """An operation, and the parts of the path by the labels of its template."""

    operation: OperationModel
    labels: dict[str, str]


class _Template(NamedTuple):
    method: str
    path: re.Pattern[str]
    names: tuple[str, ...]
    # What the query must have: some templates end in ?List=ALL.
    query: dict[str, str]
    operation: str
    # The one with more of its path written out comes first, and the one with a query.
    rank: tuple[int, int]


class Routes:
    """All operations of a service."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        templates = (_template(model.operation_model(name)) for name in model.operation_names)
        self._templates = sorted(templates, key=lambda each: each.rank, reverse=True)

    def find(self, method: str, path: str, query: str) -> Route | None:
        """`path` is as it was sent, with its percent signs. None: no operation is there."""
        given = dict(parse_qsl(query, keep_blank_values=True))
        for each in self._templates:
            if each.method != method or not each.query.items() <= given.items():
                continue
            if found := each.path.fullmatch(path):
                labels = zip(each.names, map(unquote, found.groups()), strict=True)
                return Route(self._model.operation_model(each.operation), dict(labels))
        return None


def _template(operation: OperationModel) -> _Template:
    path, _, query = operation.http["requestUri"].partition("?")
    names, pattern, place, literal = [], "", 0, 0
    for label in _LABEL.finditer(path):
        before = path[place : label.start()]
        literal += len(before)
        names.append(label[1])
        pattern += re.escape(before) + ("(.+)" if label[2] else "([^/]+)")
        place = label.end()
    literal += len(path) - place
    pattern += re.escape(path[place:]) + "/?"
    wanted = dict(parse_qsl(query, keep_blank_values=True))
    return _Template(
        operation.http["method"], re.compile(pattern), tuple(names), wanted, operation.name,
        (literal, len(wanted)),
    )  # fmt: skip
