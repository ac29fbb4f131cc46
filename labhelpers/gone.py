"""What an exercise's check needs and the clean-up has deleted. It is no fault of the answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import ClientError

from labhelpers.errors import ImageError

_MISSING = ("not found", "could not find", "cannot find", "does not exist", "there is no")


class Gone(Exception):
    """Raised by an exercise's check if it cannot tell. Says which steps to run again."""


@contextlib.contextmanager
def still_there(what: str, steps: str) -> Iterator[None]:
    """Raises Gone if something is missing that the block uses: your `what`, made by `steps`.

    For example: `with still_there("endpoint", "steps 3 to 5"):`. Other errors pass through.
    """
    try:
        yield
    except (ClientError, ImageError) as error:
        if not any(words in str(error).lower() for words in _MISSING):
            raise
        raise Gone(
            f"your {what} is gone: the clean-up has run. Run {steps} again, then this cell."
        ) from None
