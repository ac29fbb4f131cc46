"""The hyperparameters of linear learner, and the validation of a job's hyperparameters.json.

Follows "Linear learner hyperparameters" of the developer guide; the defaults are those that AWS's
image prints, the messages those of its toolkit. Which of them have an effect is said in `TABLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from labcloud.algorithms.linear_learner.errors import ValidationError

REGRESSOR = "regressor"
BINARY = "binary_classifier"
MULTICLASS = "multiclass_classifier"

# The first of each is what `auto` means.
LOSSES = {
    REGRESSOR: (
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
        "huber_loss",
    ),
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
}
CRITERIA = (
    "accuracy",
    "f_beta",
    "precision_at_target_recall",
    "recall_at_target_precision",
    "loss_function",
)
_BOOLEAN = ("true", "false")


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: a word of `words`, or a number of its kind from `low` to `high`.

    `open` excludes the ends. `default` is AWS's, None where a value is required.
    """

    name: str
    default: str | None
    words: tuple[str, ...] = ()
    kind: Literal["integer", "number", ""] = ""
    low: float | None = None
    high: float | None = None
    open: bool = False

    def parse(self, text: str) -> Any:
        """A word, bool, int or float. Raises ValidationError in the words of AWS's toolkit."""
        if text.lower() in _BOOLEAN and text.lower() in self.words:
            # The SDK sends Python's True and False.
            return text.lower() == "true"
        if text in self.words or not (self.words or self.kind):
            return text
        if not self.kind:
            accepted = ", ".join(f"'{word}'" for word in self.words)
            raise ValidationError(
                f"The value '{text}' is not valid for the '{self.name}' hyperparameter which "
                f"accepts one of the following: {accepted}"
            )
        try:
            value: float = int(text) if self.kind == "integer" else float(text)
        except ValueError:
            value = float("nan")
        if not self._inside(value):
            expected = "; or ".join([*(f"'{word}'" for word in self.words), str(self)])
            raise ValidationError(
                f"The value '{text}' is not valid for the '{self.name}' hyperparameter which "
                f"expects one of the following: {expected}"
            )
        return value

    def _inside(self, value: float) -> bool:
        """Whether a number is in range; not-a-number and infinity are in none."""
        low = float("-inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        if self.open or abs(value) == float("inf"):
            return low < value < high
        return low <= value <= high

    def __str__(self) -> str:
        article = "an" if self.kind == "integer" else "a"
        ends = ", both excluded" if self.open else ""
        if self.low is None:
            return f"{article} {self.kind}"
        if self.high is None:
            return f"{article} {self.kind} {'above' if self.open else 'not below'} {self.low:g}"
        return f"{article} {self.kind} between {self.low:g} and {self.high:g}{ends}"


def _words(name: str, default: str | None, *words: str) -> Hyperparameter:
    return Hyperparameter(name, default, words)


def _count(name: str, default: str, *words: str) -> Hyperparameter:
    return Hyperparameter(name, default, words, "integer", 1)


def _positive(name: str, default: str, *words: str) -> Hyperparameter:
    return Hyperparameter(name, default, words, "number", 0, open=True)


def _natural(name: str, default: str, *words: str) -> Hyperparameter:
    return Hyperparameter(name, default, words, "number", 0)


def _fraction(name: str, default: str, *words: str, open: bool = False) -> Hyperparameter:
    return Hyperparameter(name, default, words, "number", 0, 1, open)


_EFFECTIVE = (
    _words("predictor_type", None, BINARY, MULTICLASS, REGRESSOR),
    _count("num_classes", "1"),
    _count("feature_dim", "auto", "auto"),
    _count("mini_batch_size", "1000"),
    _words("loss", "auto", "auto", *(loss for losses in LOSSES.values() for loss in losses)),
    _natural("wd", "auto", "auto"),
    _natural("l1", "auto", "auto"),
    _words("use_bias", "true", *_BOOLEAN),
    _words("normalize_data", "true", "auto", *_BOOLEAN),
    _words("normalize_label", "auto", "auto", *_BOOLEAN),
    _words("unbias_data", "auto", "auto", *_BOOLEAN),
    _words("unbias_label", "auto", "auto", *_BOOLEAN),
    _count("num_point_for_scaler", "10000"),
    _fraction("quantile", "0.5", open=True),
    _positive("huber_delta", "1.0"),
    _positive("loss_insensitivity", "0.01"),
    # In the objective loss that is reported; the fit has a margin of 1, which is another scale.
    _positive("margin", "1.0"),
    _positive("positive_example_weight_mult", "1.0", "balanced", "auto"),
    _words("balance_multiclass_weights", "false", *_BOOLEAN),
    _words("binary_classifier_model_selection_criteria", "accuracy", *CRITERIA),
    _fraction("target_precision", "0.8"),
    _fraction("target_recall", "0.8"),
    _count("num_calibration_samples", "10000000", "auto"),
    _positive("f_beta", "1.0"),
    _count("accuracy_top_k", "3"),
)
# Only where stochastic gradient descent fits: hinge, huber and both eps-insensitive losses.
_DESCENT = (
    _count("epochs", "15"),
    _positive("learning_rate", "auto", "auto"),
    _count("early_stopping_patience", "3"),
    _positive("early_stopping_tolerance", "0.001"),
)
# Taken and checked, without effect: they steer AWS's own optimizer, or the toolkit.
WITHOUT_EFFECT = (
    _words("optimizer", "auto", "auto", "sgd", "adam", "adagrad", "rmsprop"),
    _fraction("beta_1", "auto", "auto"),
    _fraction("beta_2", "auto", "auto"),
    _fraction("momentum", "auto", "auto"),
    _positive("bias_lr_mult", "auto", "auto"),
    _natural("bias_wd_mult", "auto", "auto"),
    Hyperparameter("init_bias", "0.0", (), "number"),
    _words("init_method", "uniform", "uniform", "normal"),
    _positive("init_scale", "0.07"),
    _positive("init_sigma", "0.01"),
    _words("use_lr_scheduler", "true", *_BOOLEAN),
    _fraction("lr_scheduler_factor", "auto", "auto", open=True),
    _positive("lr_scheduler_minimum_lr", "auto", "auto"),
    _count("lr_scheduler_step", "auto", "auto"),
    _count("num_models", "auto", "auto"),
    _words("force_dense", "false", *_BOOLEAN),
    Hyperparameter("_tuning_objective_metric", ""),
    Hyperparameter("_num_kv_servers", "auto"),
    Hyperparameter("_num_gpus", "auto"),
    Hyperparameter("_kvstore", "auto"),
    Hyperparameter("_log_level", "info"),
    Hyperparameter("_enable_profiler", "false"),
)
TABLE = {row.name: row for row in (*_EFFECTIVE, *_DESCENT, *WITHOUT_EFFECT)}


def validate(given: Mapping[str, str]) -> dict[str, Any]:
    """All hyperparameters, parsed, with AWS's defaults; `loss` is never `auto`.

    Raises ValidationError for what is missing, unknown, out of range or does not go together.
    """
    missing = [f"'{row.name}'" for row in TABLE.values() if row.default is None]
    missing = [name for name in missing if name.strip("'") not in given]
    if given.get("predictor_type") == MULTICLASS and "num_classes" not in given:
        missing.append("'num_classes'")
    if missing:
        raise ValidationError(
            f"No value(s) were specified for {', '.join(missing)} which are required "
            "hyperparameter(s)"
        )
    unknown = [name for name in given if name not in TABLE]
    if unknown:
        listed = ", ".join(f"'{name}'" for name in unknown)
        verb = "was" if len(unknown) == 1 else "were"
        raise ValidationError(
            f"Additional hyperparameters are not allowed ({listed} {verb} unexpected)"
        )
    parsed = {name: row.parse(given.get(name, row.default or "")) for name, row in TABLE.items()}
    _check_together(parsed)
    return parsed


def _check_together(parsed: dict[str, Any]) -> None:
    predictor = parsed["predictor_type"]
    if predictor == MULTICLASS and not 3 <= parsed["num_classes"] <= 1_000_000:
        raise ValidationError(
            f"The value '{parsed['num_classes']}' is not valid for the 'num_classes' "
            "hyperparameter which expects one of the following: an integer between 3 and 1000000"
        )
    losses = LOSSES[predictor]
    if parsed["loss"] == "auto":
        parsed["loss"] = losses[0]
    if parsed["loss"] not in losses:
        accepted = ", ".join(f"'{loss}'" for loss in ("auto", *losses))
        raise ValidationError(
            f"The value '{parsed['loss']}' is not valid for the 'loss' hyperparameter which "
            f"accepts one of the following: {accepted} (predictor_type is {predictor})"
        )
