"""What instances and storage cost on AWS: US dollars, on demand, in us-east-1.

From the price lists of SageMaker, S3 and ECR, as of 2026-11. Training, processing, transform and
real-time inference have one price by instance type. Other regions cost up to half as much again.
"""

from __future__ import annotations

REGION = "us-east-1"
AS_OF = "2026-11"
SOURCE = "https://aws.amazon.com/sagemaker/ai/pricing/"
# A gigabyte for a month: S3 Standard, the first 50 TB, and Amazon ECR.
GIGABYTE_OF_OBJECTS = 0.023
GIGABYTE_OF_IMAGES = 0.10
# By instance type, an hour.
HOURLY: dict[str, float] = {
    "ml.t2.medium": 0.056, "ml.t2.large": 0.111, "ml.t2.xlarge": 0.223, "ml.t2.2xlarge": 0.445,
    "ml.t3.medium": 0.05, "ml.t3.large": 0.10, "ml.t3.xlarge": 0.20, "ml.t3.2xlarge": 0.399,
    "ml.m4.xlarge": 0.24, "ml.m4.2xlarge": 0.48, "ml.m4.4xlarge": 0.96, "ml.m4.10xlarge": 2.40,
    "ml.m4.16xlarge": 3.84,
    "ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "ml.m5.2xlarge": 0.461, "ml.m5.4xlarge": 0.922,
    "ml.m5.12xlarge": 2.765, "ml.m5.24xlarge": 5.53,
    "ml.c5.large": 0.102, "ml.c5.xlarge": 0.204, "ml.c5.2xlarge": 0.408, "ml.c5.4xlarge": 0.816,
    "ml.c5.9xlarge": 1.836, "ml.c5.18xlarge": 3.672,
}  # fmt: skip


def cost(instance_type: str, count: int, seconds: float) -> float | None:
    """So many instances for so long; None for a type that is not in the table."""
    price = HOURLY.get(instance_type)
    return None if price is None else price * count * seconds / 3600
