"""The exercises of lab 09b, with their checks, hints and solutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labhelpers import Exercise, NotYet
from labhelpers.answers import as_text, need
from labhelpers.shapes import need_shape

# Exercise 5: how many words make a reason.
WORDS = 3
# Exercise 6: other values of the event's fields, with which the rule must not fit, and why.
DETAIL = "detail"
OTHERS = (
    (DETAIL, "ModelApprovalStatus", "PendingManualApproval",
     "it fits when a version was only registered, and would deploy it."),
    (DETAIL, "ModelApprovalStatus", "Rejected", "it fits when a version was rejected."),
    (DETAIL, "ModelPackageGroupName", "somebody-s-models",
     "it fits for other groups of the account, too."),
    ("", "detail-type", "SageMaker Endpoint State Change",
     "it fits other events of SageMaker, too: name the kind in detail-type."),
    ("", "source", "my.program",
     "it fits events of other sources: everybody may send events with this detail."),
)  # fmt: skip


def newest_approved(answer: Any, *, group: str, client: Any) -> str:
    """The arguments of list_model_packages for the newest version that may be deployed."""
    need(answer, dict, "the arguments are a dict")
    need_shape(answer, client, "ListModelPackagesInput")
    if answer.get("ModelPackageGroupName") != group:
        raise NotYet(
            "it finds versions of other groups. ModelPackageGroupName takes the name of yours: "
            "group."
        )
    if answer.get("ModelApprovalStatus") != "Approved":
        raise NotYet("it finds versions that may not be deployed: only those with one status may.")
    if answer.get("SortBy", "CreationTime") != "CreationTime":
        raise NotYet("the newest is asked for: sort by the time when a version was made.")
    if answer.get("SortOrder") != "Descending":
        raise NotYet("say in which order: the newest first is Descending.")
    known = {
        "ModelPackageGroupName", "ModelApprovalStatus", "SortBy", "SortOrder", "MaxResults",
        "ModelPackageType",
    }  # fmt: skip
    if more := sorted(set(answer) - known):
        raise NotYet(f"{', '.join(more)} may leave out the version that is asked for.")
    if answer.get("ModelPackageType", "Versioned") != "Versioned":
        raise NotYet("ModelPackageType: the versions of a group are Versioned, and nothing else.")
    return (
        "the first of that list may be deployed, and is the newest. The program must be ready for "
        "an empty list, too: then nothing is approved, and what runs goes on."
    )


def reject(answer: Any, *, first: Mapping[str, Any], client: Any) -> str:
    """The arguments of update_model_package that reject the first version, with a reason."""
    need(answer, dict, "the arguments are a dict")
    need_shape(answer, client, "UpdateModelPackageInput")
    if answer["ModelPackageArn"] != first["ModelPackageArn"]:
        raise NotYet(
            'that is another version. The ARN of the first one is first["ModelPackageArn"].'
        )
    status = answer.get("ModelApprovalStatus")
    if status is None:
        raise NotYet("the status of the version would stay as it is: ModelApprovalStatus.")
    if status != "Rejected":
        raise NotYet(f"with {status}, it is not rejected.")
    reason = answer.get("ApprovalDescription", "")
    if len(reason.split()) < WORDS:
        raise NotYet(
            "in a year, somebody asks why. Say it in ApprovalDescription, in three words or more."
        )
    if more := sorted(
        set(answer) - {"ModelPackageArn", "ModelApprovalStatus", "ApprovalDescription"}
    ):
        raise NotYet(f"{', '.join(more)} changes something else, too.")
    return (
        "no new model can be made of it then. What runs goes on: the endpoint must be updated or "
        "deleted besides."
    )


def approvals_only(answer: Any, *, event: Mapping[str, Any]) -> str:
    """A pattern of EventBridge that fits the event of an approval, and no others."""
    need(answer, dict, "a pattern is a dict")
    _need_lists(answer, event, "")
    if not _fits(answer, event):
        raise NotYet("it does not fit the event of step 10 itself. Compare the values.")
    for where, field, value, why in OTHERS:
        other = (
            {**event, where: {**event[where], field: value}} if where else {**event, field: value}
        )
        if _fits(answer, other):
            raise NotYet(why)
    for version in (2, 3):
        other = {**event, DETAIL: {**event[DETAIL], "ModelPackageVersion": version}}
        if not _fits(answer, other):
            raise NotYet("it fits version 1 alone. The next one should be deployed, too.")
    return (
        "each approval in your group starts what the rule names, and nothing else does. The rule "
        "needs a role that may start it."
    )


def _need_lists(pattern: Mapping[str, Any], event: Mapping[str, Any], where: str) -> None:
    """Raises NotYet for a pattern that EventBridge would not take, or that fits nothing."""
    for field, values in pattern.items():
        name = f"{where}{field}"
        if field not in event:
            raise NotYet(f"the event has no field {name}.")
        if isinstance(event[field], Mapping):
            need(values, dict, f"{name} has fields of its own, and so it is a dict")
            _need_lists(values, event[field], f"{name}.")
            continue
        if not isinstance(values, (list, tuple)):
            raise NotYet(
                f"{name} needs a list of allowed values, also if there is only one: [{values!r}]."
            )
        for value in values:
            if isinstance(value, dict):
                raise NotYet(f"{name}: a plain value is enough here.")
            if isinstance(event[field], str):
                as_text(value, f"a value of {name} is text")


def _fits(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """EventBridge's rule for plain values: each field of the pattern has one of its values."""
    return all(
        _fits(values, event[field]) if isinstance(values, Mapping) else event[field] in values
        for field, values in pattern.items()
    )


