"""The values that options take: each is checked before anything is started."""

from __future__ import annotations

import argparse
import math
import re

from labcloud.client.image_name import ImageName

_HIGHEST_PORT = 65535
# A name of DNS, or an address of IPv4: what a Host header has before its port.
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def port(given: str) -> int:
    """A port; 0 stands for any that is free."""
    if not given.isascii() or not given.isdigit() or int(given) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{given} is no port: give a number from 0 to 65535")
    return int(given)


def host_name(given: str) -> str:
    """A name by which clients reach the server, without protocol and port."""
    if not _NAME.fullmatch(given):
        raise argparse.ArgumentTypeError(
            f"{given} is no name of a host: give it without protocol, port and path, for example "
            "labcloud.example.com"
        )
    return given


def region(given: str) -> str:
    """A region of AWS that has SageMaker."""
    from botocore.session import get_session

    session = get_session()
    known = sorted(
        name
        for partition in _PARTITIONS
        for name in session.get_available_regions("sagemaker", partition)
    )
    if given not in known:
        raise argparse.ArgumentTypeError(
            f"AWS has no region {given} with SageMaker. It has: {', '.join(known)}"
        )
    return given


def payload(given: str) -> int:
    """The size of a body (bytes)."""
    if not given.isascii() or not given.isdigit() or int(given) == 0:
        raise argparse.ArgumentTypeError(f"{given} is no size: give a number of bytes, at least 1")
    return int(given)


def seconds(given: str) -> float:
    """A time to wait."""
    try:
        found = float(given)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise argparse.ArgumentTypeError(f"{given} is no time: give a number of seconds")
    return found


def image_name(given: str) -> ImageName:
    """The name of an image that is pushed."""
    try:
        return ImageName.parse(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
