"""The modules that scripts import from here. Those of the server itself are empty."""

from types import SimpleNamespace

from labcloud.frameworks.toolkit import encoders, worker

from ... import Missing, training_env

__all__ = (
    "content_types", "encoders", "env", "errors", "modules", "server", "training_env",
    "transformer", "worker",
)  # fmt: skip

content_types = SimpleNamespace(
    JSON=encoders.JSON,
    CSV=encoders.CSV,
    NPY=encoders.NPY,
    OCTET_STREAM="application/octet-stream",
    ANY=encoders.ANY,
    UTF8_TYPES=encoders.UTF8_TYPES,
)
env = SimpleNamespace(TrainingEnv=training_env)
errors = SimpleNamespace(
    ClientError=encoders.ClientError, UnsupportedFormatError=encoders.UnsupportedFormatError
)
modules, server, transformer = (
    Missing(f"{__name__}.{name}") for name in ("modules", "server", "transformer")
)
