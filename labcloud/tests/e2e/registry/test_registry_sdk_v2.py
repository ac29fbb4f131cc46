"""The registry with version 2 of the SageMaker SDK, in an environment of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labcloud_support.environments import environment
from labcloud_support.resources import ROLE

from ..test_sdk_v2 import VERSION, ran

SCRIPT = """
import json, sys
from sagemaker import Session
from sagemaker.deserializers import CSVDeserializer
from sagemaker.model import Model, ModelPackage
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer

given = json.load(sys.stdin)
session = Session()
model = Model(
    given["image"], given["artifact"], role=given["role"], sagemaker_session=session
)
metrics = ModelMetrics(
    model_statistics=MetricsSource("application/json", "s3://labcloud/evaluation.json")
)
shared = {
    "content_types": ["text/csv"], "response_types": ["text/csv"],
    "inference_instances": ["ml.m5.large"], "transform_instances": ["ml.m5.large"],
}
package = model.register(
    model_package_group_name=given["group"], model_metrics=metrics,
    customer_metadata_properties={"season": "spring"}, **shared,
)
arn = package.model_package_arn
package.update_approval_status("Rejected", "not good enough")
package.update_customer_metadata({"season": "summer"})
# It approves the version by itself.
again = ModelPackage(role=given["role"], model_package_arn=arn, sagemaker_session=session)
again.deploy(1, "ml.m5.large", endpoint_name=given["group"], wait=False)
# Its own waiting looks every 30 seconds.
session.sagemaker_client.get_waiter("endpoint_in_service").wait(
    EndpointName=given["group"], WaiterConfig={"Delay": 1}
)
predictor = Predictor(
    given["group"], session, serializer=CSVSerializer(), deserializer=CSVDeserializer()
)
answer = predictor.predict([[5.9, 3.0, 5.1, 1.8]])
predictor.delete_endpoint()
alone = model.register(model_package_name=f"{given['group']}-alone", **shared)
found = session.sagemaker_client.describe_model_package(ModelPackageName=arn)
print("RESULT", json.dumps({
    "arn": arn, "status": found["ModelApprovalStatus"], "answer": answer,
    "alone": alone.model_package_arn,
    "metadata": found["CustomerMetadataProperties"], "why": found["ApprovalDescription"],
    "metrics": found["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"],
}))
"""


@pytest.fixture(scope="session")
def python() -> Path:
    """A Python that has the old SDK."""
    return environment(f"sagemaker=={VERSION}")


@pytest.mark.slow
def test_register_and_deploy_of_version_2(
    python: Path, cloud_environment: dict[str, str], trained: dict[str, Any],
    golden: dict[str, Any], name: str,
) -> None:  # fmt: skip
    found = ran(
        python, cloud_environment, SCRIPT, role=ROLE, group=f"{name}-v2",
        image=trained["AlgorithmSpecification"]["TrainingImage"],
        artifact=trained["ModelArtifacts"]["S3ModelArtifacts"],
    )  # fmt: skip
    assert found["arn"].endswith(f":model-package/{name}-v2/1")
    assert found["status"] == "Approved"
    assert (found["why"], found["metadata"]) == ("not good enough", {"season": "summer"})
    assert found["metrics"] == "s3://labcloud/evaluation.json"
    assert found["alone"].endswith(f":model-package/{name}-v2-alone")
    expected = golden["softprob"]["expected"]["probe_predictions"][0]
    assert [float(each) for each in found["answer"][0]] == pytest.approx(expected, rel=1e-4)
