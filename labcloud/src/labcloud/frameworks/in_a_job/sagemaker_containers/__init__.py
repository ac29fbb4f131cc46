"""What scripts use of AWS's package of this name, which is archived and cannot be installed today.

A name that is not here is refused as one that labcloud does not have.
"""

from types import ModuleType, SimpleNamespace

from labcloud.frameworks.toolkit.environment import TrainingEnvironment


class Missing(ModuleType):
    """A module that can be imported, and has nothing."""

    def __getattr__(self, name: str) -> object:
        raise AttributeError(f"labcloud does not have {self.__name__}.{name}")


# Scripts import it for jobs with several hosts.
entry_point = Missing(f"{__name__}.entry_point")


def training_env() -> SimpleNamespace:
    """What a training script is told of its job."""
    return SimpleNamespace(**TrainingEnvironment.read(older=True).described())
