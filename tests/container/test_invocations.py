"""What the server answers: behind nginx as on SageMaker, and gunicorn alone as under labcloud."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .programs import SECONDS, serving

FLOWERS = "5.0,3.6,1.4,0.2\n7.2,3.6,6.1,2.5\n"
SPECIES = ["setosa", "virginica"]


@pytest.fixture(scope="module", params=["nginx", "gunicorn"])
def client(request: pytest.FixtureRequest, trained: Path) -> Iterator[httpx.Client]:
    with serving(trained, nginx=request.param == "nginx") as server:
        assert ("nginx listens" in server.said) is (request.param == "nginx")
        yield server.client
    assert server.exit_code() == 0


def post(client: httpx.Client, body: str | bytes, kind: str = "text/csv", **headers: str) -> str:
    answer = client.post("/invocations", content=body, headers={"Content-Type": kind, **headers})
    assert answer.status_code == 200, answer.text
    return answer.text


def refused(client: httpx.Client, status: int, body: str | bytes, kind: str = "text/csv") -> str:
    """The sentence with which a request is refused."""
    answer = client.post("/invocations", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.count("\n") == 1
    return answer.text.rstrip()


def test_a_ping_is_answered(client: httpx.Client) -> None:
    assert client.get("/ping").status_code == 200


def test_batch_transform_learns_the_parameters(client: httpx.Client) -> None:
    assert client.get("/execution-parameters").json() == {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=utf-8", "Text/CSV;charset=ascii"])
def test_csv_gets_csv(client: httpx.Client, kind: str) -> None:
    assert post(client, FLOWERS, kind) == "setosa\nvirginica\n"


def test_a_last_line_needs_no_end(client: httpx.Client) -> None:
    assert post(client, "5.0,3.6,1.4,0.2") == "setosa\n"


def test_windows_and_excel_are_understood(client: httpx.Client) -> None:
    assert post(client, '\ufeff"5.0","3.6",1.4, 0.2\r\n\r\n7.2,3.6,6.1,2.5\r\n') == (
        "setosa\nvirginica\n"
    )


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"instances": rows}])
def test_json_gets_json(client: httpx.Client, wrap: object) -> None:
    assert callable(wrap)
    body = json.dumps(wrap([[5.0, 3.6, 1.4, 0.2], [7.2, 3.6, 6.1, 2]]))
    assert json.loads(post(client, body, "application/json")) == {"predictions": SPECIES}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("*/*", "text/csv"),
        ("application/*", "application/json"),
        ("image/png, application/json;q=0.5, text/csv;q=0.1", "application/json"),
    ],
)
def test_the_client_chooses_the_answer(client: httpx.Client, accept: str, kind: str) -> None:
    answer = client.post(
        "/invocations",
        content=FLOWERS,
        headers={"Content-Type": "text/csv", "Accept": accept},
    )
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    found = answer.json()["predictions"] if "json" in kind else answer.text.split()
    assert found == SPECIES


def test_an_answer_that_it_cannot_give(client: httpx.Client) -> None:
    answer = client.post(
        "/invocations",
        content=FLOWERS,
        headers={"Content-Type": "text/csv", "Accept": "image/png"},
    )
    assert answer.status_code == 406
    assert answer.text == "None of image/png can be had. Accept text/csv or application/json.\n"


@pytest.mark.parametrize(
    "kind", ["application/x-npy", "text/libsvm", "application/octet-stream", "nonsense"]
)
def test_a_content_type_that_it_cannot_read(client: httpx.Client, kind: str) -> None:
    assert refused(client, 415, FLOWERS, kind) == (
        f"The content type {kind} is not supported. Send text/csv or application/json."
    )


def test_no_content_type(client: httpx.Client) -> None:
    request = client.build_request("POST", "/invocations", content=FLOWERS)
    answer = client.send(request)
    assert answer.status_code == 415
    assert answer.text.startswith("The content type (none) is not supported.")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty. Send at least one row."),
        (b"\n \n", "The body is empty. Send at least one row."),
        (b"1,2,3\n", "Row 1 has 3 values, the model takes 4."),
        (b"1,2,3,4\n1,2,3,4,5,6\n", "Row 2 has 6 values, the model takes 4."),
        (
            b"setosa,1,2,3,4\n",
            "Row 1 has 5 values, the model takes 4. Leave the label out.",
        ),
        (b"a,b,c,d\n", "Row 1 has 'a' where a number is expected."),
        (b"1,2,3,\n", "Row 1 has '' where a number is expected."),
        (b"1,2,3,nan\n", "Row 1 has 'nan' where a number is expected."),
        (b"1,2,3,1e39\n", "Row 1 has '1e39' where a number is expected."),
        (b"\xff\xfe\n", "The body is not text in utf-8."),
        (
            b"9" * 200_000,
            "The body is not CSV: field larger than field limit (131072).",
        ),
    ],
)
def test_csv_that_it_cannot_predict(client: httpx.Client, body: bytes, sentence: str) -> None:
    assert refused(client, 400, body) == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "The body is not JSON: "),
        ("[" * 100_000, "The body is not JSON: "),
        ("[]", "The JSON must be a list of rows, or an object "),
        ('{"rows": [[1, 2, 3, 4]]}', "The JSON must be a list of rows, or an object "),
        ('"text"', "The JSON must be a list of rows, or an object "),
        ("[1, 2, 3, 4]", "Row 1 is not a list of numbers."),
        ('[[1, 2, 3, "4"]]', "Row 1 is not a list of numbers."),
        ("[[1, 2, 3, true]]", "Row 1 is not a list of numbers."),
        ("[[1, 2, 3, [4]]]", "Row 1 is not a list of numbers."),
        ("[[1, 2, 3]]", "Row 1 has 3 values, the model takes 4."),
        ("[[1, 2, 3, NaN]]", "Row 1 has nan where a number is expected."),
        (
            f"[[1, 2, 3, 1{'0' * 400}]]",
            "Row 1 has 1000",
        ),
    ],
)
def test_json_that_it_cannot_predict(client: httpx.Client, body: str, sentence: str) -> None:
    assert refused(client, 400, body, "application/json").startswith(sentence)


def test_a_charset_that_nobody_has(client: httpx.Client) -> None:
    assert refused(client, 415, FLOWERS, "text/csv; charset=klingon") == (
        "The charset klingon is unknown. Send UTF-8."
    )


def test_a_body_that_is_too_large(client: httpx.Client) -> None:
    """Refused by its announced length, before it is sent."""
    where = (client.base_url.host, client.base_url.port)
    with socket.create_connection(where, SECONDS) as connection:
        connection.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: here\r\nContent-Type: text/csv\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % (101 * 1024 * 1024)
        )
        received = b""
        # Not to the end of the connection: nginx lingers for 5 seconds, in case more is sent.
        while not received.endswith(b"MB.\n") and (chunk := connection.recv(65536)):
            received += chunk
    head, _, sentence = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nContent-Type: text/plain" in head
    assert sentence == b"The body is larger than 100 MB.\n"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("PUT", "/ping", 405)])
def test_what_is_not_there(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_batch_of_many_rows(client: httpx.Client) -> None:
    """What batch transform sends with MULTI_RECORD: as many lines as fit into 6 MB."""
    rows = 300_000
    body = FLOWERS * (rows // 2)
    answer = post(client, body, Accept="text/csv")
    assert answer == "setosa\nvirginica\n" * (rows // 2)
