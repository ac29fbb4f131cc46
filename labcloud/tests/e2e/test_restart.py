"""What a restart keeps and what it loses, as docs/promises.md says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from labcloud_support.life import Life
from labcloud_support.resources import IMAGE, ROLE

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }],
}  # fmt: skip


def seen(life: Life) -> dict[str, list[str]]:
    """The names of what there is."""
    s3, ecr, sagemaker = (life.client(service) for service in ("s3", "ecr", "sagemaker"))
    iam, logs, metrics = (life.client(service) for service in ("iam", "logs", "cloudwatch"))
    return {
        "buckets": [each["Name"] for each in s3.list_buckets()["Buckets"]],
        "repositories": [
            each["repositoryName"] for each in ecr.describe_repositories()["repositories"]
        ],
        "models": [each["ModelName"] for each in sagemaker.list_models()["Models"]],
        "roles": [
            each["RoleName"] for each in iam.list_roles()["Roles"] if each["RoleName"] == "mine"
        ],
        "groups": [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]],
        "pipelines": [
            each["PipelineName"] for each in sagemaker.list_pipelines()["PipelineSummaries"]
        ],
        "queues": [
            each.rpartition("/")[2]
            for each in life.client("sqs").list_queues().get("QueueUrls", [])
        ],
        "metrics": [each["MetricName"] for each in metrics.list_metrics(Namespace="n")["Metrics"]],
    }


def test_what_stays_and_what_goes(life: Life) -> None:
    life.client("s3").create_bucket(Bucket="mine")
    life.client("ecr").create_repository(repositoryName="mine")
    life.client("sagemaker").create_model(
        ModelName="mine", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
    )
    life.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument=json.dumps(_TRUST))
    life.client("logs").create_log_group(logGroupName="mine")
    datum = {"MetricName": "mine", "Value": 1.0, "Timestamp": datetime.now(UTC)}
    life.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[datum])
    life.client("sqs").create_queue(QueueName="mine")
    look = {"Name": "Look", "Type": "Condition", "Arguments": {"Conditions": []}}
    life.client("sagemaker").create_pipeline(
        PipelineName="mine", RoleArn=ROLE,
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [look]}),
    )  # fmt: skip
    kept = ("buckets", "repositories", "models", "pipelines")
    gone = ("roles", "groups", "metrics", "queues")
    assert seen(life) == {what: ["mine"] for what in (*kept, *gone)}
    life.end(clean=True)
    life.begin()
    assert seen(life) == {what: ["mine"] if what in kept else [] for what in (*kept, *gone)}
