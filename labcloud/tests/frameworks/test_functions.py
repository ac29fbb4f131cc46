"""A script's functions behind a worker: what it may define, and what it may return."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import flask
import numpy as np
import pytest

from labcloud.frameworks.toolkit import encoders, paths
from labcloud.frameworks.toolkit.functions import Service, UserError
from labcloud.frameworks.toolkit.worker import Response, Worker

HTML = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<title>500 Internal Server Error'


class Doubles:
    """A model."""

    def predict(self, data: Any, **settings: Any) -> Any:
        self.data, self.settings = data, settings
        return np.asarray(data) * 2


def client(xgboost: bool = False, /, **defined: Any) -> Any:
    """A client of a worker whose script defines these."""
    script = ModuleType("script")
    vars(script).update({"model_fn": lambda folder: Doubles(), **defined})
    service = Service(script, xgboost=xgboost)
    return Worker(service.transform, "script", service.execution_parameters).test_client()


def post(worker: Any, body: str | bytes, content_type: str | None = None, **headers: str) -> Any:
    return worker.post("/invocations", data=body, content_type=content_type, headers=headers)


def test_the_model_is_loaded_from_its_folder_once() -> None:
    asked = []

    def model_fn(folder: str) -> Doubles:
        asked.append(folder)
        return Doubles()

    worker = client(model_fn=model_fn)
    assert [post(worker, "[1]").status_code for _ in range(2)] == [200, 200]
    assert asked == [str(paths.MODEL)]


def test_a_script_must_load_its_model() -> None:
    with pytest.raises(NotImplementedError) as missing:
        Service(ModuleType("script"), xgboost=False)
    assert str(missing.value) == (
        "\nPlease provide a model_fn implementation.\n"
        "See documentation for model_fn at https://github.com/aws/sagemaker-python-sdk\n"
    )


def test_a_ping_has_no_body() -> None:
    answer = client().get("/ping")
    assert (answer.status_code, answer.data) == (200, b"")


def test_json_is_what_is_assumed_of_a_request_that_says_nothing() -> None:
    answer = post(client(), "[[1, 2]]")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert json.loads(answer.data) == [[2.0, 4.0]]


def test_numbers_have_32_bits_unless_they_come_as_npy() -> None:
    seen: list[Any] = []

    def predict_fn(data: Any, model: Any) -> Any:
        seen.append(data.dtype)
        return data

    worker = client(predict_fn=predict_fn)
    post(worker, "[[1, 2]]", "application/json")
    post(worker, "1,2\n3,4", "text/csv")
    post(worker, encoders.array_to_npy([[1, 2]]), "application/x-npy")
    assert seen == [np.float32, np.float32, np.int64]


@pytest.mark.parametrize(
    ("accept", "body", "mimetype"),
    [
        (None, "[2.0, 4.0]", "application/json"),
        ("*/*", "[2.0, 4.0]", "application/json"),
        ("text/csv", "2.0\n4.0\n", "text/csv"),
    ],
)
def test_the_answer_is_what_the_client_accepts(
    accept: str | None, body: str, mimetype: str
) -> None:
    answer = post(client(), "1,2", "text/csv", **({"Accept": accept} if accept else {}))
    assert (answer.get_data(as_text=True), answer.mimetype) == (body, mimetype)


@pytest.mark.parametrize("accept", [None, "*/*"])
def test_the_default_of_what_is_accepted_is_a_variable(
    monkeypatch: pytest.MonkeyPatch, accept: str | None
) -> None:
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    answer = post(client(), "1,2", "text/csv", **({"Accept": accept} if accept else {}))
    assert (answer.data, answer.mimetype) == (b"2.0\n4.0\n", "text/csv")


@pytest.mark.parametrize("xgboost", [False, True])
@pytest.mark.parametrize(
    ("content_type", "accept"),
    [("image/png", "application/json"), ("text/csv", "image/png")],
)
def test_a_format_that_is_not_known_is_the_script_s_error(
    caplog: pytest.LogCaptureFixture, xgboost: bool, content_type: str, accept: str
) -> None:
    """Not 415 or 406: these images hand their defaults over as if they were the script's own."""
    worker = client(xgboost, predict_fn=lambda data, model: [1])
    answer = post(worker, "1,2", content_type, Accept=accept)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert answer.get_data(as_text=True).startswith(HTML)
    assert "Content type image/png is not supported by this framework." in caplog.text


