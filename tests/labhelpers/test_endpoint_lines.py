"""The last line of an endpoint's log with a text, and lines after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labhelpers import Lab, logs
from labhelpers.logs import endpoint_lines


def test_the_last_line_with_a_text(
    lab: Lab, deploy: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deploy(lab)
    # It is being created, and is not waited for.
    (found,) = endpoint_lines(lab, name, "Loading the model")
    assert found.endswith("/opt/ml/model/xgboost-model")
    monkeypatch.setattr(logs, "_PATIENCE", 0.0)
    both = endpoint_lines(lab, name, "Loading the model", after=1)
    assert both[0] == found and len(both) <= 2
    assert endpoint_lines(lab, name, "Loading the model", before=1)[-1] == found
    # More than there are; and the end of the log, for the text that is in every line.
    everything = endpoint_lines(lab, name, "", before=1000)
    assert found in everything
    if len(everything) > 1:
        assert endpoint_lines(lab, name, "", before=1) == everything[-2:]
    assert endpoint_lines(lab, name, "nobody has printed this") == []
