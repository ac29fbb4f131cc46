"""What a script is told: its arguments and its SM_ variables, as sagemaker-training has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labcloud.frameworks.toolkit import paths
from labcloud.frameworks.toolkit.environment import TrainingEnvironment, decoded

RESOURCES = {
    "current_host": "algo-1",
    "current_instance_type": "ml.m5.large",
    "current_group_name": "homogeneousCluster",
    "hosts": ["algo-1"],
    "instance_groups": [
        {
            "instance_group_name": "homogeneousCluster",
            "instance_type": "ml.m5.large",
            "hosts": ["algo-1"],
        }
    ],
    "network_interface_name": "eth0",
}
CHANNELS = {"train": {"TrainingInputMode": "File"}, "a-b": {"TrainingInputMode": "File"}}
# Those of ENVIRONMENT_VARIABLES.md of sagemaker-training, and those that it sets besides.
DOCUMENTED = [
    "MODEL_DIR",
    "CHANNELS",
    "CHANNEL_TRAIN",
    "CHANNEL_A-B",
    "HPS",
    "HP_BATCH-SIZE",
    "CURRENT_HOST",
    "HOSTS",
    "NUM_GPUS",
    "NUM_CPUS",
    "LOG_LEVEL",
    "NETWORK_INTERFACE_NAME",
    "USER_ARGS",
    "INPUT_DIR",
    "INPUT_CONFIG_DIR",
    "RESOURCE_CONFIG",
    "INPUT_DATA_CONFIG",
    "TRAINING_ENV",
]
OTHERS = [
    "USER_ENTRY_POINT",
    "FRAMEWORK_PARAMS",
    "OUTPUT_DATA_DIR",
    "MODULE_NAME",
    "FRAMEWORK_MODULE",
    "OUTPUT_DIR",
    "MODULE_DIR",
    "OUTPUT_INTERMEDIATE_DIR",
]
# Those that sagemaker-containers, which is older, does not have.
NEWER = [
    "NUM_NEURONS",
    "CURRENT_INSTANCE_TYPE",
    "CURRENT_INSTANCE_GROUP",
    "CURRENT_INSTANCE_GROUP_HOSTS",
    "INSTANCE_GROUPS",
    "INSTANCE_GROUPS_DICT",
    "DISTRIBUTION_INSTANCE_GROUPS",
    "IS_HETERO",
]
# What both say of a job in one text, and what the newer one says besides.
SAID = {
    "additional_framework_parameters", "channel_input_dirs", "current_host", "framework_module",
    "hosts", "hyperparameters", "input_config_dir", "input_data_config", "input_dir", "is_master",
    "job_name", "log_level", "master_hostname", "model_dir", "module_dir", "module_name",
    "network_interface_name", "num_cpus", "num_gpus", "output_data_dir", "output_dir",
    "output_intermediate_dir", "resource_config", "user_entry_point",
}  # fmt: skip
SAID_BY_THE_NEWER = {
    "current_instance_group", "current_instance_group_hosts", "current_instance_type",
    "distribution_hosts", "distribution_instance_groups", "instance_groups",
    "instance_groups_dict", "is_hetero", "is_modelparallel_enabled", "is_smddpmprun_installed",
    "is_smddprun_installed", "num_neurons",
}  # fmt: skip


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The environment of a job with these hyperparameters, as the service writes them: as texts."""

    def of(older: bool = False, /, **hyperparameters: str) -> TrainingEnvironment:
        for name, content in (
            ("hyperparameters", hyperparameters),
            ("resourceconfig", RESOURCES),
            ("inputdataconfig", CHANNELS),
        ):
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        return TrainingEnvironment.read(older=older)

    monkeypatch.setattr(paths, "CONFIG", tmp_path)
    monkeypatch.delenv("SAGEMAKER_PROGRAM", raising=False)
    monkeypatch.setenv("TRAINING_JOB_NAME", "a-job")
    monkeypatch.setenv("SAGEMAKER_TRAINING_MODULE", "sagemaker_sklearn_container.training:main")
    return of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ('"Species"', "Species"),
        ("Species", "Species"),
        ("true", True),
        ("True", "True"),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('{"a": 1}', {"a": 1}),
        ("007", "007"),
        ("", ""),
        ("{broken", "{broken"),
    ],
)
def test_a_hyperparameter_is_json_or_a_text(text: str, value: Any) -> None:
    assert decoded(text) == value
    assert type(decoded(text)) is type(value)


def test_arguments_are_sorted_and_each_kind_is_written_as_str_does(read: Any) -> None:
    found = read(
        **{
            "n-estimators": "10", "x": "1", "target": '"Species"', "flag": "true", "off": "false",
            "none": "null", "rate": "1e-3", "list": '[1, "b"]', "dict": '{"b": 2, "a": true}',
            "B": '"big letters come first"', "deep": '{"a": {"b": [1, null]}}', "empty": '""',
        }
    )  # fmt: skip
    assert found.arguments() == [
        "-B", "big letters come first",
        "--deep", "a={'b': [1, None]}",
        "--dict", "a=True,b=2",
        "--empty", "",
        "--flag", "True",
        "--list", "[1, 'b']",
        "--n-estimators", "10",
        "--none", "",
        "--off", "False",
        "--rate", "0.001",
        "--target", "Species",
        "-x", "1",
    ]  # fmt: skip


