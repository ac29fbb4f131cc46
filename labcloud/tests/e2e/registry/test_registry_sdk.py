"""The registry with the SageMaker SDK v3, in a process that only has the environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json, sys
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import (
    Endpoint, EndpointConfig, Model, ModelPackage, ModelPackageGroup
)
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
from sagemaker.serve import ModelBuilder

given = json.load(sys.stdin)
session, role = Session(), get_execution_role()
builder = ModelBuilder(
    image_uri=given["image"], s3_model_data_url=given["artifact"], role_arn=role,
    instance_type="ml.m5.large", sagemaker_session=session,
)
builder.build()
shared = {
    "model_package_group_name": given["group"], "content_types": ["text/csv"],
    "response_types": ["text/csv"], "inference_instances": ["ml.m5.large"],
    "transform_instances": ["ml.m5.large"],
}
first = builder.register(**shared)
second = builder.register(**shared, approval_status="Approved", description="the second")
package = ModelPackage.get(first)
waiting = package.model_approval_status
package.update(model_approval_status="Rejected", approval_description="too small")
package.refresh()
group = ModelPackageGroup.get(given["group"])
listed = [
    (each.model_package_version, each.model_approval_status)
    for each in ModelPackage.get_all(model_package_group_name=given["group"])
]
name = given["group"]
model = Model.create(
    model_name=name, execution_role_arn=role,
    primary_container=ContainerDefinition(model_package_name=second),
)
variant = ProductionVariant(
    variant_name="AllTraffic", model_name=name, initial_instance_count=1,
    instance_type="ml.m5.large",
)
EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
endpoint.wait_for_status("InService")
answer = endpoint.invoke(body="5.9,3.0,5.1,1.8", content_type="text/csv").body.read().decode()
endpoint.delete()
endpoint.wait_for_delete()
for arn in (first, second):
    # ModelPackage.delete needs a name, which a version does not have: not on AWS, either.
    session.sagemaker_client.delete_model_package(ModelPackageName=arn)
group.delete()
print("\\nRESULT", json.dumps({
    "first": first, "waiting": waiting, "now": package.model_approval_status,
    "why": package.approval_description, "group": group.model_package_group_status,
    "listed": listed, "answer": answer, "package": model.primary_container.model_package_name,
}))
"""


@pytest.mark.slow
def test_register_approve_and_deploy(
    cloud_environment: dict[str, str], trained: dict[str, Any], golden: dict[str, Any], name: str
) -> None:
    given = {
        "image": trained["AlgorithmSpecification"]["TrainingImage"],
        "artifact": trained["ModelArtifacts"]["S3ModelArtifacts"],
        "group": f"{name}-v3",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(given), env=cloud_environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (result,) = re.findall(r"RESULT (.*)", done.stdout)
    found = json.loads(result)
    assert found["first"].endswith(f":model-package/{name}-v3/1")
    assert (found["waiting"], found["now"]) == ("PendingManualApproval", "Rejected")
    assert (found["why"], found["group"]) == ("too small", "Completed")
    assert found["listed"] == [[2, "Approved"], [1, "Rejected"]]
    assert found["package"].endswith("/2")
    expected = golden["softprob"]["expected"]["probe_predictions"][0]
    assert [float(each) for each in found["answer"].split(",")] == pytest.approx(expected, rel=1e-4)
