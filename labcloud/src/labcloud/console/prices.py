"""What instances and storage cost on AWS: US dollars, on demand, in us-east-1.

From the price lists of SageMaker, S3 and ECR: the offer file AmazonSageMaker of AWS's Price List
API, as of 2026-09-27, and the pricing page of 2026-11 for m4 and t2. Training, processing,
transform and real-time inference have one price by instance type. Other regions cost up to half as
much again. A type that is not here has no price: sums say for how many that is so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

REGION = "us-east-1"
AS_OF = "2026-09"
SOURCE = "https://aws.amazon.com/sagemaker/ai/pricing/"
# A gigabyte for a month: S3 Standard, the first 50 TB, and Amazon ECR.
GIGABYTE_OF_OBJECTS = 0.023
GIGABYTE_OF_IMAGES = 0.10
# By instance type, an hour.
HOURLY: dict[str, float] = {
    "ml.t2.medium": 0.056, "ml.t2.large": 0.111, "ml.t2.xlarge": 0.223, "ml.t2.2xlarge": 0.445,
    "ml.t3.medium": 0.05, "ml.t3.large": 0.1, "ml.t3.xlarge": 0.2, "ml.t3.2xlarge": 0.399,
    "ml.m4.xlarge": 0.24, "ml.m4.2xlarge": 0.48, "ml.m4.4xlarge": 0.96, "ml.m4.10xlarge": 2.4,
    "ml.m4.16xlarge": 3.84,
    "ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "ml.m5.2xlarge": 0.461, "ml.m5.4xlarge": 0.922,
    "ml.m5.12xlarge": 2.765, "ml.m5.24xlarge": 5.53,
    "ml.m5d.large": 0.136, "ml.m5d.xlarge": 0.271, "ml.m5d.2xlarge": 0.542, "ml.m5d.4xlarge": 1.085,
    "ml.m5d.12xlarge": 3.254, "ml.m5d.24xlarge": 6.509,
    "ml.m6i.large": 0.115, "ml.m6i.xlarge": 0.23, "ml.m6i.2xlarge": 0.461, "ml.m6i.4xlarge": 0.922,
    "ml.m6i.8xlarge": 1.843, "ml.m6i.12xlarge": 2.765, "ml.m6i.16xlarge": 3.686,
    "ml.m6i.24xlarge": 5.53, "ml.m6i.32xlarge": 7.373,
    "ml.m7i.large": 0.121, "ml.m7i.xlarge": 0.242, "ml.m7i.2xlarge": 0.484, "ml.m7i.4xlarge": 0.968,
    "ml.m7i.8xlarge": 1.935, "ml.m7i.12xlarge": 2.903, "ml.m7i.16xlarge": 3.871,
    "ml.m7i.24xlarge": 5.806, "ml.m7i.48xlarge": 11.612,
    "ml.c5.large": 0.102, "ml.c5.xlarge": 0.204, "ml.c5.2xlarge": 0.408, "ml.c5.4xlarge": 0.816,
    "ml.c5.9xlarge": 1.836, "ml.c5.18xlarge": 3.672,
    "ml.c6i.large": 0.102, "ml.c6i.xlarge": 0.204, "ml.c6i.2xlarge": 0.408, "ml.c6i.4xlarge": 0.816,
    "ml.c6i.8xlarge": 1.632, "ml.c6i.12xlarge": 2.448, "ml.c6i.16xlarge": 3.264,
    "ml.c6i.24xlarge": 4.896, "ml.c6i.32xlarge": 6.528,
    "ml.c7i.large": 0.107, "ml.c7i.xlarge": 0.214, "ml.c7i.2xlarge": 0.428, "ml.c7i.4xlarge": 0.857,
    "ml.c7i.8xlarge": 1.714, "ml.c7i.12xlarge": 2.57, "ml.c7i.16xlarge": 3.427,
    "ml.c7i.24xlarge": 5.141, "ml.c7i.48xlarge": 10.282,
    "ml.r5.large": 0.151, "ml.r5.xlarge": 0.302, "ml.r5.2xlarge": 0.605, "ml.r5.4xlarge": 1.21,
    "ml.r5.8xlarge": 2.419, "ml.r5.12xlarge": 3.629, "ml.r5.16xlarge": 4.838,
    "ml.r5.24xlarge": 7.258,
    "ml.r6i.large": 0.151, "ml.r6i.xlarge": 0.302, "ml.r6i.2xlarge": 0.605, "ml.r6i.4xlarge": 1.21,
    "ml.r6i.8xlarge": 2.419, "ml.r6i.12xlarge": 3.629, "ml.r6i.16xlarge": 4.838,
    "ml.r6i.24xlarge": 7.258, "ml.r6i.32xlarge": 9.677,
    "ml.r7i.large": 0.159, "ml.r7i.xlarge": 0.318, "ml.r7i.2xlarge": 0.635, "ml.r7i.4xlarge": 1.27,
    "ml.r7i.8xlarge": 2.54, "ml.r7i.12xlarge": 3.81, "ml.r7i.16xlarge": 5.08,
    "ml.r7i.24xlarge": 7.62, "ml.r7i.48xlarge": 15.241,
}  # fmt: skip


@dataclass(frozen=True)
class Sum:
    """Dollars of all that have a price here, and how many have none."""

    dollars: float
    unknown: int = 0


def summed(parts: Iterable[tuple[float | None, int]]) -> Sum:
    """The sum of costs, each with how many it stands for; None is a cost without a price."""
    dollars, unknown = 0.0, 0
    for dollar, count in parts:
        if dollar is None:
            unknown += count
        else:
            dollars += dollar
    return Sum(dollars, unknown)


def cost(instance_type: str, count: int, seconds: float) -> float | None:
    """So many instances for so long; None for a type that is not in the table."""
    price = HOURLY.get(instance_type)
    return None if price is None else price * count * seconds / 3600
