"""Pages, whatever their size, hold everything once and in order."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.listing import ListStyle, listing
from labcloud.state.places import Place, Places


def placed(records: list[Place]) -> Places:
    places = Places()
    for record in records:
        places.put("job", record)
    return places


def pages(records: list[Place], request: dict[str, Any]) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    places = placed(records)
    while True:
        page, token = listing(places, "job", {**request, **token}, has_status=True)
        found += page
        assert len(page) <= request["MaxResults"]
        if not token:
            return found


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 3), max_size=12),
    st.integers(1, 5),
    st.sampled_from(["Name", "CreationTime", "Status"]),
    st.sampled_from(["Ascending", "Descending"]),
)
def test_all_pages_together_are_the_sorted_list(
    created: dict[str, int], size: int, by: str, order: str
) -> None:
    records = [
        Place(name, float(time), float(time), "AB"[time % 2]) for name, time in created.items()
    ]
    request = {"MaxResults": size, "SortBy": by, "SortOrder": order}
    found = pages(records, request)
    column = {"Name": "name", "CreationTime": "created", "Status": "status"}[by]
    expected = sorted(records, key=lambda place: (getattr(place, column), place.name))
    if order == "Descending":
        expected.reverse()
    assert found == [place.name for place in expected]


def test_filters_hold_together() -> None:
    records = [
        Place(f"Job-{n}", float(n), float(n), "Failed" if n % 2 else "Completed") for n in range(10)
    ]
    request = {
        "MaxResults": 100,
        "NameContains": "job",
        "StatusEquals": "Failed",
        "CreationTimeAfter": 3.0,
        "LastModifiedTimeBefore": 7.0,
    }
    assert pages(records, request) == ["Job-7", "Job-5", "Job-3"]


def test_a_page_of_training_jobs_is_cut_before_the_status_is_looked_at() -> None:
    places = placed(
        [Place(f"j{n}", float(n), float(n), "Failed" if n % 2 else "Completed") for n in range(4)]
    )
    request = {"MaxResults": 3, "StatusEquals": "Failed"}
    style = ListStyle(status_of_page=True)
    page, token = listing(places, "job", request, has_status=True, style=style)
    assert page == ["j3", "j1"]
    following = request | token
    page, token = listing(places, "job", following, has_status=True, style=style)
    assert (page, token) == ([], {})


def test_a_page_holds_ten_where_nobody_says_how_many() -> None:
    places = placed([Place(f"j{n}", float(n), float(n)) for n in range(11)])
    page, token = listing(places, "job", {}, has_status=False)
    assert (len(page), len(token)) == (10, 1)


@pytest.mark.parametrize("by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize(
    "place",
    [["x", 1], [1, 1], [None, None], [[], "a"], {"a": 1, "b": 2}, [1], [1, 2, 3], [[[1]], "a"],
     ["\ud800", "a"], [10**400, "a"], [math.nan, "a"], ["a", "\udfff"], [1.5, "\ud800"]],
)  # fmt: skip
def test_a_token_of_another_list_is_refused(by: str, place: Any) -> None:
    token = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
    with pytest.raises(ValidationError, match="Invalid pagination token"):
        listing(Places(), "job", {"SortBy": by, "NextToken": token}, has_status=True)
