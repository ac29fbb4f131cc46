"""The functions of a script in AWS's PyTorch image: its own defaults, and what it says of errors.

After sagemaker-inference and sagemaker-pytorch-inference, which TorchServe runs there.
"""

from __future__ import annotations

import importlib
import inspect
import io
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import flask
import numpy as np

from labcloud.frameworks.toolkit import encoders, paths
from labcloud.frameworks.toolkit.encoders import (
    CSV,
    JSON,
    NPY,
    UTF8_TYPES,
    UnsupportedFormatError,
)
from labcloud.frameworks.toolkit.worker import Response

PROGRAM = "inference.py"
_NPZ = "application/x-npz"
_MODEL = "model.pth"
_MODELS = (".pt", ".pth")
_BOTH = (
    "Cannot use transform_fn implementation in conjunction with input_fn, predict_fn, and/or "
    "output_fn implementation"
)

Function = Callable[..., Any]
logger = logging.getLogger("sagemaker-inference")


class ModelLoadError(Exception):
    """A model that is not TorchScript."""


def _torch() -> Any:
    """PyTorch, which labcloud does not bring along and takes a second to load."""
    return importlib.import_module("torch")


def model_fn(model_dir: str) -> Any:
    """The only TorchScript in the artifact."""
    torch = _torch()
    place = Path(model_dir) / _MODEL
    if not place.exists():
        found = [each.name for each in Path(model_dir).iterdir() if each.suffix in _MODELS]
        if len(found) != 1:
            raise ValueError(
                f"Exactly one .pth or .pt file is required for PyTorch models: {found}"
            )
        place = Path(model_dir) / found[0]
    try:
        return torch.jit.load(str(place), map_location=torch.device("cpu"))
    except RuntimeError as error:
        raise ModelLoadError(
            f"Failed to load {place}. Please ensure model is saved using torchscript."
        ) from error


def input_fn(content: Any, content_type: str) -> Any:
    """A tensor; of 32-bit floats if the request was text."""
    torch = _torch()
    array = decoded(content, content_type)
    return torch.FloatTensor(array) if content_type in UTF8_TYPES else torch.from_numpy(array)


def predict_fn(data: Any, model: Any) -> Any:
    """What the model makes of it, without gradients."""
    with _torch().no_grad():
        model.eval()
        return model(data)


def output_fn(prediction: Any, accept: str) -> Any:
    """JSON, CSV or NPY: the first of those that the client takes."""
    torch = _torch()
    if type(prediction) is torch.Tensor:
        prediction = prediction.detach().cpu().numpy().tolist()
    for each in (part.partition(";")[0].strip() for part in accept.split(",")):
        if each == CSV:
            stream = io.StringIO()
            np.savetxt(stream, prediction, delimiter=",", fmt="%s")
            return stream.getvalue()
        if each in (JSON, NPY):
            return encoders.encode(prediction, each)
    raise UnsupportedFormatError(accept)


def decoded(content: Any, content_type: str) -> Any:
    """JSON, CSV, NPY, and a sparse matrix in NPZ."""
    if content_type == CSV:
        return np.genfromtxt(io.StringIO(content), delimiter=",")
    if content_type == _NPZ:
        import scipy.sparse

        return scipy.sparse.load_npz(io.BytesIO(content))
    return encoders.decode(content, content_type)


class Service:
    """The functions of one script, or of none, and the model that they have loaded."""

    def __init__(self, script: ModuleType | None) -> None:
        found: dict[str, Function | None] = {
            name: getattr(script, name, None)
            for name in ("input_fn", "predict_fn", "output_fn", "transform_fn")
        }
        transform = found.pop("transform_fn")
        if transform and any(found.values()):
            raise ValueError(_BOTH)
        self._context = SimpleNamespace(
            system_properties={"model_dir": str(paths.MODEL), "gpu_id": None}
        )
        self._transform = transform or self._in_three_steps
        self._input = found["input_fn"] or input_fn
        self._predict = found["predict_fn"] or predict_fn
        self._output = found["output_fn"] or output_fn
        self._model = self._call(getattr(script, "model_fn", model_fn), str(paths.MODEL))

    def transform(self) -> Any:
        """Answers the request of this moment. Whatever goes wrong is said to the client."""
        request: Any = flask.request
        accept = request.accept
        try:
            result = self._call(
                self._transform, self._model, request.content, request.content_type, accept
            )
        except Exception as error:
            logger.exception("Prediction error")
            body = f"{error or 'Invalid Request'}\n{traceback.format_exc()}"
            return Response(body, status=500, mimetype="text/plain")
        answer, mimetype = result if isinstance(result, tuple) else (result, accept)
        return Response(answer, mimetype=mimetype)

    def _in_three_steps(self, model: Any, content: Any, content_type: str, accept: str) -> Any:
        data = self._call(self._input, content, content_type)
        return self._call(self._output, self._call(self._predict, data, model), accept)

    def _call(self, function: Function, *arguments: Any) -> Any:
        """With the request's context, too, if the function takes one argument more."""
        taken = len(inspect.signature(function).parameters)
        if taken == len(arguments) + 1:
            arguments += (self._context,)
        if taken != len(arguments):
            name = getattr(function, "__name__", "the function")
            raise TypeError(f"{name} takes {taken} arguments but {len(arguments)} were given.")
        return function(*arguments)
