"""What a training job fails with, in the words that its user reads in FailureReason."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.algorithms.linear_learner.definitions import LINEAR_LEARNER
from labcloud.algorithms.linear_learner.errors import ValidationError
from labcloud.algorithms.linear_learner.hyperparameters import TABLE, validate

CAUSED = " (caused by ValidationError)"
MULTICLASS = {"predictor_type": "multiclass_classifier"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "No value(s) were specified for 'predictor_type' which are required"),
        (MULTICLASS, "No value(s) were specified for 'num_classes' which are required"),
        ({"predictor_type": "x"}, "'binary_classifier', 'multiclass_classifier', 'regressor'"),
        ({"epoch": "3"}, "Additional hyperparameters are not allowed ('epoch' was unexpected)"),
        ({"epochs": "0"}, "The value '0' is not valid for the 'epochs' hyperparameter"),
        ({"epochs": "1.5"}, "expects one of the following: an integer not below 1"),
        ({"wd": "-1"}, "expects one of the following: 'auto'; or a number not below 0"),
        ({"wd": "nan"}, "The value 'nan' is not valid for the 'wd' hyperparameter"),
        ({"wd": "inf"}, "The value 'inf' is not valid for the 'wd' hyperparameter"),
        ({"learning_rate": "0"}, "'auto'; or a number above 0"),
        ({"quantile": "1"}, "a number between 0 and 1, both excluded"),
        ({"use_bias": "yes"}, "accepts one of the following: 'true', 'false'"),
        ({"loss": "logistic"}, "(predictor_type is regressor)"),
        ({**MULTICLASS, "num_classes": "2"}, "an integer between 3 and 1000000"),
    ],
    ids=str,
)
def test_a_wrong_hyperparameter(given: dict[str, str], message: str) -> None:
    if given and "predictor_type" not in given:
        given = {"predictor_type": "regressor", **given}
    with pytest.raises(ValidationError) as refused:
        validate(given)
    assert message in str(refused.value)
    assert str(refused.value).endswith(CAUSED)


def test_aws_s_defaults_are_valid_themselves() -> None:
    params = validate({"predictor_type": "regressor"})
    assert (params["loss"], params["mini_batch_size"]) == ("squared_loss", 1000)
    assert params.keys() == TABLE.keys()


def test_the_recommended_ranges_are_valid() -> None:
    for row in LINEAR_LEARNER.tunable.values():
        for value in row.values or (row.low, row.high):
            text = str(int(value)) if row.type == "Integer" else str(value)
            validate({"predictor_type": "regressor", row.name: text})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"feature_dim": "4"},
            "'train': 3 does not match the hyperparameter feature_dim: 4",
        ),
        ({"mini_batch_size": "201"}, "No training data processed. Either the training channel is"),
        ({"predictor_type": "binary_classifier"}, "are the integers from 0 to 1."),
    ],
    ids=str,
)
def test_data_that_is_not_what_the_job_says(
    train: Any, line: Any, settings: Any, change: dict[str, str], message: str
) -> None:
    outcome = train({**settings["regressor"], **change}, train=line)
    assert outcome.code == 1
    assert outcome.failure.startswith("ClientError: ")
    assert message in outcome.failure
    assert "Customer Error: " in outcome.log
    assert str(outcome.root) not in outcome.log


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"label,a\n1,2\n", "could not convert string 'label' to float64"),
        (b"1,2\n3\n", "the number of columns changed"),
        (b"1,2\n3,nan\n", "A value is missing or infinite"),
        (b"1\n2\n", "A row is a label and at least one feature"),
        (b"\xff\xfe\n", "can't decode byte"),
    ],
    ids=["header", "ragged", "nan", "one-column", "binary"],
)
def test_a_channel_that_cannot_be_read(train: Any, settings: Any, content: bytes, why: str) -> None:
    outcome = train(settings["regressor"], train=content)
    assert outcome.failure.startswith(
        "ClientError: Unable to read data channel 'train'. Requested content-type is 'text/csv'. "
        "Please verify the data matches the requested content-type."
    )
    assert why in outcome.failure


def test_csv_that_is_called_nothing_is_not_recordio(train: Any, line: Any, settings: Any) -> None:
    outcome = train(settings["regressor"], content_type=None, train=line)
    assert "Requested content-type is 'application/x-recordio-protobuf'" in outcome.failure


def test_a_content_type_that_is_none(train: Any, line: Any, settings: Any) -> None:
    outcome = train(settings["regressor"], content_type="csv", train=line)
    assert outcome.failure == (
        "ClientError: No iterator has been registered for ContentType ('csv', '1.0')"
    )


def test_channels(train: Any, line: Any, settings: Any) -> None:
    outcome = train(settings["regressor"], validation=line)
    assert "'train' is a required property" in outcome.failure
    outcome = train(settings["regressor"], train=line, training=line)
    assert "('training' was unexpected)" in outcome.failure
    outcome = train(settings["regressor"], train=b"")
    assert "No training data processed." in outcome.failure
    outcome = train(settings["regressor"], train=line, test=line[:, :3])
    assert "channel 'test': 2 does not match that of the channel 'train': 3" in outcome.failure


def test_one_class_is_none(train: Any, virginica: Any, settings: Any) -> None:
    outcome = train(settings["binary"], train=virginica[virginica[:, 0] == 0])
    assert "A classifier needs two classes" in outcome.failure


def test_what_only_aws_can_do(train: Any, line: Any, settings: Any) -> None:
    hosts = {"resourceconfig.json": {"hosts": ["algo-1", "algo-2"]}}
    outcome = train(settings["regressor"], config=hosts, train=line)
    assert "Set InstanceCount to 1" in outcome.failure
    pipe = {"inputdataconfig.json": {"train": {"TrainingInputMode": "Pipe"}}}
    outcome = train(settings["regressor"], config=pipe, train=line)
    assert "linear-learner reads no pipes" in outcome.failure


def test_what_has_no_effect_is_said(train: Any, line: Any, settings: Any) -> None:
    log = train({**settings["regressor"], "optimizer": "adam"}, train=line).log
    assert "Without effect here, scikit-learn fits the model: optimizer" in log
