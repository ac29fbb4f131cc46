"""The functions of a script that serves, and what stands in for those that it does not have."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import flask
import numpy as np

from labcloud.frameworks.toolkit import encoders, paths
from labcloud.frameworks.toolkit.encoders import UTF8_TYPES
from labcloud.frameworks.toolkit.worker import Response

_NO_MODEL_FN = (
    "\nPlease provide a model_fn implementation.\n"
    "See documentation for model_fn at https://github.com/aws/sagemaker-python-sdk\n"
)
_BOTH = "Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn"

Function = Callable[..., Any]


class UserError(Exception):
    """What a script must not do."""


def model_fn(model_dir: str) -> Any:
    """There is none: how a model was stored, only its author knows."""
    raise NotImplementedError(_NO_MODEL_FN)


def sklearn_input_fn(content: Any, content_type: str) -> Any:
    """JSON and CSV as 32-bit floats, NPY as it is."""
    array = encoders.decode(content, content_type)
    return array.astype(np.float32) if content_type in UTF8_TYPES else array


def sklearn_predict_fn(data: Any, model: Any) -> Any:
    """What the model predicts."""
    return model.predict(data)


def xgboost_input_fn(content: Any, content_type: str) -> Any:
    """A DMatrix."""
    from labcloud.frameworks.toolkit import dmatrix

    return dmatrix.decode(content, content_type)


def xgboost_predict_fn(data: Any, model: Any) -> Any:
    """What the booster predicts, whatever the features are called."""
    return model.predict(data, validate_features=False)


def output_fn(prediction: Any, accept: str) -> Response:
    """JSON, CSV or NPY."""
    return Response(encoders.encode(prediction, accept), mimetype=accept)


class Service:
    """The functions of one script and the model that it has loaded."""

    def __init__(self, script: ModuleType, *, xgboost: bool) -> None:
        found: dict[str, Function | None] = {
            name: getattr(script, name, None)
            for name in ("input_fn", "predict_fn", "output_fn", "transform_fn")
        }
        transform = found.pop("transform_fn")
        if transform and any(found.values()):
            raise UserError(_BOTH)
        self._transform = transform or self._in_three_steps
        self._input = found["input_fn"] or (xgboost_input_fn if xgboost else sklearn_input_fn)
        self._predict = found["predict_fn"] or (
            xgboost_predict_fn if xgboost else sklearn_predict_fn
        )
        self._output = found["output_fn"] or output_fn
        # XGBoost's container does not ask for it.
        self.execution_parameters: Function | None = (
            None if xgboost else getattr(script, "execution_parameters_fn", None)
        )
        self._model = getattr(script, "model_fn", model_fn)(os.fspath(paths.MODEL))

    def transform(self) -> Any:
        """Answers the request of this moment."""
        request: Any = flask.request
        result = self._transform(self._model, request.content, request.content_type, request.accept)
        if isinstance(result, tuple):
            return Response(result[0], mimetype=result[1])
        return result

    def _in_three_steps(self, model: Any, content: Any, content_type: str, accept: str) -> Any:
        # sagemaker-containers can answer 415 and 406, but not in these images: they hand it their
        # defaults as a script's own functions, and what such a function raises is a 500.
        prediction = self._predict(self._input(content, content_type), model)
        return self._output(prediction, accept)
