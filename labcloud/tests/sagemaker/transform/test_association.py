"""Records filtered, joined with their predictions, and filtered again, as AWS's guide has it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.sagemaker.transform.association import Association, CannotAssociate, bare
from labcloud.sagemaker.transform.json_path import BadPath, Unsupported

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"


def association(
    content_type: str, before: str = "$", join: bool = True, after: str = "$"
) -> Association:
    processing = {
        "InputFilter": before,
        "JoinSource": "Input" if join else "None",
        "OutputFilter": after,
    }
    found = Association.of(processing, content_type)
    assert found
    return found


def test_the_guide_s_first_example_needs_no_association() -> None:
    defaults = {"InputFilter": "$", "JoinSource": "None", "OutputFilter": "$"}
    for content_type in (CSV, JSON, LINES, ""):
        assert Association.of(defaults, content_type) is None
    assert Association.of({}, CSV) is None


def test_csv_predictions_become_the_last_columns() -> None:
    joining = association(CSV)
    assert joining.body([b"1,2,3\n", b"4,5,6"]) == b"1,2,3\n4,5,6"
    assert joining.output([b"1,2,3\n", b"4,5,6"], b"1\n0.5,7\n") == b"1,2,3,1\n4,5,6,0.5,7\n"


def test_json_predictions_become_an_attribute() -> None:
    joining = association(JSON)
    assert joining.body([b'{"key":1}']) == b'{"key":1}'
    assert joining.output([b'{"key":1}'], b'{"label":1}') == (
        b'{"SageMakerOutput":{"label":1},"key":1}\n'
    )


def test_the_id_is_kept_from_the_model_and_joined() -> None:
    joining = association(CSV, before="$[1:]")
    assert joining.body([b"id,1,2\n", b"other,3,4\n"]) == b"1,2\n3,4\n"
    joined = joining.output([b"id,1,2\n", b"other,3,4\n"], b"0.5\n0.6\n")
    assert joined == b"id,1,2,0.5\nother,3,4,0.6\n"


def test_only_id_and_prediction_remain() -> None:
    joining = association(CSV, before="$[1:]", after="$[0,-1]")
    assert joining.output([b"id,1,2\n", b"other,3,4\n"], b"0.5\n0.6\n") == b"id,0.5\nother,0.6\n"


def test_features_of_json_lines_in_and_id_and_prediction_out() -> None:
    joining = association(LINES, before="$.features", after="$['id','SageMakerOutput']")
    records = [b'{"id": "a", "features": [1, 2]}\n', b'{"features": [3], "id": "b"}\n']
    assert joining.body(records) == b"[1,2]\n[3]\n"
    assert joining.output(records, b'{"y": 1}\n{"y": 2}\n') == (
        b'{"SageMakerOutput":{"y":1},"id":"a"}\n{"SageMakerOutput":{"y":2},"id":"b"}\n'
    )


def test_json_that_is_no_object_is_wrapped() -> None:
    output = association(LINES).output([b"[1,2]\n", b'"x"\n', b"null\n"], b"3\n4\n[5]\n")
    assert output.splitlines() == [
        b'{"SageMakerInput":[1,2],"SageMakerOutput":3}',
        b'{"SageMakerInput":"x","SageMakerOutput":4}',
        b'{"SageMakerInput":null,"SageMakerOutput":[5]}',
    ]


def test_an_attribute_of_the_reserved_name_is_overwritten() -> None:
    assert association(JSON).output([b'{"SageMakerOutput":"old"}'], b"1") == (
        b'{"SageMakerOutput":1}\n'
    )


def test_json_is_compact_with_sorted_keys_and_its_letters() -> None:
    record = '{"z": {"b": 1, "a": [1.5, "ü\\n"]}, "B": true}\n'.encode()
    assert association(LINES).output([record], b" 1 \n").decode() == (
        '{"B":true,"SageMakerOutput":1,"z":{"a":[1.5,"ü\\n"],"b":1}}\n'
    )


def test_a_whole_document_may_have_many_lines_and_so_may_its_answer() -> None:
    document = b'{\n "id": 1\n}\n'
    assert association(JSON).output([document], b'{\n "y": 2\n}') == (
        b'{"SageMakerOutput":{"y":2},"id":1}\n'
    )


def test_an_output_filter_without_a_join_sees_the_prediction_alone() -> None:
    assert association(CSV, join=False, after="$[0]").output([b"1,2\n"], b"7,8\n9,10") == b"7\n9\n"
    assert association(LINES, join=False, after="$.y").output([b"1\n"], b'{"y": [2]}') == b"[2]\n"


def test_one_index_of_csv_is_a_row_of_one() -> None:
    assert association(CSV, before="$[-1]").body([b"a,b\n", b"c,d\n"]) == b"b\nd\n"


@pytest.mark.parametrize(
    ("row", "joined"),
    [
        (b'"a,b",c\n', b'"a,b",c,1\n'),
        (b'"a ""b""",c\n', b'"a ""b""",c,1\n'),
        (b",,\n", b",,,1\n"),
        (b" a , b\n", b" a , b,1\n"),
        ("ü,🙂\n".encode(), "ü,🙂,1\n".encode()),
        (b"a,b\r\n", b"a,b,1\n"),
        (b'""\n', b",1\n"),
    ],
)
def test_csv_is_quoted_where_it_must_be(row: bytes, joined: bytes) -> None:
    assert association(CSV).output([row], b"1") == joined


