"""`serve` watches its servers: signals, crashes, a model that is broken, the places it listens."""

from __future__ import annotations

import concurrent.futures
import io
import pickle
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import joblib
import psutil
import pytest

from .programs import PROGRAM, SECONDS, Server, environment, serving

ROW = b"5.0,3.6,1.4,0.2\n"

both = pytest.mark.parametrize("nginx", [True, False])


def half_a_request(port: int) -> socket.socket:
    """A connection whose request the server has begun to read: it asks for the body."""
    connection = socket.create_connection(("127.0.0.1", port), SECONDS)
    connection.sendall(
        b"POST /invocations HTTP/1.1\r\nHost: here\r\nContent-Type: text/csv\r\n"
        b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(ROW)
    )
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def answer(connection: socket.socket) -> bytes:
    with connection, io.BytesIO() as read:
        while chunk := connection.recv(65536):
            read.write(chunk)
        return read.getvalue()


@both
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_requests_are_finished(trained: Path, nginx: bool, number: signal.Signals) -> None:
    with serving(trained, nginx=nginx) as server:
        connection = half_a_request(server.port)
        server.process.send_signal(number)
        server.until("Stopping.")
        connection.sendall(ROW)
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 200 OK"), received
        assert received.endswith(b"setosa\n")
        assert server.exit_code() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{server.port}/ping", trust_env=False)


@both
def test_no_request_is_lost_while_it_stops(trained: Path, nginx: bool) -> None:
    """Whoever has been let in gets an answer; the others cannot connect."""
    with (
        serving(trained, nginx=nginx, MODEL_SERVER_WORKERS="2") as server,
        concurrent.futures.ThreadPoolExecutor(8) as pool,
    ):
        url = f"http://127.0.0.1:{server.port}/invocations"
        headers = {"Content-Type": "text/csv", "Connection": "close"}

        def ask() -> int:
            try:
                return httpx.post(
                    url, content=ROW, headers=headers, timeout=SECONDS, trust_env=False
                ).status_code
            except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
                # Refused, or reset: the kernel had taken the connection, the server had not.
                return 0

        results = [pool.submit(ask) for _ in range(100)]
        next(concurrent.futures.as_completed(results))
        server.process.terminate()
        statuses = {result.result() for result in results}
        assert 200 in statuses
        assert statuses <= {0, 200}
        assert server.exit_code() == 0


@both
def test_idle_connections_do_not_delay_the_end(trained: Path, nginx: bool) -> None:
    with serving(trained, nginx=nginx) as server:
        assert server.client.get("/ping").status_code == 200
        server.process.terminate()
        # Less than SageMaker's 30 seconds, and than serve's own 25.
        assert server.process.wait(20) == 0


@both
def test_the_end_of_gunicorn_is_the_end(trained: Path, nginx: bool) -> None:
    with serving(trained, nginx=nginx) as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        server.master("gunicorn").kill()
        assert server.exit_code() == 1
        assert "serve: gunicorn has ended (signal 9)." in server.said
        _, alive = psutil.wait_procs(family, SECONDS)
        assert not alive


def test_the_end_of_nginx_is_the_end(trained: Path) -> None:
    with serving(trained, nginx=True) as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        server.master("nginx").kill()
        assert server.exit_code() == 1
        assert "serve: nginx has ended (signal 9)." in server.said
        _, alive = psutil.wait_procs(family, SECONDS)
        assert not alive


def test_a_worker_that_dies_is_replaced(trained: Path) -> None:
    with serving(trained) as server:
        (worker,) = server.master("gunicorn").children()
        worker.kill()
        worker.wait(SECONDS)
        assert server.client.get("/ping").status_code == 200
        assert server.process.poll() is None


def test_nothing_is_left_in_tmp(trained: Path, tmp_path: Path) -> None:
    with serving(trained, TMPDIR=str(tmp_path)) as server:
        server.process.terminate()
        assert server.exit_code() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_ends_it(trained: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:
        done = run(trained, {"SAGEMAKER_BIND_TO_PORT": str(other.getsockname()[1])})
    assert done.returncode == 1
    assert "serve: gunicorn has ended (exit code 1)." in done.stdout


@pytest.mark.parametrize("value", ["0", "-1", "many", ""])
@pytest.mark.parametrize(
    "name", ["SAGEMAKER_BIND_TO_PORT", "MODEL_SERVER_WORKERS", "MODEL_SERVER_TIMEOUT"]
)
def test_its_environment_is_checked(trained: Path, name: str, value: str) -> None:
    done = run(trained, {name: value})
    assert done.returncode == 1
    assert done.stderr == f"serve: {name} is {value!r}. It must be a whole number above 0.\n"


def run(ml: Path, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM / "serve"],
        env=environment(ml) | (more or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_without_nginx_it_says_so(trained: Path) -> None:
    with serving(trained) as server:
        expected = f"There is no nginx here: gunicorn itself listens on port {server.port}."
        assert expected in server.said


def test_gunicorn_listens_on_a_socket_of_the_file_system(trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with serving(trained, socket_path=path, MODEL_SERVER_BIND=f"unix:{path}") as server:
        predicts(server)


def test_gunicorn_takes_over_a_socket_that_listens_already(trained: Path, tmp_path: Path) -> None:
    """So labcloud's clients wait for a server that is not up yet, and do not fail."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        bind = f"fd://{listening.fileno()}"
        with serving(
            trained, socket_path=path, inherited=listening, MODEL_SERVER_BIND=bind
        ) as server:
            predicts(server)


def predicts(server: Server) -> None:
    found = server.client.post("/invocations", content=ROW, headers={"Content-Type": "text/csv"})
    assert found.text == "setosa\n"


def no_model(model: Path) -> None:
    model.unlink()


def cut_off(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:100])


def something_else(model: Path) -> None:
    joblib.dump({"a": 1}, model)


def of_another_program(model: Path) -> None:
    """A pickle of a class that is not there."""
    model.write_bytes(pickle.dumps(Server).replace(b"Server", b"Nobody"))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (no_model, "There is no model at {}."),
        (cut_off, "The model at {} cannot be loaded."),
        (of_another_program, "The model at {} cannot be loaded."),
        (something_else, "The model at {} is not a decision tree."),
    ],
)
def test_a_broken_model_fails_the_ping(
    trained: Path, tmp_path: Path, damage: Callable[[Path], Any], sentence: str
) -> None:
    ml = tmp_path / "ml"
    shutil.copytree(trained / "model", ml / "model")
    model = ml / "model" / "model.joblib"
    damage(model)
    with serving(ml) as server:
        pinged = server.client.get("/ping")
        asked = server.client.post("/invocations", content=ROW)
        assert (pinged.status_code, asked.status_code) == (500, 500)
        assert pinged.text == asked.text == sentence.format(model) + "\n"
        # A model that comes later is found.
        shutil.copy(trained / "model" / "model.joblib", model)
        assert server.client.get("/ping").status_code == 200
