"""Serving answers as AWS's container did when it was recorded."""

from __future__ import annotations

import contextlib
import json
import pickle
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import xgboost as xgb

from labcloud.algorithms import recordio
from labcloud.algorithms.xgboost.serve import create_app

from ..served import served as app_served

CASES = json.loads((Path(__file__).parents[2] / "golden" / "xgboost-serving.json").read_text())[
    "cases"
]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
ROW = "-0.08543,0.05068,-0.0407,-0.03321,-0.08137,-0.06958,-0.00658,-0.03949,-0.0578,-0.0425"

Trained = Callable[[str], Path]


def served(
    root: Path, environment: Mapping[str, str] | None = None
) -> contextlib.AbstractContextManager[httpx.Client]:
    """A client of a server, on a port of its own, of the model in `root`."""
    return app_served(create_app(root, environment or {}))


@pytest.fixture(scope="module")
def client_of(trained: Trained) -> Iterator[Callable[[str, Mapping[str, str]], httpx.Client]]:
    """A client of a recorded model in an environment; one server for all tests that ask for it."""
    clients: dict[str, httpx.Client] = {}
    with contextlib.ExitStack() as stack:

        def of(model: str, environment: Mapping[str, str]) -> httpx.Client:
            key = f"{model} {sorted(environment.items())}"
            if key not in clients:
                clients[key] = stack.enter_context(served(trained(model), environment))
            return clients[key]

        yield of


def post(
    client: httpx.Client, body: str | bytes, content_type: str = "text/csv", **headers: str
) -> Any:
    return client.post(
        "/invocations", content=body, headers={"content-type": content_type} | headers
    )


def assert_same_text(ours: str, theirs: str) -> None:
    """The same but for floats, which may differ by 1e-4 of their value."""
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
    found, expected = (
        [float(number) for number in NUMBER.findall(text)] for text in (ours, theirs)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_recorded_case(case: dict[str, Any], client_of: Any) -> None:
    batch = {"SAGEMAKER_BATCH": "true"} if case["batch"] else {}
    request, expected = case["request"], case["expected"]
    headers = {
        name: request[key]
        for name, key in (("content-type", "content_type"), ("accept", "accept"))
        if request[key] is not None
    }
    client = client_of(case["model"], case["environment"] | batch)
    answer = client.request(
        request["method"], request["path"], content=request["body"], headers=headers
    )
    assert answer.status_code == expected["status"]
    assert answer.headers["content-type"] == expected["content_type"]
    if expected["body"] is not None:
        assert_same_text(answer.text, expected["body"])
    if "body_starts_with" in expected:
        assert answer.text.startswith(expected["body_starts_with"])
    if "json_keys" in expected:
        assert set(answer.json()) == set(expected["json_keys"])


def test_a_request_without_content_type_is_libsvm(trained: Trained) -> None:
    with served(trained("regression")) as client:
        answer = client.post("/invocations", content=f"0 0:{ROW.split(',')[0]} 1:0.05068")
    assert answer.status_code == 200


def test_libsvm_counts_from_zero_or_one(trained: Trained) -> None:
    values = ROW.split(",")
    with served(trained("regression")) as client:
        answers = {
            post(client, " ".join(f"{n + first}:{v}" for n, v in enumerate(values)), "libsvm").text
            for first in (0, 1)
        }
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        ("   ", "text/csv", 415, "<class '_csv.Error'>\n Could not determine delimiter"),
        ("1,2\n3", "text/csv", 415, "inhomogeneous shape after 1 dimensions"),
        ("1,2\n\n3,4", "text/csv", 415, "inhomogeneous shape"),
        ("1,inf", "text/csv", 415, "Loading csv data failed with Exception"),
        (b"\xff,1", "text/csv", 415, "<class 'UnicodeDecodeError'>"),
        ("1,2", "text/csv; label_size=2", 415, "label_size must be equal to 1"),
        ("0 a:1", "libsvm", 415, "invalid literal for int() with base 10: 'a'"),
        ("0 1:a", "libsvm", 415, "could not convert string to float: np.str_('a')"),
        ("1,2,3", "libsvm", 415, "Loading libsvm data failed with Exception"),
        ("1,2,3", "parquet", 415, "Content-type parquet is not supported."),
        ("1,2,3", "recordio-protobuf", 415, "Loading recordio-protobuf data failed"),
        (ROW, "TEXT/CSV", 200, ""),
        (ROW, "text/csv;label_size=1; charset=utf-8", 200, ""),
    ],
)
def test_bodies(
    trained: Trained, body: str | bytes, content_type: str, status: int, message: str
) -> None:
    with served(trained("regression")) as client:
        answer = post(client, body, content_type)
    assert answer.status_code == status
    assert message in answer.text


