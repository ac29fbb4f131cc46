"""What of a configuration is refused before a function has it."""

from __future__ import annotations

import pytest

from labcloud.functions.asked import FunctionError
from labcloud.functions.checks import check_configuration


def test_a_handler_has_no_nul() -> None:
    """No process could be started with it: each call would fail."""
    with pytest.raises(FunctionError, match="NUL"):
        check_configuration({"Handler": "main\0.handler"})
    check_configuration({"Handler": "main.handler"})
