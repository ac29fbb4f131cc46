"""Writes docs/fields.md: what becomes of the members that are not simply done.

`python -m labcloud_support.fields_page`, with labcloud/tests/support on the PYTHONPATH.
"""

from __future__ import annotations

from pathlib import Path

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.operations import FIELDS

from .services import SERVICES, TITLES

PAGE = Path(__file__).parents[3] / "docs" / "fields.md"
_HEAD = """\
# Members of requests

labcloud checks every request against AWS's own service model, and does what its members ask for.
Those below are the exceptions. `labcloud_support.fields_page` writes this page from the tables in
the rooms' `fields.py`, and tests go through all members of the models.

- **Without effect**: accepted, and shown by Describe. Nothing else comes of it; why stands beside.
- **Refused**: the answer is a ValidationException that names the member. A member that is off
  (`false`) or empty is not refused. A member that labcloud's botocore does not know is refused.

A container of `Containers` is as `PrimaryContainer`, a definition of `TrainingJobDefinitions` as
`TrainingJobDefinition`, and each of `AdditionalInferenceSpecifications` as
`InferenceSpecification`. Of ListTrainingJobs, `WarmPoolStatusEquals` and `TrainingPlanArnEquals`
are refused.
"""
_TABLE = "| member | what becomes of it | why, or what there is instead |\n|---|---|---|\n"
_TWINS = ("Containers.", "TrainingJobDefinitions.", "AdditionalInferenceSpecifications")


def page() -> str:
    parts = [_HEAD]
    for operation, fields in FIELDS.items():
        if not operation.startswith("List"):
            parts.append(_section(operation, fields, "##"))
    for service, table in SERVICES.items():
        sections = [_section(operation, fields, "###") for operation, fields in table.items()]
        if any(sections):
            parts.append(f"\n## {TITLES[service]}\n{''.join(sections)}")
    return "".join(parts)


def _section(operation: str, fields: Fields, level: str) -> str:
    """The exceptions of one operation; nothing where there are none."""
    rows = [(path, "without effect", why) for path, why in fields.without_effect.items()]
    rows += [(path, "refused", instead) for path, instead in fields.refused.items()]
    lines = [
        f"| `{path}` | {fate} | {why} |\n"
        for path, fate, why in rows
        if not path.startswith(_TWINS)
    ]
    return f"\n{level} {operation}\n\n{_TABLE}{''.join(lines)}" if lines else ""


if __name__ == "__main__":
    PAGE.write_text(page())
