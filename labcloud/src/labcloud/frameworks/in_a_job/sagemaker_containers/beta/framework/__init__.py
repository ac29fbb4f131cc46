"""The modules that scripts import from here. Those of the server itself are empty."""

from types import ModuleType, SimpleNamespace

from labcloud.frameworks.toolkit import encoders, worker

from ... import training_env

__all__ = (
    "content_types", "encoders", "env", "modules", "server", "training_env", "transformer", "worker"
)  # fmt: skip


class _Missing(ModuleType):
    def __getattr__(self, name: str) -> object:
        raise AttributeError(f"labcloud does not have {self.__name__}.{name}")


content_types = SimpleNamespace(
    JSON=encoders.JSON,
    CSV=encoders.CSV,
    NPY=encoders.NPY,
    OCTET_STREAM="application/octet-stream",
    ANY=encoders.ANY,
    UTF8_TYPES=encoders.UTF8_TYPES,
)
env = SimpleNamespace(TrainingEnv=training_env)
modules, server, transformer = (
    _Missing(f"{__name__}.{name}") for name in ("modules", "server", "transformer")
)