EXERCISES = (
    Exercise(
        check=newest_approved,
        hints=(
            "versions(), in step 3, lists all of them, the oldest first.",
            "Two names more than there: one for the status, and the other order.",
        ),
        solution="""\
answer_4 = {
    "ModelPackageGroupName": group,
    "ModelApprovalStatus": "Approved",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}""",
        wrong=(
            "answer_4 = {}",
            'answer_4 = {"ModelPackageGroupName": group}',
            'answer_4 = {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved"}',
            'answer_4 = {"ModelApprovalStatus": "Approved", "SortBy": "CreationTime", '
            '"SortOrder": "Descending"}',
            'answer_4 = {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", '
            '"SortBy": "CreationTime", "SortOrder": "Ascending"}',
            'answer_4 = {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", '
            '"SortBy": "Name", "SortOrder": "Descending"}',
            'answer_4 = {"ModelPackageGroupName": group, "ModelApprovalStatus": "approved"}',
            'answer_4 = {"ModelPackageGroup": group, "ModelApprovalStatus": "Approved"}',
            "answer_4 = group",
        ),
    ),
    Exercise(
        check=reject,
        hints=(
            "Step 9 rejects the second version.",
            'ModelPackageArn is first["ModelPackageArn"], and the reason goes into '
            "ApprovalDescription.",
        ),
        solution="""\
answer_5 = {
    "ModelPackageArn": first["ModelPackageArn"],
    "ModelApprovalStatus": "Rejected",
    "ApprovalDescription": "Three trees are too few.",
}""",
        wrong=(
            'answer_5 = {"ModelPackageArn": first["ModelPackageArn"], '
            '"ModelApprovalStatus": "Rejected"}',
            'answer_5 = {"ModelPackageArn": first["ModelPackageArn"], '
            '"ModelApprovalStatus": "Rejected", "ApprovalDescription": "bad"}',
            'answer_5 = {"ModelPackageArn": first["ModelPackageArn"], '
            '"ApprovalDescription": "Three trees are too few."}',
            'answer_5 = {"ModelPackageArn": first["ModelPackageArn"], "ModelApprovalStatus": '
            '"PendingManualApproval", "ApprovalDescription": "Three trees are too few."}',
            'answer_5 = {"ModelPackageArn": first["ModelPackageArn"][:-1] + "2", '
            '"ModelApprovalStatus": "Rejected", "ApprovalDescription": "Three trees are too few."}',
            'answer_5 = {"ModelPackageName": first["ModelPackageArn"], '
            '"ModelApprovalStatus": "Rejected", "ApprovalDescription": "Three trees are too few."}',
            "answer_5 = {}",
            'answer_5 = "Rejected"',
        ),
    ),
    Exercise(
        check=approvals_only,
        hints=(
            "A pattern has the form of the event. In the place of each value is a list with it. "
            "Fields that do not matter are left out.",
            "Four fields: source, detail-type, and in detail the group and the status.",
        ),
        solution="""\
answer_6 = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Model Package State Change"],
    "detail": {
        "ModelPackageGroupName": [group],
        "ModelApprovalStatus": ["Approved"],
    },
}""",
        wrong=(
            "answer_6 = event",
            'answer_6 = {"source": ["aws.sagemaker"]}',
            'answer_6 = {"source": ["aws.sagemaker"], '
            '"detail-type": ["SageMaker Model Package State Change"], '
            '"detail": {"ModelPackageGroupName": [group]}}',
            'answer_6 = {"source": ["aws.sagemaker"], '
            '"detail-type": ["SageMaker Model Package State Change"], '
            '"detail": {"ModelApprovalStatus": ["Approved"]}}',
            'answer_6 = {"detail-type": ["SageMaker Model Package State Change"], '
            '"detail": {"ModelPackageGroupName": [group], "ModelApprovalStatus": ["Approved"]}}',
            'answer_6 = {"source": ["aws.sagemaker"], '
            '"detail": {"ModelPackageGroupName": [group], "ModelApprovalStatus": ["Approved"]}}',
            'answer_6 = {"source": "aws.sagemaker", '
            '"detail-type": "SageMaker Model Package State Change", '
            '"detail": {"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved"}}',
            'answer_6 = {"source": ["aws.sagemaker"], '
            '"detail-type": ["SageMaker Model Package State Change"], '
            '"ModelPackageGroupName": [group], "ModelApprovalStatus": ["Approved"]}',
            "answer_6 = {}",
            'answer_6 = ["Approved"]',
        ),
    ),
)