@pytest.mark.parametrize("accept", ["application/jsonlines", "application/x-recordio-protobuf"])
def test_what_can_be_accepted_but_not_encoded(trained: Trained, accept: str) -> None:
    with served(trained("regression")) as client:
        answer = post(client, ROW, accept=accept)
    assert answer.status_code == 500
    assert "SAGEMAKER_INFERENCE_OUTPUT" in answer.text


def test_the_default_accept_can_be_set(trained: Trained) -> None:
    default = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json"}
    with served(trained("regression"), default) as client:
        assert "predictions" in post(client, ROW, accept="*/*").json()
        assert post(client, ROW, accept="text/csv; q=0.5").text.startswith("83.17")


def test_recordio_in_and_out(trained: Trained) -> None:
    selected = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label, Probabilities"}
    features = recordio.write([{"values": [5.9, 3.0, 5.1, 1.8]}])
    # The same message but for the field's number: features are 1, labels 2.
    request = features.replace(b"\x12", b"\x0a", 1)
    accept = "application/x-recordio-protobuf"
    with served(trained("softprob"), selected) as client:
        answer = post(client, request, accept, accept=accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == accept
    assert b"predicted_label" in answer.content
    assert np.float32(2.0).tobytes() in answer.content


@pytest.mark.parametrize(
    ("model", "selected", "expected"),
    [
        ("softmax", "predicted_label,labels,raw_scores",
         {"predicted_label": 2.0, "labels": [0, 1, 2], "raw_scores": [-1.0, 2.0]}),
        ("binary-hinge", "labels,raw_score", {"labels": [0, 1], "raw_score": 1.0}),
        ("regression", "predicted_score", {"predicted_score": pytest.approx(83.1755, rel=1e-4)}),
        ("binary", "probabilities",
         {"probabilities": [pytest.approx(0.0396, rel=1e-2), pytest.approx(0.9603, rel=1e-3)]}),
    ],
)  # fmt: skip
def test_selected_outputs(
    trained: Trained, recorded: Any, model: str, selected: str, expected: dict[str, Any]
) -> None:
    row = recorded["cases"][model]["expected"]["probe_rows"][0]
    with served(trained(model), {"SAGEMAKER_INFERENCE_OUTPUT": selected}) as client:
        answer = post(client, ",".join(map(str, row)), accept="application/json")
    assert answer.json() == {"predictions": [expected]}


def test_an_output_that_the_objective_lacks_is_not_a_number(trained: Trained) -> None:
    selected = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_score,probability"}
    with served(trained("regression"), selected) as client:
        assert re.fullmatch(r"83\.17\d+,nan", post(client, ROW).text)


def test_an_objective_without_outputs_to_select(trained: Trained) -> None:
    with served(trained("tweedie"), {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_score"}) as client:
        assert post(client, ROW).status_code == 200
    with served(trained("pseudohuber"), {"SAGEMAKER_INFERENCE_OUTPUT": "labels"}) as client:
        answer = post(client, ROW)
    assert answer.status_code == 500
    assert answer.text.startswith("Objective `reg:pseudohubererror` unsupported")


def test_the_folds_of_a_cross_validation_answer_with_their_mean(trained: Trained) -> None:
    root = trained("kfold")
    row = np.array([[float(value) for value in ROW.split(",")]])
    each = [
        xgb.Booster(model_file=str(root / "model" / f"xgboost-model-{fold}")).inplace_predict(row)
        for fold in range(3)
    ]
    with served(root) as client:
        assert float(post(client, ROW).text) == pytest.approx(float(np.mean(each)), rel=1e-6)
    with served(root, {"SAGEMAKER_INFERENCE_ENSEMBLE": "false"}) as client:
        assert float(post(client, ROW).text) == pytest.approx(float(each[0][0]), rel=1e-6)


def test_the_folds_of_a_classification_vote(train: Any, recorded: Any) -> None:
    keys = recorded["cases"]["softmax"]["channels"]
    channels = {name: recorded["files"][key] for name, key in keys.items()}
    outcome = train(
        {"objective": "multi:softmax", "num_class": "3", "num_round": "5", "_kfold": "3"}, channels
    )
    assert outcome.code == 0, outcome.failure
    with served(outcome.root) as client:
        assert post(client, "5.9,3.0,5.1,1.8\n5.0,3.5,1.3,0.3").text == "2.0\n0.0\n"


def test_models_of_other_kinds(trained: Trained, recorded: Any) -> None:
    """Boosters that cannot predict from an array in place, and with missing columns."""
    for model in ("gblinear", "libsvm"):
        row = recorded["cases"][model]["expected"]["probe_rows"][0]
        with served(trained(model)) as client:
            assert post(client, ",".join(map(str, row))).status_code == 200
            assert post(client, ",".join(map(str, row[:-1]))).status_code == 200


def test_a_pickled_model_is_checked_for_its_columns(trained: Trained, tmp_path: Path) -> None:
    booster = xgb.Booster(model_file=str(trained("regression") / "model" / "xgboost-model"))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(pickle.dumps(booster))
    with served(tmp_path) as client:
        assert_same_text(post(client, ROW).text, "83.17556762695312\n")
        answer = post(client, "1,2,3")
    assert answer.status_code == 400
    assert "Feature size of csv inference data 3 is not consistent" in answer.text


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_model_that_cannot_be_loaded(tmp_path: Path, content: bytes | None) -> None:
    (tmp_path / "model").mkdir()
    if content is not None:
        (tmp_path / "model" / "xgboost-model").write_bytes(content)
    with served(tmp_path) as client:
        assert client.get("/ping").status_code == 500
        answer = post(client, ROW)
    assert answer.status_code == 500
    assert answer.text.startswith("Unable to load model: ")
    assert str(tmp_path) not in answer.text


def test_a_body_over_the_limit(trained: Trained) -> None:
    with served(trained("regression"), {"MAX_CONTENT_LENGTH": "2097152"}) as client:
        assert client.get("/execution-parameters").json()["MaxPayloadInMB"] == 2
        assert post(client, "1" * 2097153).status_code == 413


def test_large_bodies_are_answered_row_by_row(trained: Trained) -> None:
    with served(trained("regression")) as client:
        answer = post(client, "\n".join([ROW] * 2000))
    assert answer.text == post_once(trained) * 2000


def post_once(trained: Trained) -> str:
    with served(trained("regression")) as client:
        text: str = post(client, ROW).text
        return text


def test_only_post_invokes(trained: Trained) -> None:
    with served(trained("regression")) as client:
        assert client.get("/invocations").status_code == 405


SERVE = """
import os, socket, sys
from pathlib import Path
from labcloud.algorithms.xgboost.serve import main
sys.exit(main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])), os.environ))
"""


def test_a_server_on_a_bound_socket_until_sigterm(trained: Trained) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        command = [sys.executable, "-c", SERVE, str(trained("regression"))]
        with subprocess.Popen(
            [*command, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            stdout=subprocess.PIPE,
        ) as server:
            # It listens already: this waits until the server accepts.
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/invocations", ROW.encode(), {"content-type": "text/csv"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert_same_text(answer.read().decode(), "83.17556762695312\n")
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0


def test_a_server_on_a_unix_socket(trained: Trained, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        command = [sys.executable, "-c", SERVE, str(trained("regression"))]
        with subprocess.Popen(
            [*command, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            stdout=subprocess.PIPE,
        ) as server:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(tmp_path / "s"))
                client.sendall(b"GET /ping HTTP/1.1\r\nHost: model\r\nConnection: close\r\n\r\n")
                assert client.recv(64).startswith(b"HTTP/1.1 200 OK")
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0
