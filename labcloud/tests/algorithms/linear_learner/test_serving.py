"""Serving: every documented format in and out, and what is refused with which status."""

from __future__ import annotations

import contextlib
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from labcloud.algorithms import recordio
from labcloud.algorithms.linear_learner.model import FILE, Model
from labcloud.algorithms.linear_learner.serve import create_app

from ..served import served

Client = Callable[[Model], httpx.Client]
REGRESSOR = Model("regressor", "squared_loss", np.array([[2.0], [3.0]]), np.array([1.0]))
BINARY = Model("binary_classifier", "logistic", np.array([[1.0], [0.0]]), np.array([0.0]), 0.4)
MULTICLASS = Model("multiclass_classifier", "softmax_loss", np.eye(2, 3), np.zeros(3))
CANNOT = "unable to evaluate payload provided"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., httpx.Client]]:
    """A client of a server of what lies in the test's folder, in an environment."""
    with contextlib.ExitStack() as stack:
        yield lambda **environ: stack.enter_context(served(create_app(tmp_path, environ)))


@pytest.fixture
def client(tmp_path: Path, serve: Callable[..., httpx.Client]) -> Client:
    """A client of the server of a model that has been saved."""

    def of(model: Model) -> httpx.Client:
        model.save(tmp_path / "model")
        return serve()

    return of


def ask(client: httpx.Client, body: str | bytes, content_type: str, accept: str = "") -> Any:
    headers = {"content-type": content_type, "accept": accept}
    return client.post("/invocations", content=body, headers=headers)


def instance(**features: Any) -> dict[str, Any]:
    return {"data": {"features": features}}


ROWS = recordio.write([{"values": [10.0, 1.0]}])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("10,1", "text/csv"),
        ("10,1\n0,0\n", "text/csv;label_size=0"),
        ('"10",1e0\r\n0.0,-0\r\n', "text/csv; charset=utf-8"),
        (json.dumps({"instances": [{"features": [10, 1]}]}), "application/json"),
        (json.dumps({"instances": [instance(values=[10, 1])]}), "application/json"),
        (json.dumps({"instances": [instance(values=[10, 1], keys=[])]}), "application/json"),
        (
            json.dumps({"instances": [instance(values=[1, 10], keys=[1, 0], shape=[2])]}),
            "application/json",
        ),
        ('{"features": [10.0, 1.0]}\n\n{"features": [0, 0]}\n', "application/jsonlines"),
    ],
    ids=str,
)
def test_every_way_to_send_rows(client: Client, body: str, content_type: str) -> None:
    answer = ask(client(REGRESSOR), body, content_type)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["predictions"] in ([{"score": 24.0}], [{"score": 24.0}, {"score": 1.0}])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (REGRESSOR, {"score": 1.0}),
        (BINARY, {"score": 0.5, "predicted_label": 1}),
        (MULTICLASS, {"score": [pytest.approx(1 / 3)] * 3, "predicted_label": 0}),
    ],
    ids=lambda each: getattr(each, "predictor_type", ""),
)
def test_each_kind_of_answer_in_each_format(
    client: Client, model: Model, expected: dict[str, Any]
) -> None:
    asked = client(model)
    assert ask(asked, "0,0", "text/csv").json() == {"predictions": [expected]}
    lines = ask(asked, "0,0\n0,0", "text/csv", "application/jsonlines")
    assert lines.headers["content-type"] == "application/jsonlines"
    assert [json.loads(line) for line in lines.text.splitlines()] == [expected] * 2
    packed = ask(asked, "0,0", "text/csv", "application/x-recordio-protobuf")
    assert packed.headers["content-type"] == "application/x-recordio-protobuf"
    assert all(name.encode() in packed.content for name in expected)
    # AWS's container answers JSON to what it does not know.
    assert ask(asked, "0,0", "text/csv", "text/csv").json() == {"predictions": [expected]}


def test_records_are_understood(client: Client) -> None:
    packed = ROWS.replace(b"\x12", b"\x0a", 1)
    answer = ask(client(REGRESSOR), packed, "application/x-recordio-protobuf")
    assert answer.json() == {"predictions": [{"score": 24.0}]}


