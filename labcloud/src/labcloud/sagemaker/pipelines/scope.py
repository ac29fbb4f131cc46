"""What the expressions of a definition mean in one execution."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.json_text import NotJson, loads
from labcloud.sagemaker.pipelines.parameters import Value
from labcloud.sagemaker.pipelines.paths import look_up
from labcloud.sagemaker.pipelines.problems import Unresolved
from labcloud.sagemaker.pipelines.steps.kind import FILES, Properties
from labcloud.text import check_characters

_OUTPUT = ("ProcessingOutputConfig", "Outputs")


class ExecutionScope:
    """The values of parameters, variables and steps. `properties_of` fills as steps succeed.

    `files` are the PropertyFiles of the definition, by step.
    """

    def __init__(
        self,
        objects: Objects,
        parameters: Mapping[str, Value],
        variables: Mapping[str, str],
        files: Mapping[str, list[dict[str, str]]],
    ) -> None:
        self._objects = objects
        self._parameters = parameters
        self._variables = variables
        self._files = files
        self.properties_of: dict[str, Properties] = {}

    def with_variables(self, **variables: str) -> ExecutionScope:
        """The same, for a step whose job has a name already."""
        found = ExecutionScope(
            self._objects, self._parameters, {**self._variables, **variables}, self._files
        )
        found.properties_of = self.properties_of
        return found

    def parameter(self, name: str) -> Value:
        return self._parameters[name]

    def variable(self, name: str) -> str:
        if name == "CurrentDateTime":
            return iso(datetime.datetime.now(datetime.UTC))
        try:
            return self._variables[name]
        except KeyError as error:
            raise Unresolved(f"Execution.{name} has no value in a step of this type") from error

    def properties(self, step: str) -> Properties:
        try:
            return self.properties_of[step]
        except KeyError as error:
            raise Unresolved(f"The step {step} has no result") from error

    def property_file(self, step: str, name: str) -> Any:
        """Blocking. Raises Unresolved."""
        file = next(each for each in self._files[step] if each["PropertyFileName"] == name)
        parts = (*_OUTPUT, file["OutputName"], "S3Output", "S3Uri")
        uri = look_up(self.properties(step), parts, f"The output {file['OutputName']} of {step}")
        return self.document(f"{uri.rstrip('/')}/{file['FilePath'].lstrip('/')}")

    def document(self, uri: str) -> Any:
        """Blocking. Raises Unresolved."""
        try:
            with self._objects.open(Location.parse(uri)) as file:
                found = loads(file.read())
            check_characters(found)
            return found
        except (ObjectStoreError, ValueError, RecursionError) as error:
            unread = isinstance(error, (JSONDecodeError, UnicodeError, RecursionError))
            why = "it is not valid JSON" if unread else str(error)
            if isinstance(error, NotJson):
                why = f"it is not valid JSON: {error}"
            raise Unresolved(f"The file {uri} cannot be read: {why}") from error


def iso(moment: datetime.datetime) -> str:
    """A time as variables of an execution have it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = ["FILES", "ExecutionScope", "iso"]
