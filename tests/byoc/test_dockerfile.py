"""Lab 03's Dockerfile, as labcloud reads it where there is no Docker."""

from __future__ import annotations

from labcloud.containers.published.dockerfile import Copy, read

from ..container.programs import CONTAINER


def test_the_course_s_own_dockerfile() -> None:
    found = read((CONTAINER / "Dockerfile").read_text())
    assert found.copies == [
        Copy(("requirements.txt",), "/opt/"),
        Copy(("decision_trees",), "/opt/program"),
    ]
    assert found.environment["PATH"].startswith("/opt/program:/opt/venv/bin:/usr/local/sbin:")
    assert found.environment["PYTHONUNBUFFERED"] == "1"
    assert found.workdir == "/opt/program"
    assert found.entrypoint == ()
    assert [name for name, _ in found.skipped] == ["FROM", "RUN", "RUN"]
