"""One line where nobody answers, in place of three hundred: labcloud has been stopped, mostly."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from IPython.core.getipython import get_ipython

_ERRORS = (EndpointConnectionError, ConnectionClosedError)


def nobody_answers(error: Exception) -> str:
    """What to do about it."""
    url = urlsplit(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    # Without the path and the query of a request to S3.
    where = f"{url.scheme}://{url.netloc}/" if url.netloc else "AWS"
    return (
        f"{where} does not answer. If that is labcloud, it has been stopped: run ./lab start in a "
        "terminal, then restart this notebook's kernel. Jobs that ran have failed; what is in S3, "
        "and models and endpoints, are there again."
    )


def say_when_nobody_answers() -> None:
    """Makes the cells of this notebook show that sentence, whether boto3 or the SDK has called."""
    shell: Any = get_ipython()
    if shell is None:
        return

    def show(shell: Any, kind: type[Exception], error: Exception, trace: Any, **_: Any) -> None:
        shell._showtraceback(kind, error, [f"NotConnected: {nobody_answers(error)}"])

    shell.set_custom_exc(_ERRORS, show)