def test_what_the_sdk_sends_for_the_toolkit_is_no_argument(read: Any) -> None:
    found = read(
        sagemaker_program='"train.py"',
        sagemaker_submit_directory='"s3://bucket/sourcedir.tar.gz"',
        sagemaker_container_log_level="10",
        sagemaker_job_name='"a-job"',
        sagemaker_region='"us-east-1"',
        sagemaker_mpi_enabled="true",
        _tuning_objective_metric="accuracy",
        default_user_module_name="x",
        depth="3",
    )
    assert found.arguments() == ["--depth", "3"]
    assert (found.program, found.module) == ("train.py", "train")
    assert (found.source, found.log_level) == ("s3://bucket/sourcedir.tar.gz", 10)
    variables = found.variables()
    assert json.loads(variables["SM_HPS"]) == {"depth": 3}
    # What is none of those is the framework's.
    assert json.loads(variables["SM_FRAMEWORK_PARAMS"]) == {"sagemaker_mpi_enabled": True}
    assert not [name for name in variables if name.startswith("SM_HP_SAGEMAKER")]


def test_a_variable_names_the_script_before_the_hyperparameter(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_PROGRAM", "other.py")
    assert read(sagemaker_program='"train.py"').program == "other.py"


def test_without_a_submit_directory_the_source_is_in_the_image(read: Any) -> None:
    found = read(sagemaker_program='"train.py"')
    assert found.source == "/opt/ml/code"
    assert found.log_level == 20


@pytest.mark.parametrize("older", [False, True])
def test_it_has_every_variable_of_its_toolkit_and_no_other(read: Any, older: bool) -> None:
    found = read(older, sagemaker_program='"train.py"', **{"batch-size": "256"}).variables()
    names = DOCUMENTED + OTHERS + ([] if older else NEWER)
    assert sorted(found) == sorted([*(f"SM_{name}" for name in names), "PYTHONPATH"])


def test_variables_without_sm_say_which_job_runs_where(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    named = read(sagemaker_job_name='"named"', sagemaker_region='"us-west-2"').plain_variables()
    assert named == {
        "SAGEMAKER_JOB_NAME": "named", "CURRENT_HOST": "algo-1", "SAGEMAKER_REGION": "us-west-2",
    }  # fmt: skip
    unnamed = read().plain_variables()
    assert unnamed == {
        "SAGEMAKER_JOB_NAME": "", "CURRENT_HOST": "algo-1", "SAGEMAKER_REGION": "eu-west-1",
    }  # fmt: skip


def test_programs_of_the_script_find_its_modules_before_the_user_s(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert read().variables()["PYTHONPATH"] == str(paths.CODE)
    monkeypatch.setenv("PYTHONPATH", "/opt/ml/model/a:/opt/ml/model/b")
    assert read().variables()["PYTHONPATH"] == f"{paths.CODE}:/opt/ml/model/a:/opt/ml/model/b"


def test_texts_are_written_as_they_are_and_everything_else_as_json(read: Any) -> None:
    found = read(
        sagemaker_program='"train.py"', **{"batch-size": "256", "on": "true", "none": "null"}
    ).variables()
    assert found["SM_MODEL_DIR"] == "/opt/ml/model"
    assert found["SM_OUTPUT_DATA_DIR"] == "/opt/ml/output/data"
    assert found["SM_CHANNELS"] == '["a-b","train"]'
    assert found["SM_CHANNEL_TRAIN"] == "/opt/ml/input/data/train"
    assert found["SM_CHANNEL_A-B"] == "/opt/ml/input/data/a-b"
    assert found["SM_HPS"] == '{"batch-size":256,"none":null,"on":true}'
    assert (found["SM_HP_BATCH-SIZE"], found["SM_HP_ON"], found["SM_HP_NONE"]) == (
        "256", "true", "",
    )  # fmt: skip
    assert found["SM_USER_ARGS"] == '["--batch-size","256","--none","","--on","True"]'
    assert found["SM_HOSTS"] == '["algo-1"]'
    assert found["SM_CURRENT_INSTANCE_TYPE"] == "ml.m5.large"
    assert found["SM_USER_ENTRY_POINT"] == "train.py"
    assert found["SM_MODULE_NAME"] == "train"
    assert found["SM_FRAMEWORK_MODULE"] == "sagemaker_sklearn_container.training:main"


@pytest.mark.parametrize("older", [False, True])
def test_the_environment_in_one_variable_is_what_the_log_shows(read: Any, older: bool) -> None:
    found = read(older, sagemaker_program='"train.py"', depth="3")
    environment = json.loads(found.variables()["SM_TRAINING_ENV"])
    assert environment == found.described()
    assert set(environment) == SAID | (set() if older else SAID_BY_THE_NEWER)
    assert environment["job_name"] == "a-job"
    assert environment["channel_input_dirs"] == {
        "train": "/opt/ml/input/data/train", "a-b": "/opt/ml/input/data/a-b",
    }  # fmt: skip
    assert environment["hyperparameters"] == {"depth": 3}
    assert environment["master_hostname"] == "algo-1"
    assert environment["is_master"] is True
