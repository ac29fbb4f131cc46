"""Versions in one model package group, by boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TYPES = {
    "SupportedTransformInstanceTypes": ["ml.m5.large"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
}
FORMATS = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}


@dataclass(frozen=True)
class Versions:
    """`container` is what each version is of."""

    sagemaker: Any
    group: str
    container: dict[str, Any]

    @property
    def specification(self) -> dict[str, Any]:
        return {"Containers": [self.container], **FORMATS}

    def register(self, **more: Any) -> str:
        """Makes a version, and returns its ARN."""
        request = {"InferenceSpecification": self.specification, **more}
        made: str = self.sagemaker.create_model_package(
            ModelPackageGroupName=self.group, **request
        )["ModelPackageArn"]
        return made

    def describe(self, arn: str, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_model_package(ModelPackageName=arn, **more)
        return found

    def listed(self, **more: Any) -> list[int]:
        """The numbers on a page of the group's list."""
        page = self.sagemaker.list_model_packages(ModelPackageGroupName=self.group, **more)
        return [each["ModelPackageVersion"] for each in page["ModelPackageSummaryList"]]
