"""The toolkits' log lines."""

from __future__ import annotations

import logging
import sys

# The two toolkits differ in their names alone.
_FORMAT = "%(asctime)s %(name)-12s %(levelname)-8s %(message)s"


def configure(level: int) -> None:
    """Sends what is at least of this level to the log of the job."""
    logging.basicConfig(format=_FORMAT, level=level, stream=sys.stderr)
    for name in ("boto3", "botocore", "s3transfer"):
        logging.getLogger(name).setLevel(max(level, logging.INFO))
