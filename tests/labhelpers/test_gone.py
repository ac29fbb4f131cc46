"""What the clean-up has deleted is not the fault of an answer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from labhelpers.errors import ImageError
from labhelpers.gone import Gone, still_there

SAID = "your endpoint is gone: the clean-up has run. Run steps 3 to 5 again, then this cell."


def aws(message: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "Invoke")


@pytest.mark.parametrize(
    "error",
    [
        aws("Endpoint labs-01 of account 123456789012 not found."),
        aws('Could not find endpoint "labs-01".'),
        aws("Cannot find repository: sagemaker-labs-decision-trees"),
        aws("The specified key does not exist."),
        ImageError("There is no image x on this machine. Was it built?"),
    ],
)
def test_what_is_not_found_is_gone(error: Exception) -> None:
    with pytest.raises(Gone) as gone, still_there("endpoint", "steps 3 to 5"):
        raise error
    assert str(gone.value) == SAID


@pytest.mark.parametrize("error", [aws("Too many values."), ValueError("not found")])
def test_other_errors_pass_through(error: Exception) -> None:
    with pytest.raises(type(error)) as passed, still_there("endpoint", "steps 3 to 5"):
        raise error
    assert passed.value is error
