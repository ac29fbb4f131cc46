"""The parameters of a pipeline: their types, and the values that an execution gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines.numerals import decimal, integer
from labcloud.sagemaker.pipelines.problems import Unparsed

Value = str | int | float | bool
_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}
_MEMBERS = {"Name", "Type", "DefaultValue", "EnumValues", "Description"}
# Says AWS's schema of definitions.
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_MOST = 200
# Of a default and of a description (characters), says AWS's schema of definitions.
_LONGEST = 4096


@dataclass(frozen=True)
class Parameter:
    """One parameter; `default` is None where it has none."""

    name: str
    type: str
    default: Value | None
    values: tuple[Value, ...]

    @classmethod
    def parse(cls, given: Any) -> Parameter:
        """Raises Unparsed."""
        if not isinstance(given, dict):
            raise Unparsed("Expecting start of Json Object.")
        for member in given.keys() - _MEMBERS:
            raise Unparsed(f"Unknown Parameter member '{member}'.")
        name, kind = given.get("Name"), given.get("Type")
        if not isinstance(name, str) or not name:
            raise Unparsed("A parameter must have a Name.")
        if not _NAME.fullmatch(name):
            raise Unparsed(
                f"The Name of a parameter must match {_NAME.pattern}; it is {name!r:.100}."
            )
        if not isinstance(kind, str) or kind not in _TYPES:
            raise Unparsed(
                f"The Type of parameter '{name}' must be one of {', '.join(_TYPES)}; it is "
                f"{kind!s:.100}."
            )
        about = given.get("Description")
        if about is not None and (not isinstance(about, str) or len(about) > _LONGEST):
            raise Unparsed(
                f"The Description of parameter '{name}' is a String of {_LONGEST} characters."
            )
        values = given.get("EnumValues")
        if values is not None and not isinstance(values, list):
            raise Unparsed("Expecting start of Json Array.")
        found = cls(name, kind, given.get("DefaultValue"), tuple(values or ()))
        for each in (*found.values, *([] if found.default is None else [found.default])):
            found._check(each)
        return found

    def _check(self, value: Any) -> None:
        """Of the definition's own values."""
        if not isinstance(value, _TYPES[self.type]) or isinstance(value, bool) != (
            self.type == "Boolean"
        ):
            raise Unparsed(f"Parameter '{self.name}' of type {self.type} cannot be {value!r:.100}.")
        if isinstance(value, str) and len(value) > _LONGEST:
            raise Unparsed(
                f"The value of parameter '{self.name}' is longer than {_LONGEST} characters."
            )
        if self.values and value not in self.values:
            raise Unparsed(
                f"Parameter '{self.name}' cannot be {value!r:.100}: it is not an EnumValue."
            )

    def fits(self, wanted: str) -> bool:
        """Whether an argument of a type, such as `Integer`, can be this parameter."""
        return self.type == wanted or (self.type, wanted) == ("Integer", "Float")

    def read(self, text: str) -> Value:
        """A value of a StartPipelineExecution request. Raises ValidationError."""
        try:
            value: Value = _READERS[self.type](text)
        except ValueError as error:
            raise ValidationError(
                f"The value '{text}' of parameter '{self.name}' is not of type {self.type}"
            ) from error
        if self.values and value not in self.values:
            listed = ", ".join(map(str, self.values))
            raise ValidationError(
                f"The value '{text}' of parameter '{self.name}' is not one of [{listed}]"
            )
        return value


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_READERS: dict[str, Any] = {
    "String": str, "Integer": integer, "Float": decimal, "Boolean": _boolean,
}  # fmt: skip


def parse_all(given: Any) -> dict[str, Parameter]:
    """The parameters of a definition, by name. Raises Unparsed."""
    if not isinstance(given, list):
        raise Unparsed("Expecting start of Json Array.")
    if len(given) > _MOST:
        raise Unparsed(f"A pipeline can have {_MOST} parameters; this one has {len(given)}.")
    found: dict[str, Parameter] = {}
    for each in given:
        parameter = Parameter.parse(each)
        if parameter.name in found:
            raise Unparsed(f"Duplicate parameter name '{parameter.name}'.")
        found[parameter.name] = parameter
    return found


def values_of(parameters: dict[str, Parameter], given: list[dict[str, str]]) -> dict[str, Value]:
    """What each parameter is in an execution. Raises ValidationError."""
    found = {name: each.default for name, each in parameters.items() if each.default is not None}
    seen = set()
    for each in given:
        name = each["Name"]
        if name not in parameters:
            raise ValidationError(f"The pipeline has no parameter '{name}'")
        if name in seen:
            raise ValidationError(f"The parameter '{name}' is given twice")
        seen.add(name)
        found[name] = parameters[name].read(each["Value"])
    if missing := [name for name in parameters if name not in found]:
        raise ValidationError(
            f"These parameters have no default value, and need one: {', '.join(missing)}"
        )
    return found
