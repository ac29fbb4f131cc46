"""The tool ml2p, unmodified: every command of its tutorial, from a project's folder to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from labcloud.client.push import push_folder
from labcloud_support.resources import ROLE

pytestmark = pytest.mark.slow

MODEL = """\
import csv, json
from pathlib import Path
from ml2p.core import Model, ModelDatasetGenerator, ModelPredictor, ModelTrainer


class Generator(ModelDatasetGenerator):
    def generate(self):
        path = Path("prices.csv")
        path.write_text("RM,MEDV\\n1,3\\n2,6\\n")
        self.upload_to_s3(path)


class Trainer(ModelTrainer):
    def train(self):
        with (self.env.dataset_folder() / "prices.csv").open() as file:
            rows = list(csv.DictReader(file))
        slope = sum(float(r["MEDV"]) for r in rows) / sum(float(r["RM"]) for r in rows)
        (self.env.model_folder() / "model.json").write_text(json.dumps(slope))


class Predictor(ModelPredictor):
    def setup(self):
        self.slope = json.loads((self.env.model_folder() / "model.json").read_text())

    def result(self, data):
        return {"price": self.slope * data["RM"]}


class Prices(Model):
    DATASET_GENERATOR = Generator
    TRAINER = Trainer
    PREDICTOR = Predictor
"""
DOCKERFILE = """\
FROM python:3.12-slim
RUN pip install --no-cache-dir "ml2p==0.6.0"
COPY model.py /opt/program/
ENV PYTHONPATH=/opt/program
WORKDIR /opt/program
ENTRYPOINT ["ml2p-docker"]
"""
LOCAL = """\
import boto3, json
from ml2p.core import LocalEnv
from model import Prices

env = LocalEnv(".", "ml2p.yml", boto3.session.Session())
env.download_dataset("prices-20261128")
env.clean_model_folder()
Prices().trainer(env).train()
def predicted():
    predictor = Prices().predictor(env)
    predictor.setup()
    return predictor.invoke({"RM": 6})["result"]
first = predicted()
env.download_model("prices-1-0")
print("RESULT", json.dumps([first, predicted()]))
"""


class Project:
    """A folder with a project in it, and the tool's command there."""

    def __init__(self, folder: Path, environment: dict[str, str], settings: dict[str, Any]) -> None:
        self.folder = folder
        self._environment = environment
        (folder / "model.py").write_text(MODEL)
        (folder / "ml2p.yml").write_text(yaml.safe_dump(settings))

    def run(self, *command: str) -> str:
        """What a command prints; it must end with 0."""
        done = subprocess.run(
            command, cwd=self.folder, env=os.environ | self._environment,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ml2p(self, *words: str) -> Any:
        """The JSON documents that a command of the tool prints."""
        text = self.run(str(Path(sys.executable).with_name("ml2p")), *words).strip()
        decoder, found = json.JSONDecoder(), []
        while text:
            document, end = decoder.raw_decode(text)
            found.append(document)
            text = text[end:].lstrip()
        return found


@pytest.fixture
def project(tmp_path: Path, cloud_environment: dict[str, str], own_bucket: str) -> Project:
    settings: dict[str, Any] = {
        "project": own_bucket,
        "s3folder": f"s3://{own_bucket}/project/",
        "models": {"prices": "model.Prices"},
        "defaults": {"image": "", "role": ROLE},
        "dataset": {"instance_type": "ml.t3.medium"},
        "train": {"instance_type": "ml.m5.large"},
        "deploy": {"instance_type": "ml.m5.large", "record_invokes": True},
    }
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "model.py").write_text(MODEL)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in cloud_environment.items():
            patch.setenv(key, value)
        settings["defaults"]["image"] = push_folder(tmp_path, f"{own_bucket}:1")
    return Project(tmp_path, cloud_environment, settings)


def test_the_tutorial(
    project: Project, client: Callable[[str], Any], finished: Any, own_bucket: str
) -> None:
    sagemaker, ml2p = client("sagemaker"), project.ml2p
    ml2p("init")
    (project.folder / "more.csv").write_text("RM,MEDV\n1,3\n")
    ml2p("dataset", "create", "prices-20261127")
    ml2p("dataset", "up", "prices-20261127", "more.csv")
    ml2p("dataset", "dn", "prices-20261127", "more.csv", "again.csv")
    assert (project.folder / "again.csv").read_text() == "RM,MEDV\n1,3\n"
    files = ml2p("dataset", "ls", "prices-20261127")
    readme, more = files
    assert readme["filename"] == "README.rst"
    assert more == {"filename": "more.csv", "size": 12}
    ml2p("dataset", "rm", "prices-20261127", "more.csv")
    ml2p("dataset", "delete", "prices-20261127")

    # A processing job, which uploads by itself what it has made.
    (made,) = ml2p("dataset", "generate", "prices-20261128", "--model-type", "prices")
    assert made["ProcessingJobArn"].endswith(f"processing-job/{own_bucket}-prices-20261128")
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(
        ProcessingJobName=f"{own_bucket}-prices-20261128",
        WaiterConfig={"Delay": 1, "MaxAttempts": 60},
    )
    assert ml2p("dataset", "list") == ["prices-20261128"]
    assert "prices.csv" in str(ml2p("dataset", "ls", "prices-20261128"))

    ml2p("training-job", "create", "prices-1-0", "prices-20261128")
    finished(f"{own_bucket}-prices-1-0")
    ml2p("training-job", "wait", "prices-1-0")
    (job,) = ml2p("training-job", "describe", "prices-1-0")
    assert (job["TrainingJobStatus"], job["EnableNetworkIsolation"]) == ("Completed", True)
    assert [one["TrainingJobStatus"] for one in ml2p("training-job", "list")] == ["Completed"]

    ml2p("model", "create", "prices-1-0-0")
    (model,) = ml2p("model", "describe", "prices-1-0-0")
    assert model["PrimaryContainer"]["Environment"]["ML2P_MODEL_CLS"] == "model.Prices"
    assert len(ml2p("model", "list")) == 1

    ml2p("endpoint", "create", "prices-1-0-0-live")
    ready = sagemaker.get_waiter("endpoint_in_service")
    name = f"{own_bucket}-prices-1-0-0-live"
    ready.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    ml2p("endpoint", "wait", "prices-1-0-0-live")
    (described,) = ml2p("endpoint", "describe", "prices-1-0-0-live")
    assert described["EndpointUrl"].endswith(f"/endpoints/{name}/invocations")
    (answer,) = ml2p("endpoint", "invoke", "prices-1-0-0-live", '{"RM": 6}')
    assert answer["Body"]["result"] == {"price": 18.0}
    several = '{"instances": [{"RM": 1}, {"RM": 2}]}'
    (answers,) = ml2p("endpoint", "invoke", "prices-1-0-0-live", several)
    assert [one["result"]["price"] for one in answers["Body"]["predictions"]] == [3.0, 6.0]

    # The serving program has kept in S3 what it was asked.
    kept = client("s3").list_objects_v2(Bucket=own_bucket, Prefix="project/predictions")
    assert kept["KeyCount"] == 3

    # The same classes on this machine: with the cloud's data, and with the cloud's model.
    result = project.run(sys.executable, "-c", LOCAL).rpartition("RESULT ")[2]
    assert json.loads(result) == [{"price": 18.0}] * 2

    ml2p("endpoint", "delete", "prices-1-0-0-live")
    ml2p("model", "delete", "prices-1-0-0")
    assert ml2p("model", "list") == []
