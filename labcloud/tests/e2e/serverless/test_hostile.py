"""Functions that do what none should: whatever they do, the server and the others go on."""

from __future__ import annotations

import re

import psutil
import pytest

from labcloud_support.lambdas import Lambdas
from labcloud_support.life import eventually
from labcloud_support.memory import MB, Watch

HOSTILE = """
import os, subprocess, sys, time
print("loaded")
def never_returns(event, context):
    # A session of its own, and nobody who waits for it.
    subprocess.Popen(["sleep", "86421"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    print("begun", flush=True)
    time.sleep(600)
def leaks(event, context):
    kept = []
    while True:
        kept.append(b"x" * 2**22)
        # Slower than this machine fills: its memory is looked at ten times a second.
        time.sleep(0.005)
def its_child_leaks(event, context):
    if os.fork() == 0:
        leaks(event, context)
    time.sleep(600)
def forks_with_much(event, context):
    # Two children share what their parent has: together they have it once.
    kept = b"x" * (60 * 2**20)
    children = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            # Long enough to be looked at.
            time.sleep(0.5)
            os._exit(len(kept) & 0)
        children.append(os.waitpid(pid, 0)[1] if event else pid)
    return [os.waitpid(pid, 0)[1] for pid in children]
def prints(event, context):
    for _ in range(event):
        sys.stdout.write(("y" * 1023 + "\\n") * 1024)
    print("the last line")
    return "printed"
def leaves(event, context):
    sys.exit(event)
def dies(event, context):
    os.kill(os.getpid(), 11)
def large(event, context):
    return "x" * event
def sets(event, context):
    return {1}
def raises(event, context):
    raise ValueError("no\\ngood")
"""


def make(lambdas: Lambdas, name: str, **changes: object) -> None:
    lambdas.make(name.replace("_", "-"), HOSTILE, f"main.{name}", **changes)


def test_one_that_never_returns_is_ended_with_what_it_has_started(lambdas: Lambdas) -> None:
    make(lambdas, "never_returns", Timeout=3)
    done = lambdas.call("never-returns")
    assert done.error == "Unhandled"
    request_id = done.tail.split("START RequestId: ")[1].split()[0]
    assert done.answer == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 3.00 seconds",
    }
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.search(rf"{moment} {request_id} Task timed out after 3\.00 seconds\n\n", done.tail)
    assert re.search(r"Duration: 3000\.00 ms\t.*\tStatus: timeout\t\n$", done.tail)
    assert "Max Memory Used: 0 MB" not in done.tail
    eventually(lambda: not _running(lambdas, "86421"), "what it has started has ended")


def _running(lambdas: Lambdas, word: str) -> list[int]:
    found = []
    for process in lambdas.life.server.children(recursive=True):
        try:
            if word in process.cmdline():
                found.append(process.pid)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.mark.parametrize("name", ["leaks", "its_child_leaks"])
def test_one_that_takes_too_much_memory_is_ended(lambdas: Lambdas, name: str) -> None:
    make(lambdas, name, Timeout=60)
    done = lambdas.call(name.replace("_", "-"))
    said = "Error: Runtime exited with error: signal: killed"
    assert done.answer["errorType"] == "Runtime.ExitError"
    assert done.answer["errorMessage"].endswith(said)
    assert "\nRuntime.ExitError\nEND RequestId: " in done.tail
    assert "Max Memory Used: 128 MB\t" in done.tail
    assert "Status: error\tError Type: Runtime.OutOfMemory\t\n" in done.tail


def test_what_children_share_with_their_parent_counts_once(lambdas: Lambdas) -> None:
    make(lambdas, "forks_with_much")
    assert lambdas.call("forks-with-much").answer == [0, 0]


def test_one_that_prints_100_mb_costs_no_memory(lambdas: Lambdas) -> None:
    make(lambdas, "prints", Timeout=120)
    lambdas.call("prints", 1)
    before = lambdas.life.server.memory_info().rss
    with Watch(lambdas.life.server.pid) as watch:
        done = lambdas.call("prints", 100)
    assert done.answer == "printed"
    assert watch.server - before < 50 * MB
    assert "the last line\nEND RequestId: " in done.tail
    assert len(done.tail) == 4096