@pytest.mark.parametrize(
    ("content_type", "answer", "kind"),
    [
        (CSV, b'"x"y\n', "CSV"),
        (CSV, b"\xff", "CSV"),
        (LINES, b"1.5,2", "JSON"),
        (LINES, b"\xff", "JSON"),
    ],
)
def test_an_answer_of_another_kind_is_said_to_be_one(
    content_type: str, answer: bytes, kind: str
) -> None:
    said = f"^Failed to parse output from the algorithm as {kind}: "
    with pytest.raises(CannotAssociate, match=said):
        association(content_type).output([b"1\n"], answer)


def test_an_answer_in_json_is_no_csv_as_aws_words_it() -> None:
    with pytest.raises(CannotAssociate) as refused:
        association(CSV).output([b"1\n"], b'    "predictions": [[1.5881,')
    assert str(refused.value) == (
        'Failed to parse output from the algorithm as CSV: bare " in non quoted field found near: '
        '    "predictions": [[1.5881,'
    )


@pytest.mark.parametrize(
    ("content_type", "record", "kind"),
    [(CSV, b'"a\n', "CSV"), (CSV, b'a"b",c\xff\n', "CSV"), (LINES, b"{\n", "JSON")],
)
def test_a_record_that_cannot_be_read_is_named_by_its_kind(
    content_type: str, record: bytes, kind: str
) -> None:
    before = "$[0]" if content_type == CSV else "$.a"
    with pytest.raises(CannotAssociate, match=f"^Failed to parse input as {kind}: "):
        association(content_type, before=before).body([record])
    with pytest.raises(CannotAssociate, match=f"^Failed to parse input as {kind}: "):
        association(content_type).output([record], b"1")


@pytest.mark.parametrize("answer", [b"", b"1\n", b"1\n2\n3\n"])
@pytest.mark.parametrize("content_type", [CSV, LINES])
def test_predictions_of_another_number_are_not_joined(content_type: str, answer: bytes) -> None:
    number = len(answer.splitlines())
    with pytest.raises(CannotAssociate) as refused:
        association(content_type).output([b"1\n", b"2\n"], answer)
    assert str(refused.value) == f"Failed to join: 2 records, but {number} predictions"


@pytest.mark.parametrize(
    ("content_type", "record", "path"),
    [(CSV, b"1,2\n", "$[2]"), (LINES, b'{"a":1}\n', "$.b"), (LINES, b"1\n", "$[0]")],
)
def test_a_filter_that_finds_nothing_is_an_error(
    content_type: str, record: bytes, path: str
) -> None:
    with pytest.raises(CannotAssociate) as refused:
        association(content_type, before=path).body([record])
    assert str(refused.value) == f"Failed to apply a filter: {path} is not in the record"


def test_a_path_that_cannot_be_read_is_no_association() -> None:
    with pytest.raises(BadPath):
        association(CSV, before="x")
    with pytest.raises(Unsupported):
        association(CSV, after="$[0,5:]")


@pytest.mark.parametrize(
    "odd",
    [b'{"a":"\\ud800"}', b"[" * 100_000 + b"]" * 100_000],
    ids=["lone surrogate", "deep nesting"],
)
def test_json_that_python_stumbles_over_is_joined_or_refused(odd: bytes) -> None:
    """What fails is the object, not the whole job."""
    try:
        output = association(LINES).output([odd], b"1")
    except CannotAssociate:
        return
    assert json.loads(output)["SageMakerOutput"] == 1


def test_a_content_type_is_compared_without_its_parameters() -> None:
    assert bare(" Text/CSV ; charset=utf-8") == CSV
    assert association("text/csv; charset=utf-8").csv


FIELDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=6)
ROWS = st.lists(FIELDS, min_size=1, max_size=4)
PAIRS = st.lists(st.tuples(ROWS, ROWS), min_size=1, max_size=6)


def as_csv(rows: list[list[str]]) -> list[bytes]:
    texts = []
    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(row)
        texts.append(text.getvalue().encode())
    return texts


@given(PAIRS)
def test_joining_csv_loses_and_reorders_nothing(pairs: list[tuple[list[str], list[str]]]) -> None:
    records, answers = (as_csv([pair[side] for pair in pairs]) for side in (0, 1))
    output = association(CSV).output(records, b"".join(answers)).decode()
    assert list(csv.reader(io.StringIO(output, newline=""))) == [a + b for a, b in pairs]
    first = association(CSV, after="$[0]").output(records, b"".join(answers)).decode()
    assert list(csv.reader(io.StringIO(first, newline=""))) == [[a[0]] for a, _ in pairs]


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=5))
def test_joining_json_loses_and_reorders_nothing(pairs: list[tuple[Any, Any]]) -> None:
    records, answers = (
        [json.dumps(pair[side]).encode() + b"\n" for pair in pairs] for side in (0, 1)
    )
    joined = [
        json.loads(line)
        for line in association(LINES).output(records, b"".join(answers)).split(b"\n")[:-1]
    ]
    assert [each["SageMakerOutput"] for each in joined] == [answer for _, answer in pairs]
    for (record, answer), each in zip(pairs, joined, strict=True):
        wanted = record if isinstance(record, dict) else {"SageMakerInput": record}
        assert each == {**wanted, "SageMakerOutput": answer}
