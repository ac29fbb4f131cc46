"""Numbers that API Gateway's models have as texts."""

from __future__ import annotations

import pytest

from labcloud.apis import store
from labcloud.apis.errors import BadRequest
from labcloud.apis.restapis.patches import patches


@pytest.mark.parametrize("limit", ["1_0", "\u0661", "+5", " 5", "9" * 5000, ""])
def test_the_size_of_a_page_is_of_digits(limit: str) -> None:
    with pytest.raises(BadRequest):
        store.paged(["a"], None, limit, str)
    assert store.paged(["a"], None, "5", str) == (["a"], None)


@pytest.mark.parametrize("value", ["1e300", "inf", "nan", "2147483648", "-1"])
def test_a_setting_has_a_largest_number(value: str) -> None:
    path = "/*/*/throttling/burstLimit"
    (patch,) = patches({"patchOperations": [{"op": "replace", "path": path, "value": value}]})
    with pytest.raises(BadRequest):
        _ = patch.number