@pytest.mark.parametrize(
    ("name", "event", "said"),
    [
        ("leaves", 3, "Runtime exited with error: exit status 3"),
        ("leaves", None, "Runtime exited without providing a reason"),
        ("dies", None, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_one_that_ends_its_process_gets_another(
    lambdas: Lambdas, name: str, event: object, said: str
) -> None:
    function = f"{name}-{event}"
    lambdas.make(function, HOSTILE, f"main.{name}")
    for _ in range(2):
        done = lambdas.call(function, event)
        assert done.answer["errorType"] == "Runtime.ExitError"
        assert done.answer["errorMessage"].endswith(f" Error: {said}")
        assert "loaded\nSTART" in done.tail


def test_what_a_handler_returns_or_raises(lambdas: Lambdas) -> None:
    make(lambdas, "large")
    assert len(lambdas.call("large", 6_000_000).answer) == 6_000_000
    done = lambdas.call("large", 6_400_000)
    assert done.error == "Unhandled"
    assert done.answer == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        "(6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    # The process is as good as before.
    assert lambdas.call("large", 1).answer == "x"
    make(lambdas, "sets")
    said = "Unable to marshal response: Object of type set is not JSON serializable"
    answer = lambdas.call("sets").answer
    assert (answer["errorType"], answer["errorMessage"]) == ("Runtime.MarshalError", said)
    make(lambdas, "raises")
    done = lambdas.call("raises")
    assert (done.answer["errorType"], done.answer["errorMessage"]) == ("ValueError", "no\ngood")
    (frame,) = done.answer["stackTrace"]
    assert "main.py" in frame
    assert "[ERROR] ValueError: no\ngood\nTraceback (most recent call last):\n" in done.tail


@pytest.mark.parametrize(
    ("text", "handler", "kind", "said"),
    [
        ("import nothing", "main.f", "Runtime.ImportModuleError",
         "Unable to import module 'main': No module named 'nothing'"),
        ("import numpy", "main.f", "Runtime.ImportModuleError",
         "Unable to import module 'main': No module named 'numpy'"),
        ("x = 1", "main.f", "Runtime.HandlerNotFound", "Handler 'f' missing on module 'main'"),
        ("x = (", "main.f", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main': "),
        ("x = 1", "main", "Runtime.MalformedHandlerName", "Bad handler 'main': "),
        ("1 / 0", "main.f", "ZeroDivisionError", "division by zero"),
    ],
)  # fmt: skip
def test_a_handler_that_cannot_be_loaded(
    lambdas: Lambdas, text: str, handler: str, kind: str, said: str
) -> None:
    name = f"fails-{kind.replace('.', '-')}-{len(text)}"
    lambdas.make(name, text, handler)
    done = lambdas.call(name)
    assert done.error == "Unhandled"
    assert done.answer["errorType"] == kind
    assert done.answer["errorMessage"].startswith(said)
    assert f"[ERROR] {kind}: {said}" in done.tail
    assert f"Status: error\tError Type: {kind}\t\n" in done.tail
    running = lambdas.life.home.path / "functions-running"
    eventually(lambda: not _of(lambdas, name), "its process has ended")
    assert running.is_dir()


def _of(lambdas: Lambdas, name: str) -> list[int]:
    found = []
    for process in lambdas.life.server.children(recursive=True):
        try:
            if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == name:
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_one_that_speaks_to_the_runtime_by_itself(lambdas: Lambdas) -> None:
    """It answers for another call, too much, and nonsense; then it is ended, and the next works."""
    text = """
def handler(event, context):
    if event != "rude":
        return "polite"
    import runtime_client
    said = [runtime_client.request("POST", "/2018-06-01/runtime/invocation/none/response", b"1")[0],
            runtime_client.request("GET", "/2018-06-01/runtime/nothing")[0]]
    print("SAID", said)
    runtime_client._connection.sock.sendall(b"nonsense" * 100000)
    return "lost"
"""
    lambdas.make("rude", text, Timeout=30)
    done = lambdas.call("rude", "rude")
    assert done.error == "Unhandled"
    assert "SAID [400, 404]" in done.tail
    assert done.answer["errorType"] in ("Runtime.ExitError", "Sandbox.Timedout")
    assert lambdas.call("rude").answer == "polite"


def test_one_that_kills_its_keeper_leaves_nothing(lambdas: Lambdas) -> None:
    text = """
import ctypes, os, signal, subprocess
def handler(event, context):
    # It is not to die with its parent, and what it starts hides.
    ctypes.CDLL(None).prctl(1, 0)
    subprocess.Popen(["sleep", "86423"], start_new_session=True, env={})
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    lambdas.make("ungrateful", text)
    done = lambdas.call("ungrateful")
    assert done.answer["errorMessage"].endswith("Runtime exited with error: signal: killed")
    eventually(lambda: not _running(lambdas, "86423"), "what it has started has ended")
