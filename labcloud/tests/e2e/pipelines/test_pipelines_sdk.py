"""Pipelines of both versions of the SDK, unmodified, in processes with the environment only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.environments import environment
from labcloud_support.resources import IMAGE

from ..scripts import SKLEARN
from ..test_sdk_v2 import VERSION

# The SDK takes seconds to load, and looks at an execution every few seconds.
pytestmark = pytest.mark.slow

PREPARE = """
import json, sys
rows = "".join(f"{number % 2},{number % 2},{number % 5}\\n" for number in range(100))
with open("/opt/ml/processing/train/rows.csv", "w") as file:
    file.write(rows)
with open("/opt/ml/processing/report/report.json", "w") as file:
    json.dump({"rows": {"count": 100}}, file)
"""
V3 = """
import json, sys
from sagemaker.core.helper.session_helper import get_execution_role
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.core.training.configs import InputData
from sagemaker.core.workflow.conditions import ConditionGreaterThan
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.train.model_trainer import ModelTrainer
from sagemaker.train.configs import Compute

given = json.load(sys.stdin)
session, role = PipelineSession(), get_execution_role()
instances = ParameterInteger(name="Instances", default_value=1)
limit = ParameterInteger(name="Limit", default_value=10)
cache = CacheConfig(enable_caching=True, expire_after="PT1H")
processor = ScriptProcessor(
    image_uri=given["sklearn"], command=["python3"], role=role, instance_count=instances,
    instance_type="ml.m5.large", sagemaker_session=session,
)
report = PropertyFile(name="Report", output_name="report", path="report.json")
prepare = ProcessingStep(
    name="Prepare", cache_config=cache, property_files=[report],
    step_args=processor.run(
        code=given["folder"] + "/prepare.py",
        outputs=[ProcessingOutput(output_name=each, s3_output=ProcessingS3Output(
            s3_uri=f"s3://{session.default_bucket()}/v3-pipeline/{each}",
            local_path=f"/opt/ml/processing/{each}", s3_upload_mode="EndOfJob",
        )) for each in ("train", "report")],
    ),
)
trainer = ModelTrainer(
    training_image=given["xgboost"], role=role, sagemaker_session=session,
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    hyperparameters={"objective": "binary:logistic", "num_round": 2},
    input_data_config=[InputData(
        channel_name="train", content_type="text/csv",
        data_source=prepare.properties.ProcessingOutputConfig.Outputs["train"].S3Output.S3Uri,
    )],
)
train = TrainingStep(name="Train", step_args=trainer.train(), cache_config=cache)
count = JsonGet(step_name="Prepare", property_file=report, json_path="rows.count")
check = ConditionStep(
    name="Enough", conditions=[ConditionGreaterThan(left=count, right=limit)],
    if_steps=[train], else_steps=[FailStep(
        name="TooFew", error_message=Join(on=" ", values=["there are", count]),
    )],
)
pipeline = Pipeline(
    name="v3-pipeline", parameters=[instances, limit], steps=[prepare, check],
    sagemaker_session=session,
)
pipeline.upsert(role_arn=role)
told = []
for parameters in ({}, {}, {"Limit": 1000}):
    execution = pipeline.start(parameters=parameters)
    try:
        execution.wait(delay=1, max_attempts=60)
    except Exception as error:
        print(type(error).__name__)
    steps = execution.list_steps()
    steps = steps["PipelineExecutionSteps"] if isinstance(steps, dict) else steps
    told.append({
        "status": execution.describe()["PipelineExecutionStatus"],
        "steps": {each["StepName"]: [each["StepStatus"], "CacheHitResult" in each,
                                     each.get("FailureReason")] for each in steps},
    })
pipeline.upsert(role_arn=role)
print("RESULT", json.dumps({"told": told, "versions": pipeline.latest_pipeline_version_id}))
pipeline.delete()
"""
FUNCTIONS = """
import json, sys
from sagemaker.core.helper.session_helper import get_execution_role
from sagemaker.core.workflow.conditions import ConditionGreaterThan
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.function_step import step
from sagemaker.mlops.workflow.pipeline import Pipeline

given = json.load(sys.stdin)
role = get_execution_role()
where = {"role": role, "image_uri": given["sklearn"], "instance_type": "ml.m5.large"}

@step(name="Add", **where)
def add(a, b):
    return a + b

@step(name="Double", **where)
def double(x):
    return 2 * x

total = add(1, 2)
check = ConditionStep(
    name="Check", conditions=[ConditionGreaterThan(left=total, right=2)],
    if_steps=[double(total)], else_steps=[FailStep(name="No", error_message="no")],
)
pipeline = Pipeline(name="functions", steps=[check], sagemaker_session=PipelineSession())
pipeline.upsert(role_arn=role)
execution = pipeline.start()
try:
    execution.wait(delay=1, max_attempts=120)
