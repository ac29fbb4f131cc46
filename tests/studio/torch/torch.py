"""What the SDK in Studio's images imports of PyTorch, which those images have.

The labs use nothing of it: whoever does meets an error here, and no wrong answer.
"""


class Tensor:
    """Nothing is one."""


def from_numpy(array: object) -> Tensor:
    """Raises NotImplementedError."""
    raise NotImplementedError("this is not PyTorch")
