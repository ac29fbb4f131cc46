"""The lines of an endpoint's log that contain a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labhelpers import Lab, logs, watch
from labhelpers.logs import endpoint_lines


def test_the_lines_with_a_text_and_no_others(
    lab: Lab, deploy: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = watch(lab, deploy(lab))
    (found,) = endpoint_lines(lab, name, "Loading the model")
    assert found.endswith("/opt/ml/model/xgboost-model")
    monkeypatch.setattr(logs, "_PATIENCE", 0.0)
    assert endpoint_lines(lab, name, "nobody has printed this") == []