except Exception as error:
    print(type(error).__name__)
steps = {each["StepName"]: each.get("FailureReason") for each in execution.list_steps()}
print("RESULT", json.dumps({"steps": steps, "result": execution.result("Double")}))
pipeline.delete()
"""
V2 = """
import json, sys
from sagemaker import get_execution_role
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionLessThanOrEqualTo
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterInteger
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep, TrainingStep

given = json.load(sys.stdin)
session, role = PipelineSession(), get_execution_role()
limit = ParameterInteger(name="Limit", default_value=1000)
processor = SKLearnProcessor(
    framework_version="1.2-1", role=role, instance_count=1, instance_type="ml.m5.large",
    sagemaker_session=session,
)
report = PropertyFile(name="Report", output_name="report", path="report.json")
prepare = ProcessingStep(
    name="Prepare", property_files=[report],
    step_args=processor.run(
        code=given["folder"] + "/prepare.py",
        outputs=[ProcessingOutput(output_name=each, source=f"/opt/ml/processing/{each}")
                 for each in ("train", "report")],
    ),
)
estimator = Estimator(
    given["xgboost"], role, 1, "ml.m5.large", sagemaker_session=session,
    hyperparameters={"objective": "binary:logistic", "num_round": 2},
)
uri = prepare.properties.ProcessingOutputConfig.Outputs["train"].S3Output.S3Uri
train = TrainingStep(
    name="Train", step_args=estimator.fit({"train": TrainingInput(uri, content_type="text/csv")})
)
model = Model(
    given["xgboost"], model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
    sagemaker_session=session, role=role,
)
register = ModelStep(name="Register", step_args=model.register(
    content_types=["text/csv"], response_types=["text/csv"], inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"], model_package_group_name="v2-pipeline",
))
count = JsonGet(step_name="Prepare", property_file=report, json_path="rows.count")
check = ConditionStep(
    name="Few", conditions=[ConditionLessThanOrEqualTo(left=count, right=limit)],
    if_steps=[train, register], else_steps=[FailStep(name="Many", error_message="too many")],
)
pipeline = Pipeline(
    name="v2-pipeline", parameters=[limit], steps=[prepare, check], sagemaker_session=session,
)
pipeline.upsert(role_arn=role)
execution = pipeline.start()
try:
    execution.wait(delay=1, max_attempts=60)
except Exception as error:
    print(type(error).__name__)
steps = execution.list_steps()
print("RESULT", json.dumps({
    "status": execution.describe()["PipelineExecutionStatus"],
    "steps": {each["StepName"]: each.get("FailureReason") for each in steps},
}))
pipeline.delete()
"""


def told(
    python: Any, script: str, cloud_environment: dict[str, str], folder: Path
) -> dict[str, Any]:
    """What the script says that it has seen."""
    (folder / "prepare.py").write_text(PREPARE)
    # A file: what pickles functions looks for their source.
    (folder / "define.py").write_text(script)
    given = {"folder": str(folder), "sklearn": SKLEARN, "xgboost": IMAGE}
    done = subprocess.run(
        [python, "-W", "ignore", "define.py"],
        env=cloud_environment | {"HOME": str(folder)}, input=json.dumps(given),
        capture_output=True, text=True, timeout=300, cwd=folder,
    )  # fmt: skip
    result = re.search(r"^RESULT (.*)$", done.stdout, re.M)
    assert result, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(result[1])
    return found


def test_version_3(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    found = told(sys.executable, V3, cloud_environment, tmp_path)
    first, again, few = found["told"]
    assert first["status"] == "Succeeded"
    assert first["steps"] == {
        each: ["Succeeded", False, None] for each in ("Train", "Enough", "Prepare")
    }
    assert again["status"] == "Succeeded"
    assert {each: seen[1] for each, seen in again["steps"].items()} == {
        "Train": True, "Enough": False, "Prepare": True
    }  # fmt: skip
    assert few["status"] == "Failed"
    assert few["steps"]["TooFew"] == ["Failed", False, "there are 100"]
    assert "Train" not in few["steps"]
    assert found["versions"] == 2


def test_functions_of_version_3(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    """A @step runs in a training job, with the function and its arguments from S3."""
    found = told(sys.executable, FUNCTIONS, cloud_environment, tmp_path)
    assert found == {"steps": dict.fromkeys(("Double", "Check", "Add")), "result": 6}


def test_version_2(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    python = environment(f"sagemaker=={VERSION}")
    found = told(python, V2, cloud_environment, tmp_path)
    assert found == {
        "status": "Succeeded",
        "steps": dict.fromkeys(("Prepare", "Few", "Train", "Register-RegisterModel")),
    }
