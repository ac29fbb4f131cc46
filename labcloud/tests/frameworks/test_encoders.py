"""Requests to arrays, and arrays to answers: what the encoders of AWS's containers make of them."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from labcloud.frameworks.toolkit import encoders
from labcloud.frameworks.toolkit.encoders import CSV, JSON, NPY, ClientError, UnsupportedFormatError


def npy(array: Any) -> bytes:
    with io.BytesIO() as file:
        np.save(file, array)
        return file.getvalue()


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1,2\n3,4\n", (2, 2)),
        ("1,2,3", (3,)),
        ("1\n2\n3", (3,)),
        ("7", ()),
        ('"1","2"\n3,4', (2, 2)),
    ],
)
def test_a_csv_loses_the_dimensions_that_have_one_member(text: str, shape: tuple[int, ...]) -> None:
    found = encoders.decode(text, CSV)
    assert found.shape == shape
    assert found.dtype == np.float64
    assert found.ravel()[0] == float(text.strip('"')[0])


def test_a_csv_of_words_is_an_array_of_texts() -> None:
    assert encoders.decode('a,"b,c"\nd,e', CSV).tolist() == [["a", "b,c"], ["d", "e"]]


def test_a_csv_that_is_none_is_a_client_error() -> None:
    with pytest.raises(ClientError, match="Error while decoding csv"):
        encoders.decode('"a', CSV)


def test_json_is_an_array_of_what_it_holds() -> None:
    found = encoders.decode("[[1, 2], [3, 4]]", JSON)
    assert (found.shape, found.dtype) == ((2, 2), np.int64)
    assert encoders.decode('{"a": 1}', JSON).shape == ()
    with pytest.raises(json.JSONDecodeError):
        encoders.decode("[1,", JSON)


def test_npy_is_as_it_was_saved() -> None:
    array = np.array([[1, 2]], dtype=np.int16)
    found = encoders.decode(npy(array), NPY)
    assert (found.dtype, found.tolist()) == (np.int16, [[1, 2]])


@pytest.mark.parametrize(
    ("prediction", "accept", "body"),
    [
        (np.array([0, 2]), JSON, "[0, 2]"),
        (np.array([[0.5, 0.25]]), JSON, "[[0.5, 0.25]]"),
        ({"classes": np.array([1])}, JSON, '{"classes": [1]}'),
        ("text", JSON, '"text"'),
        (np.array([0.5, 2]), CSV, "0.5\n2.0\n"),
        (np.array([["setosa", 'a "b",']]), CSV, 'setosa,"a ""b"","\n'),
        ([[1, 2], [3, 4]], CSV, "1,2\n3,4\n"),
        (np.array([1, 2]), NPY, npy(np.array([1, 2]))),
    ],
)
def test_predictions_are_encoded(prediction: Any, accept: str, body: str | bytes) -> None:
    assert encoders.encode(prediction, accept) == body


def test_what_json_cannot_hold_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        encoders.encode({1, 2}, JSON)


@pytest.mark.parametrize("call", [encoders.decode, encoders.encode])
def test_other_formats_are_refused_in_aws_s_words(call: Any) -> None:
    # A parameter makes it another one, as on AWS.
    with pytest.raises(UnsupportedFormatError) as refused:
        call("1,2", "text/csv; charset=utf-8")
    assert str(refused.value).startswith(
        "Content type text/csv; charset=utf-8 is not supported by this framework.\n\n"
    )
    assert "Please implement input_fn to to deserialize the request data" in str(refused.value)
