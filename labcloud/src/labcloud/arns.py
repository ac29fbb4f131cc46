"""Amazon Resource Names of the resources that SageMaker makes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arns:
    """The ARNs of one account in one region."""

    region: str
    account: str

    def sagemaker(self, resource: str, name: str) -> str:
        """`resource` is the type as it stands in the ARN, e.g. training-job."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{resource}/{name}"

    def function(self, name: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"

    def logs(self, group: str, stream: str = "*") -> str:
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{group}:log-stream:{stream}"
