"""What a training job fails with, told apart as AWS's container tells it apart.

    TrainingError
      + UserError       the request or its data is wrong; the user can mend it
      + AlgorithmError  xgboost refused for a reason that the container does not know

Builds messages only; who writes them to /opt/ml/output/failure is `train`.
"""

from __future__ import annotations

# The container's toolkit, whose class names users meet in a FailureReason.
_TOOLKIT = "sagemaker_algorithm_toolkit.exceptions"

# Phrases of xgboost's own errors that are the data's fault, not the algorithm's.
_BLAMES_THE_DATA = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "Target is multiclass but average='binary'",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels_.size()",
    "Check failed: !auc_error AUC: the dataset only contains pos or neg samples",
    "Check failed: base_score > 0.0f && base_score < 1.0f base_score must be in (0,1) "
    "for logistic loss",
    "Check failed: label_correct PoissonRegression: label must be nonnegative",
    "Check failed: label_correct TweedieRegression: label must be nonnegative",
    "Parameter reg_lambda should be greater equal to 0",
)


class TrainingError(Exception):
    """A training job that cannot go on; `cause` is named behind the message, as on AWS."""

    def __init__(self, message: str, cause: BaseException | None = None) -> None:
        suffix = f" (caused by {type(cause).__name__})" if cause else ""
        super().__init__(message + suffix)


class UserError(TrainingError):
    """The request or its data is wrong."""


class AlgorithmError(TrainingError):
    """Training itself failed."""


def without_stack(error: Exception) -> str:
    """An error's message without the addresses of xgboost's library that end it."""
    return str(error).split("\nStack trace:", 1)[0]


def from_xgboost(error: Exception) -> TrainingError:
    """The error of a job whose call of xgboost raised `error`."""
    message = without_stack(error)
    if any(phrase in message for phrase in _BLAMES_THE_DATA):
        return UserError(message)
    return AlgorithmError(f"XGB train call failed with exception:\n {message}")


def failure_text(error: Exception) -> str:
    """What /opt/ml/output/failure holds: the platform shows its first 1,024 characters.

    AWS's container puts a traceback between the first line and the error, which often pushes the
    message itself past the 1,024th character; this leaves the traceback to the log.
    """
    known = isinstance(error, TrainingError)
    name = f"{_TOOLKIT}.{type(error).__name__}" if known else type(error).__name__
    return f"framework error: \n{name}: {error}"