def test_scores_are_of_single_precision(client: Client) -> None:
    score = ask(client(REGRESSOR), "0.05,0", "text/csv").json()["predictions"][0]["score"]
    assert score == float(np.float32(1.1))


def test_a_probability_is_one_however_large_the_row(client: Client) -> None:
    low, high = ask(client(BINARY), "-1e5,0\n1e5,0", "text/csv").json()["predictions"]
    assert (low, high) == (
        {"score": 0.0, "predicted_label": 0},
        {"score": 1.0, "predicted_label": 1},
    )


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        ("1,2,3", "text/csv", "The feature dimension of the input: 3 does not match the feature "
         "dimension of the model: 2. Please fix the input and try again."),
        ("a,b", "text/csv", "could not convert string 'a'"),
        ("1,2\n1", "text/csv", "the number of columns changed"),
        ("1,", "text/csv", "could not convert string ''"),
        ("1,inf", "text/csv", "A value is missing or infinite"),
        ("", "text/csv", "There are no rows"),
        ("{", "application/json", "Expecting property name"),
        ("[1, 2]", "application/json", 'no list "instances"'),
        ('{"instances": []}', "application/json", "There are no rows"),
        ('{"instances": [[1, 2]]}', "application/json", "An instance is not an object"),
        ('{"instances": [{"features": [1, "2"]}]}', "application/json", "not a list of numbers"),
        ('{"instances": [{"features": [1, NaN]}]}', "application/json", "missing or infinite"),
        ('{"instances": [{"features": [1]}]}', "application/json", "dimension of the input: 1"),
        (json.dumps({"instances": [instance(values=[1], keys=[2], shape=[2])]}),
         "application/json", "A key is not below"),
        (json.dumps({"instances": [instance(values=[1], keys=[0], shape=[10**12])]}),
         "application/json", "dimension of the input: 1000000000000"),
        ("1" * 400, "application/jsonlines", "An instance is not an object"),
        ("{}", "application/x-recordio-protobuf", "No records found"),
    ],
    ids=str,
)  # fmt: skip
def test_a_body_that_cannot_be_evaluated(
    client: Client, caplog: pytest.LogCaptureFixture, body: str, content_type: str, why: str
) -> None:
    answer = ask(client(REGRESSOR), body, content_type)
    assert (answer.status_code, answer.text) == (400, CANNOT)
    assert "Customer Error: " in caplog.text and why in caplog.text


def test_a_content_type_that_is_not_known(client: Client) -> None:
    answer = ask(client(REGRESSOR), "1 0:1", "text/libsvm")
    assert answer.status_code == 415
    assert answer.text == "Customer Error: Content-Type header value 'text/libsvm' not supported"


def test_a_body_that_is_too_large(tmp_path: Path, serve: Callable[..., httpx.Client]) -> None:
    REGRESSOR.save(tmp_path / "model")
    client = serve(SAGEMAKER_MAX_PAYLOAD_IN_MB="1")
    assert ask(client, b"0,0\n" * 2**18, "text/csv").status_code == 200
    assert ask(client, b"0,0\n" * 2**18 + b"0,0", "text/csv").status_code == 413
    assert client.get("/execution-parameters").json()["MaxPayloadInMB"] == 1


def test_a_model_is_pinged(client: Client) -> None:
    assert client(REGRESSOR).get("/ping").status_code == 200


@pytest.mark.parametrize(
    "content",
    [None, b"", b"PK\x03\x04", pickle.dumps({"weights": [1]}), b"{}"],
    ids=["missing", "empty", "broken-zip", "pickle", "json"],
)
def test_what_is_no_model_is_not_served(
    tmp_path: Path, serve: Callable[..., httpx.Client], content: bytes | None
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    if content is not None:
        (folder / FILE).write_bytes(content)
    client = serve()
    ping = client.get("/ping")
    assert ping.status_code == 500
    assert f"{FILE}" in ping.text
    assert ask(client, "1,2", "text/csv").status_code == 500


def test_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with (tmp_path / "model" / FILE).open("wb") as file:
        np.savez(file, format=np.array([{"a": 1}], object))
    with pytest.raises(RuntimeError, match="is not a model of labcloud's linear-learner"):
        Model.load(tmp_path / "model")
