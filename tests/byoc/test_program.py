"""Programs of published images where the kernel gives no namespaces; elsewhere, tests/e2e/byoc."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labcloud.containers.contract import Contract
from labcloud.containers.engine import CannotStart, ContainerSpec
from labcloud.containers.published.images import PublishedImage, write_plan

from ..container.programs import CONTAINER, SECONDS

# The kernel's refusal is the only thing here that is played.
_RUN = """
import pathlib, socket, sys
from labcloud.containers.published import private, program

def refuse(*_, **__):
    raise private.Forbidden("unshare: Operation not permitted")

private.enter = refuse
root, plan, *descriptor = sys.argv[1:]
sock = socket.socket(fileno=int(descriptor[0])) if descriptor else None
sys.exit(program.main(pathlib.Path(root), pathlib.Path(plan), sock))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    contract = Contract(tmp_path / "ml")
    contract.create()
    return contract.root


def script(tmp_path: Path, name: str, text: str, more: str = "") -> PublishedImage:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        f"FROM base\nWORKDIR /opt/program\nCOPY {name} .\nENV PATH=/opt/program:$PATH\n{more}"
    )
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)
    return PublishedImage.load(folder)


def begin(
    image: PublishedImage, root: Path, word: str, sock: socket.socket | None = None, **more: Any
) -> subprocess.Popen[str]:
    """The program, as the nursery's child would run it."""
    spec = ContainerSpec(image="image", root=root, **more)
    plan, environment = image.prepare(spec, word, root / "sets")
    descriptor = [str(sock.fileno())] if sock else []
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, str(root), str(write_plan(spec, plan)), *descriptor],
        env={"PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        pass_fds=[sock.fileno()] if sock else [],
    )  # fmt: skip


def run(*arguments: Any, **more: Any) -> tuple[int, list[str]]:
    """Its exit code and what it has printed, but the note that begins every log."""
    process = begin(*arguments, **more)
    lines = process.communicate(timeout=SECONDS)[0].splitlines()
    assert lines[0].startswith("[labcloud] Without Docker:")
    return process.returncode, lines[1:]


def test_it_learns_where_its_opt_ml_is(tmp_path: Path, root: Path) -> None:
    image = script(tmp_path, "train", "#!/bin/sh\necho $SAGEMAKER_BASE_DIR\npwd\nexit 3\n")
    code, lines = run(image, root, "train")
    assert code == 3
    assert lines == [
        "[labcloud] This machine gives a process no /opt/ml of its own (unshare: Operation not "
        "permitted). SAGEMAKER_BASE_DIR says where it is instead; a program that does not ask for "
        "it needs Docker.",
        str(root),
        str(root / "tmp" / "image" / "opt" / "program"),
    ]


def test_isolation_that_cannot_be_had_is_said(tmp_path: Path, root: Path) -> None:
    _, lines = run(script(tmp_path, "train", "#!/bin/sh\n"), root, "train", isolated=True)
    assert lines[1] == (
        "[labcloud] EnableNetworkIsolation has no effect here: that needs Docker, too."
    )


def test_an_entrypoint_of_the_image_is_found_where_its_files_are(
    tmp_path: Path, root: Path
) -> None:
    entrypoint = 'ENTRYPOINT ["python3", "/opt/program/main.py"]\n'
    image = script(tmp_path, "main.py", "import sys\nprint(sys.argv[1])\n", entrypoint)
    assert run(image, root, "train")[1][-1] == "train"


def test_a_job_may_bring_its_own_entrypoint(tmp_path: Path, root: Path) -> None:
    image = script(tmp_path, "other", "#!/bin/sh\necho other $@\n")
    _, lines = run(image, root, "train", entrypoint=("other",), arguments=("a", "b"))
    assert lines[-1] == "other a b"


def test_a_program_that_is_none_cannot_start(tmp_path: Path, root: Path) -> None:
    image = script(tmp_path, "train", "#!/no/such/interpreter\n")
    code, lines = run(image, root, "train")
    assert code == 127
    assert lines[1:] == ['[labcloud] exec: "train": executable file not found in $PATH']
    with pytest.raises(CannotStart, match='exec: "serve": executable file not found'):
        image.prepare(ContainerSpec(image="image", root=root), "serve", root / "sets")


def test_sigterm_reaches_the_program_and_no_one_else(tmp_path: Path, root: Path) -> None:
    text = "#!/bin/sh\ntrap 'echo heard; exit 5' TERM\necho up\nwhile :; do sleep 0.05; done\n"
    process = begin(script(tmp_path, "train", text), root, "train")
    assert process.stdout
    while process.stdout.readline() != "up\n":
        pass
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=SECONDS)[0]
    assert (process.returncode, said) == (5, "heard\n")


def test_a_sigterm_that_comes_at_once_is_handed_on_too(tmp_path: Path, root: Path) -> None:
    """From the program itself: nobody can send one sooner."""
    text = "#!/bin/sh\ntrap 'exit 5' TERM\nkill -TERM $PPID\nwhile :; do sleep 0.05; done\n"
    assert run(script(tmp_path, "train", text), root, "train")[0] == 5


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        sock.listen()
        yield sock


def test_the_course_s_container_serves_on_the_socket_that_it_is_given(
    tmp_path: Path, root: Path, listening: socket.socket
) -> None:
    image = PublishedImage.load(CONTAINER)
    process = begin(image, root, "serve", listening, environment={"MODEL_SERVER_WORKERS": "1"})
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(tmp_path / "s"))) as client:
            answer = client.get("http://model/ping", timeout=SECONDS)
        assert answer.status_code == 500
        assert answer.text == f"There is no model at {root}/model/model.joblib.\n"
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
