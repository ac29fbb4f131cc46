"""The paths that filter records: what each selects, and which are refused, and when."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.sagemaker.transform.json_path import BadPath, NoSuchElement, Path, Unsupported, check

JSON = "application/jsonlines"
CSV = "text/csv"
RECORD = {"id": 7, "a-b": {"c": [1, {"d": None}]}, "features": [10, 11, 12]}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("$", RECORD),
        ("$.id", 7),
        ("$.a-b.c[1].d", None),
        ("$['id']", 7),
        ("$.['id']", 7),
        ("$.a-b.['c']", [1, {"d": None}]),
        ("$['features','id']", {"features": [10, 11, 12], "id": 7}),
        ("$['id', 'features']", {"id": 7, "features": [10, 11, 12]}),
        ("$.a-b['c']", [1, {"d": None}]),
        ("$.features[0]", 10),
        ("$.features[-1]", 12),
        ("$.features[2,0,-2]", [12, 10, 11]),
        ("$.features[ 0 , 1 ]", [10, 11]),
        ("$.features[1:]", [11, 12]),
        ("$.features[:1]", [10]),
        ("$.features[-2:]", [11, 12]),
        ("$.features[7:]", []),
        ("$.features[*]", [10, 11, 12]),
        ("$.features.*", [10, 11, 12]),
        ("$.a-b.*", [[1, {"d": None}]]),
        ("$.*", [7, {"c": [1, {"d": None}]}, [10, 11, 12]]),
    ],
)
def test_what_a_path_selects(path: str, selected: Any) -> None:
    assert Path.parse(path)(RECORD) == selected


@pytest.mark.parametrize(
    "path",
    [
        "$.nobody",
        "$['id','nobody']",
        "$.features[3]",
        "$.features[-4]",
        "$.features[0,3]",
        "$.id[0]",
        "$.id.x",
        "$.id.*",
        "$[0]",
        "$[1:]",
        "$.features.id",
        "$.features['id']",
    ],
)
def test_what_is_not_there_cannot_be_selected(path: str) -> None:
    with pytest.raises(NoSuchElement) as missing:
        Path.parse(path)(RECORD)
    assert str(missing.value) == f"{path} is not in the record"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "id",
        ".id",
        "$id",
        "$.",
        "$..id",
        "$.id.",
        "$[",
        "$[]",
        "$[0",
        "$[a]",
        "$['a']b",
        "$['a',0]",
        "$['a','b'].c",
        "$[0,1][0]",
        "$[1:][0]",
        "$.*.id",
        "$['a'",
        "$[1.5]",
        "$ ",
    ],
)
def test_what_is_no_path_is_refused_at_the_call(path: str) -> None:
    with pytest.raises(BadPath):
        check(path, JSON)


@pytest.mark.parametrize("path", ["$[0,5:]", "$[0:2,246:]", "$[1:2:3]"])
def test_a_range_beside_something_is_found_out_when_the_job_runs(path: str) -> None:
    check(path, CSV)
    with pytest.raises(Unsupported) as refused:
        Path.parse(path)
    assert str(refused.value) == (
        f"Invalid JsonPath: {path}: only single range filters of format (eg: [1:5]) are "
        f"supported. Format {path[1:]} is not supported"
    )


def test_a_character_that_aws_does_not_know_is_refused_in_its_words() -> None:
    with pytest.raises(BadPath) as refused:
        check("$['account_id','SageMakerOutput']", JSON)
    assert str(refused.value) == (
        'Unexpected "_" in JsonPath. Supported operators for "application/jsonlines" are '
        "['$', '[', ']', '*', '.', ' ', ',', ':', '-', ''']"
    )


@pytest.mark.parametrize("path", ["$", "$[0]", "$[1:]", "$[:-1]", "$[0,-1]", "$[0, 2]", "$[*]"])
def test_csv_takes_indices(path: str) -> None:
    check(path, CSV)


@pytest.mark.parametrize(("path", "char"), [("$.id", "."), ("$['id']", "'"), ("$[a]", "a")])
def test_csv_takes_no_names(path: str, char: str) -> None:
    with pytest.raises(BadPath, match=f'^Unexpected "{char}" in JsonPath'):
        check(path, CSV)


@given(st.lists(st.integers()), st.integers(-9, 9), st.integers(-9, 9))
def test_indices_and_ranges_are_python_s(values: list[int], a: int, b: int) -> None:
    assert Path.parse(f"$[{a}:{b}]")(values) == values[a:b]
    assert Path.parse(f"$[{a}:]")(values) == values[a:]
    assert Path.parse(f"$[:{b}]")(values) == values[:b]
    both = Path.parse(f"$[{a},{b}]")
    if all(-len(values) <= each < len(values) for each in (a, b)):
        assert both(values) == [values[a], values[b]]
    else:
        with pytest.raises(NoSuchElement):
            both(values)


@given(st.one_of(st.text(max_size=63), st.text("$[]*. ,:-'a0_", max_size=20).map("$".__add__)))
def test_whatever_is_asked_the_answer_is_one_of_ours(path: str) -> None:
    for content_type in (CSV, JSON):
        try:
            check(path, content_type)
            selected = Path.parse(path)
        except (BadPath, Unsupported):
            continue
        assert selected.text == path
        for record in (RECORD, [1, [2]], "text", None):
            try:
                selected(record)
            except NoSuchElement:
                continue
