"""What scripts use of AWS's package of this name, which is archived and cannot be installed today.

A name that is not here is refused as one that labcloud does not have.
"""

from types import SimpleNamespace

from labcloud.frameworks.toolkit.environment import TrainingEnvironment


def training_env() -> SimpleNamespace:
    """What a training script is told of its job."""
    return SimpleNamespace(**TrainingEnvironment.read().described())
