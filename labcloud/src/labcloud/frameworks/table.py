"""The table of the framework images. A new one is a folder in `contexts` and an entry here."""

from __future__ import annotations

import re

from labcloud.algorithms import registries
from labcloud.algorithms.algorithm import Image
from labcloud.algorithms.xgboost.definitions import XGBOOST
from labcloud.containers.image_uris import parse
from labcloud.frameworks.framework import Framework

# The versions of the SDK's image_uris. What is in an image is from the Dockerfiles of
# github.com/aws/sagemaker-scikit-learn-container and of github.com/aws/deep-learning-containers.
SKLEARN = Framework(
    name="sagemaker-scikit-learn",
    image=Image(
        "sagemaker-scikit-learn",
        re.compile(r"(0\.20\.0|0\.23-1|1\.0-1|1\.2-1|1\.4-2|1\.4-2-py312|1\.9-0)-cpu-py3"),
        registries.XGBOOST,
    ),
    folder="sklearn",
    contents={
        "1.2-1": "scikit-learn 1.2.1, numpy 1.24.1, pandas 1.5.3",
        "1.4-2": "Python 3.10, scikit-learn 1.4.2, numpy 2.1.0",
        "1.4-2-py312": "Python 3.12, scikit-learn 1.4.2",
        "1.9-0": "Python 3.12, scikit-learn 1.9.0, numpy 2.5.1, pandas 2.2.3",
    },
    packages=("scikit-learn", "numpy", "pandas"),
    shown="sagemaker-scikit-learn:0.20.0 to 1.9-0",
)
XGBOOST_SCRIPTS = Framework(
    name=XGBOOST.name,
    image=XGBOOST.images[0],
    folder="xgboost",
    contents={"3.2-0": "Python 3.12, xgboost 3.2.0, scikit-learn 1.8.0, pandas 2.2.3"},
    packages=("xgboost", "scikit-learn", "numpy", "pandas"),
    shown="sagemaker-xgboost:0.90-1 to 3.2-0",
)
# With another toolkit each for serving. The tag names the versions, the machine and who made it.
_DEEP_LEARNING = re.compile(r"\d+\.\d+(\.\d+)?-(cpu|gpu)(-py\d+)?(-[\w.-]+)?")


def _deep_learning(repository: str, module: str, package: str, lacks: str = "") -> Framework:
    return Framework(
        name=repository,
        image=Image(repository, _DEEP_LEARNING, registries.DEEP_LEARNING),
        folder=repository,
        contents={},
        packages=(package, "numpy"),
        shown=repository,
        home="opt/conda",
        module=module,
        lacks=lacks,
    )


PYTORCH = _deep_learning("pytorch-training", "torch", "torch")
PYTORCH_SERVING = _deep_learning("pytorch-inference", "torch", "torch")
TENSORFLOW = _deep_learning("tensorflow-training", "tensorflow", "tensorflow")
TENSORFLOW_SERVING = _deep_learning(
    "tensorflow-inference", "tensorflow", "tensorflow", "TensorFlow Serving"
)
FRAMEWORKS = (
    SKLEARN, XGBOOST_SCRIPTS, PYTORCH, PYTORCH_SERVING, TENSORFLOW, TENSORFLOW_SERVING,
)  # fmt: skip


def framework_of(image: str) -> Framework | None:
    """The framework that an image URI of AWS's registries names and that runs here, or None."""
    found = named_framework(image)
    return found if found and found.is_here else None


def named_framework(image: str) -> Framework | None:
    """The framework that an image URI of AWS's registries names, or None."""
    named = parse(image)
    if named is None or named.digest:
        return None
    for each in FRAMEWORKS:
        registry = each.image.registries.get(named.region)
        if (each.image.repository, registry) == (named.repository, named.account):
            return each if each.image.tags.fullmatch(named.tag or "latest") else None
    return None
