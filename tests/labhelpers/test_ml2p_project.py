"""Lab 08: its project trains and predicts by hand, its names fit, and strangers are refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from checked import CheckedModel
from ml2p.cli_commands.utils import mk_endpoint_config, mk_processing_job, mk_training_job
from ml2p.core import LocalEnv, ModellingProject
from ml2p.errors import ClientError
from model import FEATURES, BostonModel
from project import SETTINGS, TEMPLATE, published_houses, write_settings
from role import permissions

from labhelpers import Lab, split
from tests.labs.permissions import allowed, statements_for

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "labs" / "08-ml2p-project"
# What SageMaker allows as a name.
LONGEST = 63


@pytest.fixture
def project(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a project whose settings are in the working directory."""
    shutil.copy(FOLDER / TEMPLATE, tmp_path)
    monkeypatch.chdir(tmp_path)
    return write_settings(replace(lab, name="08a-laptop-and-cloud"), "registry/image:latest")


@pytest.fixture(scope="module")
def house() -> dict[str, Any]:
    first = published_houses().iloc[0]
    return {name: float(first[name]) for name in FEATURES} | {"district": "Chelsea"}


@pytest.fixture
def predictor(project: str, lab: Lab, tmp_path: Path) -> Callable[[type[Any]], Any]:
    """A predictor of a model that was trained here."""
    data = tmp_path / "input" / "data" / "training"
    data.mkdir(parents=True)
    parts = split(published_houses().drop(columns="B"))
    parts.train.to_csv(data / "train.csv", index=False)
    parts.validation.to_csv(data / "validation.csv", index=False)
    env = LocalEnv(tmp_path, SETTINGS, lab.session.boto_session)
    BostonModel().trainer(env).train()

    def make(model: type[Any]) -> Any:
        made = model().predictor(env)
        made.setup()
        return made

    return make


def test_the_image_has_the_versions_of_the_course() -> None:
    pinned = re.compile(r"^([\w-]+)==([\w.]+)", re.MULTILINE)
    course = set(pinned.findall((ROOT / "requirements" / "course.txt").read_text()))
    image = pinned.findall((FOLDER / "src" / "requirements.txt").read_text())
    assert {"ml2p", "xgboost-cpu"} <= {name for name, _ in image}
    assert set(image) <= course


def test_names_fit_for_everybody(project: str) -> None:
    """For the longest learner, and the time to the millisecond."""
    settings = yaml.safe_load(SETTINGS.read_text())
    settings["project"] = re.sub("^labs-[a-z0-9]{8}-", "labs-abcdefgh-", project)
    SETTINGS.write_text(yaml.safe_dump(settings))
    made = ModellingProject(SETTINGS)
    configuration = mk_endpoint_config(made, "boston-1-0-1-test", "boston-1-0-1")
    names = [
        configuration["EndpointConfigName"],
        configuration["ProductionVariants"][0]["VariantName"],
        mk_training_job(made, "boston-1-0", "boston-20261102", "boston")["TrainingJobName"],
        mk_processing_job(made, "boston-20261102", "boston")["ProcessingJobName"],
    ]
    assert max(map(len, names)) <= LONGEST
    assert all(name.startswith("labs-abcdefgh-08a-") for name in names)


def test_what_the_project_does_lies_in_the_learner_s_folder(project: str, lab: Lab) -> None:
    request = mk_training_job(ModellingProject(SETTINGS), "boston-1-0", "boston-20261102", "boston")
    folder = lab.uri("08a-laptop-and-cloud", project)
    assert request["OutputDataConfig"]["S3OutputPath"] == f"{folder}/models/"
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    assert source == f"{folder}/datasets/boston-20261102"
    assert request["RoleArn"] == lab.role


def test_a_house_has_a_price_and_a_word_has_none(
    predictor: Callable[[type[Any]], Any], house: dict[str, Any]
) -> None:
    believes, looks = predictor(BostonModel), predictor(CheckedModel)
    price = believes.invoke(house)["result"]
    assert 5 < price["MEDV"] < 50
    assert looks.invoke(house)["result"] == price
    # What lab 08b shows: this is no house, and has a price.
    assert believes.invoke(house | {"RM": "nan"})["result"] != price
    with pytest.raises(ValueError, match="six"):
        believes.invoke(house | {"RM": "six"})


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        *(({"RM": value}, "RM must be") for value in
          ("nan", "6.5", float("nan"), float("inf"), True, None, [6], -1, 1001, 1e300)),
        *(({"district": text}, "district must be") for text in
          ("Chelsea\nERROR", "Chelsea\n", "a\rb", "a\u2028b", "\x1b[31m", "<b>", "x" * 41, "", 5,
           None)),
        ({"other": 1}, "A house has these fields: district, CRIM"),
    ],
)  # fmt: skip
def test_what_is_no_house_is_refused(
    sent: dict[str, Any], said: str, predictor: Callable[[type[Any]], Any], house: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    looks = predictor(CheckedModel)
    capsys.readouterr()
    with pytest.raises(ClientError) as caught:
        looks.invoke(house | sent)
    assert caught.value.status_code == 400
    assert caught.value.message.startswith(said)
    # Nothing of the stranger's is in the log.
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("district", ["Chelsea", "Jamaica Plain", "St. Botolph's", "Zürich-West 5"])
def test_a_district_may_be_called_like_this(
    district: str, predictor: Callable[[type[Any]], Any], house: dict[str, Any]
) -> None:
    assert predictor(CheckedModel).invoke(house | {"district": district})["result"]["MEDV"] > 0


def test_a_field_less_is_refused(
    predictor: Callable[[type[Any]], Any], house: dict[str, Any]
) -> None:
    looks = predictor(CheckedModel)
    for name in house:
        with pytest.raises(ClientError, match="A house has these fields"):
            looks.invoke({key: value for key, value in house.items() if key != name})
    with pytest.raises(ClientError, match="A house has these fields"):
        looks.invoke([])


def test_the_project_s_role_may_do_less_than_the_notebook_s(lab: Lab) -> None:
    """In S3, only in the project's folder, and no more actions than all labs need."""
    policy = permissions(lab, "labs-ana-08a-x", "sagemaker-labs-ana-boston")
    assert len(json.dumps(policy)) < 10_240
    notebook = allowed(statements_for(FOLDER / "08a.ipynb"))
    assert set(allowed(policy["Statement"])) < set(notebook)
    folder = lab.uri(lab.name, "labs-ana-08a-x").removeprefix("s3://")
    for statement in policy["Statement"]:
        if any(action.startswith("s3:") and "Object" in action for action in statement["Action"]):
            assert statement["Resource"] == f"arn:aws:s3:::{folder}/*"
        assert not any(action.startswith(("sagemaker:", "iam:")) for action in statement["Action"])
