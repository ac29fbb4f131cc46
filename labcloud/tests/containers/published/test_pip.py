"""What a Dockerfile's pip is understood to ask for."""

from __future__ import annotations

import pytest

from labcloud.containers.published.dockerfile import Recipe, read
from labcloud.containers.published.pip import Environment, Installation


def recipe(*lines: str) -> Recipe:
    return read("\n".join(("FROM base", *lines)))


def asked(*lines: str) -> list[str]:
    steps = recipe(*lines).steps
    return [" ".join(step.arguments) for step in steps if isinstance(step, Installation)]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("pip install a", "a"),
        ("pip3 install a==1 b", "a==1 b"),
        ("pip3.11 install a", "a"),
        ("python -m pip install a", "a"),
        ("python3.12 -m pip install --no-cache-dir -r /opt/r.txt", "-r /opt/r.txt"),
        (
            "/opt/venv/bin/pip install --no-deps --requirement=r.txt",
            "--no-deps --requirement r.txt",
        ),
        ("uv pip install --system --no-cache a", "a"),
        ("pip --no-cache-dir install -q -U 'a>=1,<2' \"b[x,y]\"", "-U a>=1,<2 b[x,y]"),
        ("pip install uvicorn[standard]", "uvicorn[standard]"),
        ("pip install 'a; python_version > \"3\"'", 'a; python_version > "3"'),
        ("pip install -e .", "."),
        ("pip install --user --break-system-packages a", "a"),
        ("pip install --root-user-action=ignore a", "a"),
        ("pip install -i https://example.com/simple a", "-i https://example.com/simple a"),
        ("pip install a==$VERSION", "a==2.0"),
        ("pip install a~=1.2 b[c]==1.0", "a~=1.2 b[c]==1.0"),
        ("pip install -Uq a", "-U a"),
        ("pip install -rrequirements.txt", "-r requirements.txt"),
        ("pip install --progress-bar off --root-user-action ignore a", "a"),
        ("pip install --cache-dir /tmp/cache a", "a"),
        # What a shell would make of it, or an option that is not known, is Docker's.
        ("pip install a>=1", None),
        ("pip install a*", None),
        ("pip install ~/a.whl", None),
        ("pip install -Ux a", None),
        ("pip install a || true", None),
        ("pip install a; pip install b", None),
        ("pip install $UNKNOWN", None),
        ("pip install --target /x a", None),
        ("pip install -t /x a", None),
        ("pip install --prefix /x a", None),
        ("pip uninstall a", None),
        ("pip download a", None),
        ("conda install a", None),
        ("pipx install a", None),
        ("uv sync", None),
    ],
)
def test_what_an_installation_is_told(line: str, arguments: str | None) -> None:
    lines = ("ENV VERSION=2.0", f"RUN {line}")
    assert asked(*lines) == ([arguments] if arguments else [])
    assert (("RUN", 3) in recipe(*lines).skipped) is (arguments is None)


@pytest.mark.parametrize(
    "line",
    [
        "pip install --upgrade pip setuptools wheel",
        "python3 -m pip install -U pip",
        "pip check",
        "pip cache purge",
    ],
)
def test_what_needs_nothing_to_be_done_is_not_mentioned(line: str) -> None:
    assert asked(f"RUN {line}") == []
    assert recipe(f"RUN {line}").skipped == [("FROM", 1)]


def test_a_cache_and_a_list_are_like_a_line() -> None:
    line = "RUN --mount=type=cache,target=/root/.cache pip install a"
    assert asked(line, 'RUN ["pip", "install", "b>=1"]') == ["a", "b>=1"]


def test_of_several_commands_each_is_done() -> None:
    found = recipe(
        "RUN apt-get update && pip install a && rm -rf /root/.cache",
        "RUN pip install --upgrade pip && pip install b",
    )
    assert asked("RUN apt-get update && pip install a", "RUN pip install b") == ["a", "b"]
    assert found.skipped == [("FROM", 1), ("RUN", 2)]


def test_whose_environment_it_is_for() -> None:
    found = recipe(
        "WORKDIR /opt",
        "RUN python3 -m venv venv && venv/bin/pip install a && /opt/venv/bin/pip install b",
        "ENV PATH=/opt/venv/bin:$PATH",
        "RUN pip install c",
    )
    made = [step for step in found.steps if isinstance(step, Environment)]
    assert made == [Environment("venv", "/opt", 3)]
    homes = {s.arguments[0]: s.homes for s in found.steps if isinstance(s, Installation)}
    assert homes["b"] == ("/opt/venv",)
    assert homes["a"] == ("/opt/venv",)
    assert homes["c"][0] == "/opt/venv"
    assert found.skipped == [("FROM", 1)]


@pytest.mark.parametrize(
    ("line", "home"),
    [
        ("python3 -m venv /opt/venv", "/opt/venv"),
        ("python -m venv --system-site-packages /v", "/v"),
        ("virtualenv /v", "/v"),
        ("uv venv /v", "/v"),
        ("python -m venv /a /b", None),
        ("python -m venv", None),
        ("uv venv", None),
        ("python -m http.server", None),
    ],
)
def test_an_environment_of_the_image(line: str, home: str | None) -> None:
    steps = [step for step in recipe(f"RUN {line}").steps if isinstance(step, Environment)]
    assert [step.home for step in steps] == ([home] if home else [])
