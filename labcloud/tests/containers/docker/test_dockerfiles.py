"""Dockerfiles of any form come to what Docker itself makes of them."""

from __future__ import annotations

import json
import posixpath
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcloud.containers.published.dockerfile import DEFAULT_PATH, read
from labcloud.containers.published.words import BadDockerfile
from labcloud_support.docker import docker, require_docker

pytestmark = pytest.mark.slow

# Each build takes a fifth of a second.
EXAMPLES = 40

_VALUE = st.sampled_from(
    ["x", "a-b", "'one two'", '"three four"', "$A", "${A}", "${B:-none}", "${N:+some}", "'$A'",
     '"$A b"', "\\$A", "a\\ b", '""', "''", '"it\\"s"', "${A}x$B", "$", "a$", "'a\"b'", '"a\'b"',
     "é", "=", "a=b", "\\\\", '"\\\\"', "#no", "${N}", "a,b"]
)  # fmt: skip
_NAME = st.sampled_from(["A", "B", "N", "LONG_NAME", "a.b"])
_PAIR = st.builds(lambda name, value: f"{name}={value}", _NAME, _VALUE)
_BLANK = st.sampled_from([" ", "  ", "\t", " \t "])
_ENV = st.builds(
    lambda blank, pairs: f"ENV{blank}{blank.join(pairs)}",
    _BLANK, st.lists(_PAIR, min_size=1, max_size=3),
)  # fmt: skip
_LINE = st.one_of(
    _ENV,
    st.builds(lambda name, value: f"ENV {name} {value} and more", _NAME, _VALUE),
    st.builds(lambda pair: f"ARG {pair}", _PAIR),
    st.builds(lambda value: f"WORKDIR {value}", st.sampled_from(
        ["/opt", "rel", "../up", "/a/./b/..", "$A", "/x/$A/y", "'/one two'", "/opt/"])),
    st.builds(lambda value: f"ENTRYPOINT {value}", st.sampled_from(
        ['["a", "b"]', "exec $A x", "[]", "['a']", '["a $A"]', "[ not json", '["a", 1]'])),
    st.sampled_from(
        ['SHELL ["/bin/bash", "-c"]', "LABEL a=b", "EXPOSE 80", "# comment", "", "env A=low",
         "ENV A=1 \\\n  # comment\n  B=2", "ENV A=1 \\\n\n  B=2", "STOPSIGNAL SIGINT", "USER me",
         "ONBUILD ENV A=9", "HEALTHCHECK NONE", "CMD x", "ENV A", "ENV A=1 b", "WORKDIR"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def built() -> Iterator[list[str]]:
    """The images that the tests have built."""
    require_docker()
    found = list[str]()
    yield found
    if found:
        docker("image", "rm", "--force", *set(found), check=False)


def of_docker(text: str, built: list[str]) -> dict[str, Any] | None:
    """What Docker makes of a Dockerfile; None if it refuses it."""
    done = subprocess.run(
        ["docker", "build", "--quiet", "--force-rm", "-"],
        input=text.encode(), capture_output=True, timeout=60,
    )  # fmt: skip
    if done.returncode:
        return None
    image = done.stdout.decode().strip()
    built.append(image)
    found: dict[str, Any] = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]
    return found


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(lines=st.lists(_LINE, min_size=1, max_size=6))
def test_it_reads_what_docker_reads(built: list[str], lines: list[str]) -> None:
    text = "\n".join(("FROM scratch", *lines, ""))
    theirs = of_docker(text, built)
    try:
        ours = read(text)
    except BadDockerfile:
        assert theirs is None
        return
    assert theirs is not None
    variables = dict(each.partition("=")[::2] for each in theirs["Env"] or [])
    assert ours.environment == {"PATH": DEFAULT_PATH} | variables
    # An older builder keeps a path as it is written.
    assert ours.workdir == posixpath.normpath(theirs["WorkingDir"] or "/")
    assert list(ours.entrypoint) == (theirs["Entrypoint"] or [])
