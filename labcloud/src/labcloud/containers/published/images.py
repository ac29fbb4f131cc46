"""Images that were pushed as build contexts, for a machine without Docker.

Such an image has one layer, the folder that `docker build` would have been given, with its
Dockerfile. What the Dockerfile copies is copied, and what its pip would install is installed over
this environment. What else it would run to install things is not run.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.contract import ML
from labcloud.containers.engine import CannotStart, ContainerSpec
from labcloud.containers.packages.settings import settings
from labcloud.containers.published.dockerfile import Recipe, read
from labcloud.containers.published.files import place
from labcloud.containers.published.program import Plan
from labcloud.containers.published.words import LARGEST, BadDockerfile
from labcloud.state.trees import clear, remove, temporary

# What a build context may unpack to (bytes).
_LARGEST = 2 * 1024**3
# As many characters of an instruction are shown.
_SHOWN = 60
# A module that containers find before pip, and a pip that is found where programs are.
_AT_RUN = Path(__file__).parent / "at_run"
_PROGRAMS = f"{ML}/tmp/programs"
_PIP = '#!/bin/sh\nexec python -m pip "$@"\n'
# What may make a program of the image.
_MAKE = ("RUN", "COPY", "ADD")


class BadContext(Exception):
    """A build context that cannot be run, and why."""


@dataclass(frozen=True)
class PublishedImage:
    """A build context on this machine, and what its Dockerfile says."""

    context: Path
    recipe: Recipe

    @classmethod
    def load(cls, context: Path) -> PublishedImage:
        """Raises BadContext."""
        try:
            with (context / "Dockerfile").open(encoding="utf-8") as file:
                # One character more than it may have says enough.
                return cls(context, read(file.read(LARGEST + 1)))
        except FileNotFoundError as error:
            raise BadContext("The build context has no Dockerfile") from error
        except UnicodeDecodeError as error:
            raise BadContext("The Dockerfile is not text in UTF-8") from error
        except BadDockerfile as error:
            raise BadContext(str(error)) from error

    def notes(self, undone: list[int]) -> list[str]:
        """What this engine leaves out and Docker carries out, for the log.

        `undone` are the lines of RUNs that turned out to need a file of the base image.
        """
        lines = {*self.recipe.skipped, *(("RUN", line) for line in undone)}
        skipped = ", ".join(
            f"{name} {_shortened(self.recipe.texts[line])} (line {line})"
            for name, line in sorted(lines, key=lambda each: each[1])
        )
        return [
            "Without Docker: the Dockerfile's files run with this machine's Python and programs. "
            f"Skipped: {skipped}."
        ]

    def _perhaps(self, undone: list[int]) -> list[str]:
        """What may have made a program that is missing."""
        skipped = [*self.recipe.skipped, *(("RUN", line) for line in undone)]
        hints = []
        for kind in _MAKE:
            lines = {line for name, line in skipped if name == kind}
            if lines:
                where = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, sorted(lines)))}"
                hints.append(
                    f"Without Docker, {kind} in {where} of the Dockerfile was not run. It may have "
                    "made it."
                )
        return hints

    def prepare(
        self, spec: ContainerSpec, word: str, sets: Path, door: tuple[int, int] = (0, 0)
    ) -> tuple[Plan, dict[str, str]]:
        """The plan and the environment of one container that runs `word`, or nothing but its
        entrypoint and the arguments of `spec`. Blocking.

        Its files are its own: they are copied to below its /opt/ml/tmp. `sets` is where packages
        are kept that pip has installed. Raises BadContext, CannotStart.
        """
        image = spec.root / "tmp" / "image"
        staging = spec.root / "tmp" / "root"
        asked = spec.root / "tmp" / "asked"
        programs = spec.root / "tmp" / "programs"
        # A container that is started again finds what the program of its last start has left.
        for old in (image, staging, asked, programs):
            clear(old)
        staging.mkdir()
        programs.mkdir()
        # Python looks only once whether a folder is there.
        (spec.root / "tmp" / "packages").mkdir(exist_ok=True)
        for name in ("pip", "pip3"):
            (programs / name).write_text(_PIP)
            (programs / name).chmod(0o755)
        try:
            placed = place(self.recipe, self.context, image, asked)
        except (BadDockerfile, ValueError) as error:
            raise BadContext(str(error)) from error
        # A build may read them; where its programs are found, it need not.
        of_image = [f"{n}={v}" for n, v in sorted(self.recipe.environment.items()) if n != "PATH"]
        for each in placed.packages:
            each["key"] += of_image
        environment = {**self.recipe.environment, **spec.environment}
        environment["PATH"] = _path(environment["PATH"], image)
        environment |= _own_packages(environment)
        command = spec.entrypoint or self.recipe.entrypoint
        if spec.entrypoint:
            arguments = spec.arguments
        else:
            arguments = (word,) if word else spec.arguments or self.recipe.command
        if not (*command, *arguments):
            raise CannotStart("no command specified")
        try:
            program = (*command, *arguments)[0]
            if not (placed.packages and _pip_may_bring(program, image)):
                _require(program, environment["PATH"], image)
        except CannotStart as error:
            raise CannotStart(str(error), *self._perhaps(placed.undone)) from error
        _show_own_files(image, spec.root, spec.mounted)
        plan = Plan(
            command=[*command, *arguments],
            workdir=self.recipe.workdir,
            image=str(image),
            staging=str(staging),
            folders={
                path: str(folder)
                for path, folder in spec.folders.items()
                # The others are below the folder that it has as /opt/ml.
                if not path.startswith(f"{ML}/")
            },
            read_only=list(spec.read_only),
            isolated=spec.isolated,
            listens=False,
            door=door,
            # The engine knows that.
            hidden=[],
            of_pip=[],
            notes=self.notes(placed.undone),
            packages=placed.packages,
            sets=str(sets),
            pip={**settings(), **self.recipe.environment},
        )
        return plan, environment


def _shortened(text: str) -> str:
    """As much of an instruction as says which one it is."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _own_packages(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that lead a program's `pip install` to a folder of its own, and find it there.

    Its Python is labcloud's own, whose packages must stay as they are. pip with a target would
    install again what is there, so another module is asked before it.
    """
    packages = f"{ML}/tmp/packages"
    own = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    found = [packages, str(_AT_RUN), *own]
    path = [environment["PATH"], f"{packages}/bin"]
    return {
        "PIP_TARGET": packages,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": os.pathsep.join(found),
        "PATH": os.pathsep.join(path),
    }


def _is_program(path: Path, image: Path) -> bool:
    """Whether a path can be executed; a link of the image leads to a path of the image."""
    if path.is_symlink() and image in path.parents:
        target = os.readlink(path)
        below = image / target.strip("/") if target.startswith("/") else path.parent / target
        return os.access(below, os.X_OK) or os.access(target, os.X_OK)
    return os.access(path, os.X_OK)


def _show_own_files(image: Path, root: Path, mounted: tuple[str, ...]) -> None:
    """Puts what the image has below /opt/ml into the container's, where SageMaker has nothing."""
    own = image / ML.strip("/")
    for source in _children(own):
        target = root / source.name
        if source.name == "tmp":
            # The image itself lies in the container's.
            for child in _children(source):
                if not (target / child.name).exists():
                    child.rename(target / child.name)
        elif source.name not in mounted:
            clear(target)
            source.rename(target)


