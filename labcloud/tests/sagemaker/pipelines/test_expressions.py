"""Get, Std:Join and Std:JsonGet, and the paths that they have."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.pipelines import paths
from labcloud.sagemaker.pipelines.expressions import Reference, evaluate, references
from labcloud.sagemaker.pipelines.problems import Unresolved

DESCRIBED = {
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}},
            {"OutputName": "test", "S3Output": {"S3Uri": "s3://b/test"}},
        ]
    },
    "Environment": {"a.b": "c"},
    "FinalMetricDataList": [{"MetricName": "validation:rmse", "Value": 2.5}],
}


class Scope:
    """Values that a test has chosen."""

    def parameter(self, name: str) -> Any:
        return {"Count": 3, "Rate": 0.5, "Word": "a", "On": True}[name]

    def variable(self, name: str) -> str:
        return f"<{name}>"

    def properties(self, step: str) -> Any:
        if step != "Prepare":
            raise Unresolved(f"The step {step} has no result")
        return DESCRIBED

    def property_file(self, step: str, name: str) -> Any:
        return {"step": step, "file": name, "metrics": {"mse": {"value": 1.5}}, "list": [1, [2]]}

    def document(self, uri: str) -> Any:
        return {"uri": uri}


def json_get(path: Any, file: str = "Steps.Evaluate.PropertyFiles.Report") -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": {"Get": file}, "Path": path}}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Get": "Parameters.Count"}, 3),
        ({"Get": "Execution.PipelineName"}, "<PipelineName>"),
        (
            {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"},
            "s3://b/test",
        ),
        ({"Get": 'Steps.Prepare.ProcessingOutputConfig.Outputs["train"].OutputName'}, "train"),
        ({"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs[1].OutputName"}, "test"),
        ({"Get": "Steps.Prepare.Environment['a.b']"}, "c"),
        ({"Get": "Steps.Prepare.FinalMetricDataList['validation:rmse'].Value"}, 2.5),
        (
            {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.Word"}, 1, 0.5, True]}},
            "s3://a/1/0.5/true",
        ),
        ({"Std:Join": {"Values": ["a", {"Std:Join": {"On": "-", "Values": ["b", "c"]}}]}}, "ab-c"),
        (json_get("metrics.mse.value"), 1.5),
        (json_get("$.list[1][0]"), 2),
        (json_get("list[0]"), 1),
        (json_get("['metrics']['mse'].value"), 1.5),
        (json_get("file"), "Report"),
        ({"Std:JsonGet": {"S3Uri": {"Std:Join": {"Values": ["s3://", "b"]}}, "Path": "uri"}}, "s3://b"),
        ([{"a": [{"Get": "Parameters.On"}]}, None, 5], [{"a": [True]}, None, 5]),
        # What has more members than one is no expression.
        ({"Get": "Parameters.Count", "Other": 1}, {"Get": "Parameters.Count", "Other": 1}),
    ],
)  # fmt: skip
def test_what_an_expression_stands_for(value: Any, found: Any) -> None:
    assert evaluate(value, Scope()) == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Get": "Steps.Other.A"}, "The step Other has no result"),
        ({"Get": "Steps.Prepare.Nothing.Below"}, "Steps.Prepare.Nothing.Below has no value"),
        ({"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['dev'].OutputName"}, "has no value"),
        ({"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs[2].OutputName"}, "has no value"),
        (json_get("metrics.rmse"), "metrics.rmse of Steps.Evaluate.PropertyFiles.Report has no"),
        (json_get("metrics.mse.value.more"), "has no value"),
        (json_get("metrics[*]"), r"The Path metrics\[\*\] of Std:JsonGet cannot be read"),
    ],
)
def test_what_has_no_value(value: Any, said: str) -> None:
    with pytest.raises(Unresolved, match=said):
        evaluate(value, Scope())


@pytest.mark.parametrize(
    "text",
    ["", "Nothing", "Parameters", "Parameters.", "Parameters.A.B", "Execution.a[0]", "Steps[0].A",
     "Steps.A['b", "Others.A", 5, None, "Steps.A[*].B"],
)  # fmt: skip
def test_what_no_get_asks_for(text: Any) -> None:
    with pytest.raises(paths.BadPath):
        Reference.parse(text)


def test_references_are_found_wherever_they_are() -> None:
    value = [{"Std:Join": {"Values": [{"Get": "Steps.A.B"}]}}, json_get("x"), {"c": {"Get": 1}}]
    with pytest.raises(paths.BadPath):
        list(references(value))
    found = list(references(value[:2]))
    assert [(each.is_step, each.name) for each in found] == [(True, "A"), (True, "Evaluate")]
