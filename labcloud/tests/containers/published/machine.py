"""Images of one machine, and what pip has installed for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from labcloud.containers.contract import Contract
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.published.images import PublishedImage, write_plan
from labcloud_support.wheels import offline

MAIN = "import lc_tiny; print('has', lc_tiny.VERSION)\n"
_RUN = """
import pathlib, sys
from labcloud.containers.published import program
sys.exit(program.main(*map(pathlib.Path, sys.argv[1:])))
"""
_ENTRYPOINT = 'ENTRYPOINT ["python", "/opt/main.py"]'
INSTALLING = ": installing the packages, once for all containers."
ALREADY = ": these packages are installed already."


class Images:
    """Images of one machine: what pip has installed for one is kept for the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sets = folder / "sets"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self._count = 0

    def begin(
        self,
        *lines: str,
        program: str = MAIN,
        job: dict[str, str] | None = None,
        **files: str | bytes,
    ) -> subprocess.Popen[str]:
        """A training container of a Dockerfile with these lines, which runs `program`."""
        self._count += 1
        context = self.folder / f"context-{self._count}"
        context.mkdir()
        settings = offline(self.wheels / "any.whl")
        (context / "Dockerfile").write_text("\n".join((
            "FROM python", *(f"ENV {name}={text}" for name, text in settings.items()),
            *lines, "COPY main.py /opt/",
            *(() if any("ENTRYPOINT" in each for each in lines) else [_ENTRYPOINT]),
        )))  # fmt: skip
        for name, content in {"main.py": program, **files}.items():
            data = content if isinstance(content, bytes) else content.encode()
            (context / name.replace("_txt", ".txt")).write_bytes(data)
        contract = Contract(self.folder / f"ml-{self._count}")
        contract.create()
        spec = ContainerSpec(image="image", root=contract.root, environment=job or {})
        plan, environment = PublishedImage.load(context).prepare(spec, "train", self.sets)
        plan_file = write_plan(spec, plan)
        return subprocess.Popen(
            [sys.executable, "-c", _RUN, str(contract.root), str(plan_file)],
            env={**environment, "HOME": str(contract.root / "tmp")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *lines: str, **more: Any) -> tuple[int, list[str]]:
        """Its exit code and what it printed."""
        process = self.begin(*lines, **more)
        output, _ = process.communicate()
        return process.returncode, output.splitlines()

    def kept(self) -> list[Path]:
        return [each for each in self.sets.glob("*") if each.is_dir()]