def test_text_reaches_a_script_as_text_and_everything_else_as_bytes() -> None:
    seen: list[Any] = []

    def input_fn(content: Any, content_type: str) -> Any:
        seen.append((content, content_type))
        return np.array([1])

    worker = client(input_fn=input_fn)
    for content_type in ("application/json", "text/csv", "text/plain", "text/csv; charset=utf-8"):
        post(worker, "ä".encode(), content_type)
    assert seen == [
        ("ä", "application/json"), ("ä", "text/csv"), ("ä".encode(), "text/plain"),
        ("ä".encode(), "text/csv; charset=utf-8"),
    ]  # fmt: skip


def test_the_three_functions_get_what_the_last_one_returned() -> None:
    worker = client(
        input_fn=lambda content, content_type: content.split(),
        predict_fn=lambda data, model: [len(data), type(model).__name__],
        output_fn=lambda prediction, accept: f"{prediction} as {accept}",
    )
    answer = post(worker, b"a b c", "text/plain", Accept="image/png")
    # What is said of a text alone is Flask's, whatever the client accepts.
    assert (answer.data, answer.mimetype) == (b"[3, 'Doubles'] as image/png", "text/html")


@pytest.mark.parametrize(
    ("returned", "status", "mimetype"),
    [
        (("<p>yes</p>", "text/html"), 200, "text/html"),
        (Response("yes", status=201, mimetype="text/plain"), 201, "text/plain"),
        (Response("yes", "text/csv"), 200, "application/json"),
        (flask.Response("yes", mimetype="text/csv"), 200, "text/csv"),
        (b"yes", 200, "text/html"),
    ],
)
def test_what_output_fn_may_return(returned: Any, status: int, mimetype: str) -> None:
    answer = post(client(output_fn=lambda prediction, accept: returned), "[1]")
    assert (answer.status_code, answer.mimetype) == (status, mimetype)
    assert b"yes" in answer.data


@pytest.mark.parametrize(
    "defined",
    [
        {"output_fn": lambda prediction, accept: None},
        {"output_fn": lambda prediction, accept: 5},
        {"predict_fn": lambda data, model: data["no such column"]},
        {"input_fn": lambda content, content_type: int("x")},
        {"transform_fn": lambda model, content, content_type, accept: None},
    ],
)
def test_what_a_script_does_wrong_is_a_page_of_html_without_the_reason(
    defined: dict[str, Any],
) -> None:
    answer = post(client(**defined), "[1]")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert answer.get_data(as_text=True).startswith(HTML)
    assert "Error:" not in answer.get_data(as_text=True)


def test_none_of_input_fn_reaches_predict_fn() -> None:
    assert client(input_fn=lambda content, content_type: None).get("/ping").status_code == 200
    answer = post(
        client(
            input_fn=lambda content, content_type: None,
            predict_fn=lambda data, model: [data is None],
        ),
        "[1]",
    )
    assert answer.json == [True]


def test_transform_fn_answers_alone() -> None:
    def transform_fn(model: Any, content: Any, content_type: str, accept: str) -> Any:
        return f"{type(model).__name__} {content} {content_type} {accept}", "text/plain"

    answer = post(client(transform_fn=transform_fn), "a,b", "text/csv", Accept="image/png")
    assert (answer.data, answer.mimetype) == (b"Doubles a,b text/csv image/png", "text/plain")


@pytest.mark.parametrize("other", ["input_fn", "predict_fn", "output_fn"])
def test_transform_fn_stands_beside_none_of_the_three(other: str) -> None:
    with pytest.raises(UserError) as refused:
        client(transform_fn=lambda *_: "", **{other: lambda *_: ""})
    assert str(refused.value) == (
        "Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn"
    )


def test_execution_parameters_are_scikit_learn_s_alone() -> None:
    """XGBoost's container hands the function of a script to nobody."""
    own = {"execution_parameters_fn": lambda: {"BatchStrategy": "SINGLE_RECORD"}}
    answer = client(**own).get("/execution-parameters")
    assert (answer.status_code, answer.json) == (200, {"BatchStrategy": "SINGLE_RECORD"})
    assert client().get("/execution-parameters").status_code == 404
    assert client(True, **own).get("/execution-parameters").status_code == 404


def test_xgboost_s_defaults_are_a_dmatrix_and_names_that_do_not_matter() -> None:
    model = Doubles()
    model.predict = lambda data, **settings: (data.num_col(), settings)  # type: ignore[method-assign]
    seen = []

    def output_fn(prediction: Any, accept: str) -> str:
        seen.append(prediction)
        return "done"

    worker = client(True, model_fn=lambda folder: model, output_fn=output_fn)
    assert post(worker, "1;2;3", "text/csv; charset=utf-8").status_code == 200
    assert seen == [(3, {"validate_features": False})]
    assert post(worker, "[1]", "application/json").status_code == 500


def test_only_posts_are_invocations() -> None:
    assert client().get("/invocations").status_code == 405
