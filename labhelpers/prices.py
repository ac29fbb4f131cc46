"""What an instance costs on AWS, for the instance types of the course.

In US dollars, on demand, in us-east-1, from the public price list of SageMaker. Other regions cost
up to 50 % more.
"""

from __future__ import annotations

PRICE_LIST = "https://aws.amazon.com/sagemaker/ai/pricing/"
# A gigabyte of images for a month, from the price list of Amazon ECR.
GIGABYTE_OF_IMAGES = 0.10
HOURLY = {
    "ml.t2.medium": 0.056,
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m4.xlarge": 0.24,
    "ml.c5.large": 0.102,
    "ml.c5.xlarge": 0.204,
}


def hourly(instance_type: str | None, count: int = 1) -> float | None:
    """The price of this many instances in dollars an hour; None for an unknown instance type."""
    price = HOURLY.get(instance_type or "")
    return None if price is None else price * count
