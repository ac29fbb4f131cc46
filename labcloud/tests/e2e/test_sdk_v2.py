"""Version 2 of the SageMaker SDK, which much code still uses, in an environment of its own."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.environments import environment
from labcloud_support.resources import ROLE

from .scripts import ACCURACY, TUNED, check_tuning
from .tuning.tuners import V2, check, outcome

# Its last release; it cannot be installed beside version 3.
VERSION = "2.257.7"
TRANSFORM = """
import json, sys
from sagemaker import Session
from sagemaker.transformer import Transformer

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
rows = session.upload_string_as_file_body(given["rows"], bucket, "v2/in/rows.csv")
transformer = Transformer(
    model_name=given["model"], instance_count=1, instance_type="ml.m5.large",
    strategy="MultiRecord", assemble_with="Line", accept="text/csv",
    output_path=f"s3://{bucket}/v2/out", sagemaker_session=session,
)
transformer.transform(
    f"s3://{bucket}/v2/in/", content_type="text/csv", split_type="Line",
    input_filter="$[1:]", join_source="Input", output_filter="$[0]", wait=False,
)
transformer.wait(logs=False)
print("RESULT", json.dumps(session.read_s3_file(bucket, "v2/out/rows.csv.out")))
"""

ENDPOINT = """
import json, sys
from sagemaker import Session, image_uris
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
session.upload_string_as_file_body(given["train"], bucket, "v2/train/data.csv")
estimator = Estimator(
    image_uris.retrieve("xgboost", session.boto_region_name, version="3.0-5"),
    role=given["role"], instance_count=1, instance_type="ml.m5.large", base_job_name="v2",
    output_path=f"s3://{bucket}/v2/output", sagemaker_session=session,
    hyperparameters={
        "objective": "multi:softprob", "num_class": 3, "num_round": 8, "max_depth": 3,
    },
)
train = TrainingInput(f"s3://{bucket}/v2/train/", content_type="text/csv")
estimator.fit({"train": train}, logs=False)
job = estimator.latest_training_job.name
assert Estimator.attach(job, sagemaker_session=session).model_data == estimator.model_data
analytics = estimator.training_job_analytics.dataframe()
# Its own waiting looks every 30 seconds.
wait = session.sagemaker_client.get_waiter("endpoint_in_service").wait
predictor = estimator.deploy(
    1, "ml.m5.large", endpoint_name="v2", wait=False,
    serializer=CSVSerializer(), deserializer=CSVDeserializer(),
)
wait(EndpointName="v2")
row = [[5.9, 3.0, 5.1, 1.8]]
before = predictor.predict(row)
predictor.update_endpoint(initial_instance_count=2, instance_type="ml.m5.large", wait=False)
wait(EndpointName="v2")
found = session.sagemaker_client.describe_endpoint(EndpointName="v2")
after = predictor.predict(row)
predictor.delete_endpoint()
print("RESULT", json.dumps({
    "before": before, "after": after,
    "instances": [each["CurrentInstanceCount"] for each in found["ProductionVariants"]],
    "metrics": sorted(set(analytics["metric_name"])),
}))
"""

SKLEARN_SCRIPT = """
import argparse, os
import joblib
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

