"""Writes docs/fields.md: what becomes of the members that are not simply done.

`python -m labcloud_support.fields_page`, with labcloud/tests/support on the PYTHONPATH.
"""

from __future__ import annotations

from pathlib import Path

from labcloud.functions.fields import FIELDS as LAMBDA
from labcloud.sagemaker.operations import FIELDS

PAGE = Path(__file__).parents[3] / "docs" / "fields.md"
_HEAD = """\
# Members of requests

labcloud checks every request against AWS's own service model, and does what its members ask for.
Those below are the exceptions. `labcloud_support.fields_page` writes this page from the tables in
`src/labcloud/sagemaker/*/fields.py` and `src/labcloud/*/fields.py`, and tests go through all
members of the models.

- **Without effect**: accepted, and shown by Describe. Nothing else comes of it; why stands beside.
- **Refused**: the answer is a ValidationException that names the member. A member that is off
  (`false`) or empty is not refused. A member that labcloud's botocore does not know is refused.

A container of `Containers` is as `PrimaryContainer`, a definition of `TrainingJobDefinitions` as
`TrainingJobDefinition`. Of ListTrainingJobs, `WarmPoolStatusEquals` and `TrainingPlanArnEquals` are
refused.
"""
_TABLE = "| member | what becomes of it | why, or what there is instead |\n|---|---|---|\n"
_TWINS = ("Containers.", "TrainingJobDefinitions.")


def page() -> str:
    parts = [_HEAD]
    services = [*FIELDS.items(), *((f"Lambda: {name}", each) for name, each in LAMBDA.items())]
    for operation, fields in services:
        rows = [(path, "without effect", why) for path, why in fields.without_effect.items()]
        rows += [(path, "refused", instead) for path, instead in fields.refused.items()]
        lines = [
            f"| `{path}` | {fate} | {why} |\n"
            for path, fate, why in rows
            if not path.startswith(_TWINS)
        ]
        if lines and not operation.startswith("List"):
            parts.append(f"\n## {operation}\n\n{_TABLE}{''.join(lines)}")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