def _children(folder: Path) -> list[Path]:
    """What is in a folder; nothing if it is none."""
    return list(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []


def _path(path: str, image: Path) -> str:
    """The image's own folders first, then this environment's Python, then the machine's.

    A folder that both have (/usr/local/bin, say) is not the image's own: the machine's Python,
    which may be in it, has none of the packages.
    """
    entries = path.split(os.pathsep)
    own = [
        entry
        for entry in entries
        if (image / entry.strip("/")).is_dir() and not Path(entry).is_dir()
    ]
    others = [entry for entry in entries if entry not in own]
    return os.pathsep.join([*own, _PROGRAMS, str(Path(sys.executable).parent), *others])


def _require(program: str, path: str, image: Path) -> None:
    """Raises CannotStart where there is no such program."""
    folders = [""] if "/" in program else path.split(os.pathsep)
    for folder in folders:
        inside = os.path.join(folder, program)
        if _is_program(image / inside.strip("/"), image) or os.access(inside, os.X_OK):
            return
    if "/" not in program:
        where = "executable file not found in $PATH"
    elif (image / program.strip("/")).exists() or os.path.exists(program):
        where = "permission denied"
    else:
        where = "no such file or directory"
    raise CannotStart(f'exec: "{program}": {where}')


def _pip_may_bring(program: str, image: Path) -> bool:
    """Whether an installation that is still to come may make a program of this name."""
    own = image / program.strip("/")
    return "/" not in program or (own.parents[1] / "pyvenv.cfg").exists()


def write_plan(spec: ContainerSpec, plan: Plan) -> Path:
    """Puts a plan where the container's process finds it."""
    path = spec.root / "tmp" / "plan.json"
    clear(path)
    with path.open("x") as file:
        file.write(json.dumps(plan))
    return path


class PublishedImages:
    """All such images, unpacked below `folder` when they are first used.

    `layer` says where the build context is that a URI names, and None of any other image.
    """

    def __init__(self, folder: Path, layer: Callable[[str], Path | None]) -> None:
        self._folder = folder
        self._layer = layer

    def __contains__(self, uri: str) -> bool:
        return self._layer(uri) is not None

    def find(self, uri: str) -> PublishedImage:
        """Blocking. Raises BadContext."""
        layer = self._layer(uri)
        if layer is None:
            raise BadContext("The image has been deleted")
        return self.unpacked(layer)

    def unpacked(self, layer: Path) -> PublishedImage:
        """The image of a layer, which is named by its digest. Blocking. Raises BadContext."""
        context = self._folder / layer.name
        if not context.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with temporary(".new-", self._folder) as new:
                try:
                    unpack(layer, new / "context", _LARGEST)
                except BadArchive as error:
                    raise BadContext(f"The build context cannot be unpacked: {error}") from error
                image = PublishedImage.load(new / "context")
                try:
                    place(image.recipe, image.context, new / "trial", new / "asked")
                except (BadDockerfile, ValueError) as error:
                    raise BadContext(str(error)) from error
                # The folder appears complete, or not at all: another thread may do the same.
                if not context.exists():
                    (new / "context").rename(context)
        return PublishedImage.load(context)

    def forget(self, kept: set[str]) -> None:
        """Deletes the unpacked files of layers that no longer exist."""
        for context in self._folder.glob("*"):
            if context.name not in kept:
                with contextlib.suppress(OSError):
                    remove(context)