def model_fn(folder):
    return joblib.load(os.path.join(folder, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-depth", type=int)
    parser.add_argument("--target", type=str)
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    given = parser.parse_args()
    rows = pd.read_csv(os.path.join(given.train, "rows.csv"))
    model = DecisionTreeClassifier(max_depth=given.max_depth)
    model.fit(rows.drop(columns=given.target).values, rows[given.target])
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""
XGBOOST_SCRIPT = """
import os
import xgboost as xgb
from sagemaker_xgboost_container.data_utils import get_dmatrix

if __name__ == "__main__":
    rows = get_dmatrix(os.environ["SM_CHANNEL_TRAIN"], "libsvm")
    booster = xgb.train({"max_depth": 2, "min_child_weight": 0}, rows, num_boost_round=3)
    booster.save_model(os.path.join(os.environ["SM_MODEL_DIR"], "xgboost-model"))
"""
BOOSTER = """
import os
import xgboost as xgb

def model_fn(folder):
    booster = xgb.Booster()
    booster.load_model(os.path.join(folder, "xgboost-model"))
    return booster
"""
SCRIPTS = """
import json, os, sys
import numpy
from sagemaker import Session
from sagemaker.sklearn import SKLearn, SKLearnModel
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from sagemaker.xgboost import XGBoost, XGBoostModel

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
for name, text in given["rows"].items():
    session.upload_string_as_file_body(text, bucket, f"v2-script/{name}")
shared = {
    "role": given["role"], "instance_count": 1, "instance_type": "ml.m5.large",
    "sagemaker_session": session,
}
sklearn = SKLearn(
    os.path.join(given["folder"], "train.py"), framework_version="1.2-1",
    hyperparameters={"max-depth": 2, "target": "kind"}, base_job_name="v2-sklearn", **shared,
)
xgboost = XGBoost(
    "boost.py", source_dir=given["folder"], framework_version="3.0-5", base_job_name="v2-xgboost",
    enable_network_isolation=True, **shared,
)
fails = SKLearn(
    os.path.join(given["folder"], "fails.py"), framework_version="1.2-1", base_job_name="v2-fails",
    **shared,
)
sklearn.fit({"train": f"s3://{bucket}/v2-script/rows.csv"}, wait=False)
xgboost.fit({"train": f"s3://{bucket}/v2-script/rows.libsvm"}, wait=False)
fails.fit(wait=False)
tuner = HyperparameterTuner(
    SKLearn(
        os.path.join(given["folder"], "tunes.py"), framework_version="1.2-1",
        hyperparameters={"target": "Species"}, base_job_name="v2-tunes", **shared,
    ),
    given["tuned"]["Name"], {"depth": IntegerParameter(1, 3)}, [given["tuned"]],
    max_jobs=3, max_parallel_jobs=2,
)
tuner.fit(wait=False)
# Its own waiting looks every ten seconds.
wait = session.sagemaker_client.get_waiter
for estimator in (sklearn, xgboost):
    wait("training_job_completed_or_stopped").wait(
        TrainingJobName=estimator.latest_training_job.name, WaiterConfig={"Delay": 1}
    )
try:
    fails.latest_training_job.wait(logs=False)
except Exception as error:
    failed = str(error)
attached = SKLearn.attach(sklearn.latest_training_job.name, sagemaker_session=session)
found = {"attached": attached.model_data == sklearn.model_data, "failed": failed}
# Models of their own, from what the jobs have left.
shared = {"role": given["role"], "sagemaker_session": session}
model = SKLearnModel(
    sklearn.model_data, entry_point=os.path.join(given["folder"], "train.py"),
    framework_version="1.2-1", **shared,
)
boosted = XGBoostModel(
    xgboost.model_data, entry_point="serve.py", source_dir=given["folder"],
    framework_version="3.0-5", **shared,
)
predictors = {
    "v2-script": attached.deploy(1, "ml.m5.large", endpoint_name="v2-script", wait=False),
    "v2-boosted": boosted.deploy(1, "ml.m5.large", endpoint_name="v2-boosted", wait=False),
}
transformer = model.transformer(1, "ml.m5.large", output_path=f"s3://{bucket}/v2-script/out")
transformer.transform(
    f"s3://{bucket}/v2-script/batch.csv", content_type="text/csv", job_name="v2-script", wait=False
)
for name in predictors:
    wait("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1})
found["predicted"] = predictors["v2-script"].predict(numpy.array([[0, 0], [1, 1]])).tolist()
found["boosted"] = predictors["v2-boosted"].predict("1 0:1 1:1")
for predictor in predictors.values():
    predictor.delete_endpoint()
wait("transform_job_completed_or_stopped").wait(
    TransformJobName="v2-script", WaiterConfig={"Delay": 1}
)
found["transformed"] = session.read_s3_file(bucket, "v2-script/out/batch.csv.out")
tuner.wait()
tuned = tuner.latest_tuning_job.name
print("RESULT", json.dumps({**found, "tuned": tuned}))
"""


@pytest.fixture(scope="session")
def python() -> Path:
    """A Python that has the old SDK."""
    return environment(f"sagemaker=={VERSION}")


def ran(python: Path, environment: dict[str, str], script: str, **given: Any) -> Any:
    """What a script has found with the old SDK, which it alone knows of."""
    done = subprocess.run(
        [python, "-c", script],
        input=json.dumps(given),
        env=environment | {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (result,) = re.findall(r"RESULT (.*)", done.stdout)
    return json.loads(result)


@pytest.mark.slow
def test_a_transformer_of_version_2(
    python: Path, cloud_environment: dict[str, str], model: str
) -> None:
    rows = "one,5.9,3.0,5.1,1.8\ntwo,5.0,3.5,1.3,0.3"
    found = ran(python, cloud_environment, TRANSFORM, model=model, rows=rows)
    assert found == "one\ntwo\n"


@pytest.mark.slow
def test_an_estimator_and_its_endpoint_of_version_2(
    python: Path, cloud_environment: dict[str, str], golden: dict[str, Any]
) -> None:
    case = golden["softprob"]
    train = golden["files"][case["channels"]["train"]]
    found = ran(python, cloud_environment, ENDPOINT, train=train, role=ROLE)
    expected = case["expected"]["probe_predictions"][0]
    assert [float(each) for each in found["before"][0]] == pytest.approx(expected, rel=1e-4)
    assert found["after"] == found["before"]
    assert found["instances"] == [2]
    assert found["metrics"] == ["train:mlogloss"]


@pytest.mark.slow
def test_a_tuner_of_version_2(
    python: Path, cloud_environment: dict[str, str], golden: dict[str, Any]
) -> None:
    environment = cloud_environment | {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"}
    check(outcome(python, V2, environment, golden))


@pytest.mark.slow
def test_scripts_of_version_2(
    python: Path, cloud_environment: dict[str, str], sagemaker: Any, tmp_path: Path
) -> None:
    """One that trains and serves, one that imports XGBoost's container, one that fails, and one
    that is tuned."""
    scripts = {
        "train.py": SKLEARN_SCRIPT, "boost.py": XGBOOST_SCRIPT,
        "fails.py": "raise ValueError('no such column')", "tunes.py": TUNED,
        "serve.py": BOOSTER,
    }  # fmt: skip
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
    rows = {
        "rows.csv": "a,b,kind\n0,0,3\n1,1,4\n",
        "rows.libsvm": "0 0:0 1:0\n1 0:1 1:1\n",
        "batch.csv": "0,0\n1,1\n",
    }
    given = {"folder": str(tmp_path), "rows": rows, "role": ROLE, "tuned": ACCURACY}
    found = ran(python, cloud_environment, SCRIPTS, **given)
    check_tuning(sagemaker, found["tuned"])
    assert found["attached"]
    assert found["predicted"] == [3, 4]
    assert found["transformed"] == "[3, 4]"
    assert 0.5 < float(found["boosted"][0][0]) < 1
    assert "AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n" in found["failed"]
    assert 'Command "/miniconda3/bin/python fails.py"' in found["failed"]
