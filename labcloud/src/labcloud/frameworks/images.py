"""A framework image as the process engine runs it: a build context of labcloud's own."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from labcloud.containers.contract import ML
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.image_uris import parse
from labcloud.containers.packages import layer
from labcloud.containers.packages.broker import REQUESTS, SOCKET
from labcloud.containers.packages.settings import settings
from labcloud.containers.published.images import PublishedImage
from labcloud.containers.published.program import Plan
from labcloud.frameworks.framework import Framework

# Modules that a job finds first: a `pip` (`python -m pip` is how the SDK's drivers install), and
# packages of AWS's images.
IN_A_JOB = Path(__file__).parent / "in_a_job"
# XGBoost without its GPU code is another package.
_ALSO = {"xgboost": ("xgboost-cpu", "xgboost")}


@dataclass(frozen=True)
class FrameworkImage:
    """An image of AWS's, by its URI."""

    framework: Framework
    uri: str

    def prepare(
        self, spec: ContainerSpec, word: str, sets: Path, door: tuple[int, int] = (0, 0)
    ) -> tuple[Plan, dict[str, str]]:
        """As `PublishedImage.prepare`, with a Python that may be installed into. Blocking."""
        context = PublishedImage.load(self.framework.context)
        plan, environment = context.prepare(spec, word, sets, door)
        layer.lay(Path(plan["image"]) / self.framework.home, IN_A_JOB)
        # The Python has a folder of its own for packages.
        del environment["PIP_TARGET"]
        environment = {**settings(), **environment}
        environment["PYTHONPATH"] = spec.environment.get("PYTHONPATH", "")
        environment[REQUESTS] = f"{ML}/tmp/{SOCKET}"
        # It listens where it is told to: it needs no network of its own for port 8080.
        plan["listens"] = True
        plan["notes"] = [self.note()]
        return plan, environment

    def note(self) -> str:
        """Which versions AWS has, and which run here: a log should begin with it."""
        named = parse(self.uri)
        assert named is not None, "a framework is found by its URI"
        tag = named.tag or "latest"
        return (
            f"{named.repository}:{tag} on AWS has {self.framework.contents_of(tag)}. "
            f"Here it runs on Python {platform.python_version()}, {self._here()}."
        )

    def _here(self) -> str:
        return ", ".join(f"{name} {_version(name)}" for name in self.framework.packages)


def _version(package: str) -> str:
    for name in _ALSO.get(package, (package,)):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "(not installed)"
