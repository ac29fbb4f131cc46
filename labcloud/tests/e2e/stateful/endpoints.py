"""Steps with models, endpoint configurations and endpoints, which are invoked."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from labcloud_support.life import eventually
from labcloud_support.resources import IMAGE, variant

from .expected import Endpoint
from .ground import PICK, WAITER, Material
from .jobs import JobSteps


class EndpointSteps(JobSteps):
    """Models of the jobs' artifacts, and up to two endpoints of them."""

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        self.models: set[str] = set()
        self.configs: dict[str, str] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.deleting: set[str] = set()

    @rule()
    def create_model(self) -> None:
        self._create_model()

    def _create_model(self) -> None:
        name = f"model-{next(self.numbers)}"
        uri = [f"s3://{self.material.bucket}/model.tar.gz", *self.artifacts][-1]
        container = {"Image": IMAGE, "ModelDataUrl": uri}
        made = self.cloud.sagemaker.create_model(ModelName=name, PrimaryContainer=container)
        self.models.add(name)
        self.tags[made["ModelArn"]] = {}

    @rule(which=PICK)
    def delete_model(self, which: int) -> None:
        names = sorted(self.models - set(self.configs.values()))
        if names:
            name = names[which % len(names)]
            arn = self.cloud.sagemaker.describe_model(ModelName=name)["ModelArn"]
            self.cloud.sagemaker.delete_model(ModelName=name)
            self.models.remove(name)
            del self.tags[arn]

    @rule(model=PICK)
    def create_config(self, model: int) -> None:
        """Its variant has its name: an answer says from which configuration it comes."""
        name = f"config-{next(self.numbers)}"
        models = sorted(self.models)
        self.configs[name] = models[model % len(models)]
        made = self.cloud.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant(self.configs[name], name)]
        )
        self.tags[made["EndpointConfigArn"]] = {}

    @rule(which=PICK)
    def delete_config(self, which: int) -> None:
        used = {name for endpoint in self.endpoints.values() for name in endpoint.configs}
        names = sorted(self.configs.keys() - used)
        if len(names) > 1:
            name = names[which % len(names)]
            described = self.cloud.sagemaker.describe_endpoint_config(EndpointConfigName=name)
            self.cloud.sagemaker.delete_endpoint_config(EndpointConfigName=name)
            del self.configs[name], self.tags[described["EndpointConfigArn"]]

    @rule(name=st.sampled_from(["one", "two"]), config=PICK, wait=st.booleans())
    def create_endpoint(self, name: str, config: int, wait: bool) -> None:
        if name in self.endpoints:
            return
        self.is_deleted(name)
        configs = sorted(self.configs)
        chosen = configs[config % len(configs)]
        made = self.cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=chosen)
        self.endpoints[name] = Endpoint({chosen})
        self.tags[made["EndpointArn"]] = {}
        if wait:
            self.endpoint_settles(name)

    @rule(which=PICK, config=PICK, wait=st.booleans())
    def update_endpoint(self, which: int, config: int, wait: bool) -> None:
        """Also while it comes up again after a restart."""
        if (name := self._endpoint(which)) is None or self.endpoints[name].may_fail:
            return
        endpoint = self.endpoints[name]
        configs = sorted(self.configs)
        chosen = configs[config % len(configs)]
        change = {"EndpointName": name, "EndpointConfigName": chosen}
        try:
            self.cloud.sagemaker.update_endpoint(**change)
        except ClientError as error:
            assert "Cannot update in-progress endpoint" in str(error) and not endpoint.settled
            self.endpoint_settles(name)
            self.cloud.sagemaker.update_endpoint(**change)
        endpoint.before, endpoint.configs = endpoint.configs, {chosen}
        endpoint.settled, endpoint.served = False, True
        if wait:
            self.endpoint_settles(name)

    @rule(which=PICK, wait=st.booleans())
    def delete_endpoint(self, which: int, wait: bool) -> None:
        """Also while it comes up again after a restart."""
        if (name := self._endpoint(which)) is None:
            return
        described = self.cloud.sagemaker.describe_endpoint(EndpointName=name)
        try:
            self.cloud.sagemaker.delete_endpoint(EndpointName=name)
        except ClientError as error:
            assert "Cannot update in-progress endpoint" in str(error)
            assert not self.endpoints[name].settled
            return
        del self.endpoints[name], self.tags[described["EndpointArn"]]
        self.deleting.add(name)
        if wait:
            self.is_deleted(name)

    @rule(which=PICK)
    def invoke(self, which: int) -> None:
        if name := self._endpoint(which):
            self.endpoint_settles(name)
            self._answers(name)

    def _endpoint(self, which: int) -> str | None:
        names = sorted(self.endpoints)
        return names[which % len(names)] if names else None

    def is_deleted(self, name: str) -> None:
        """Waits until an endpoint is gone, and makes sure that nothing answers for it."""
        if name in self.deleting:
            waiter = self.cloud.sagemaker.get_waiter("endpoint_deleted")
            waiter.wait(EndpointName=name, WaiterConfig=WAITER)
            self.deleting.remove(name)
        with pytest.raises(ClientError, match=f"Endpoint {name} of account .* not found"):
            self._invoke(name)

    def endpoint_settles(self, name: str) -> None:
        endpoint = self.endpoints[name]
        if endpoint.settled or endpoint.failed:
            return
        waiter = self.cloud.sagemaker.get_waiter("endpoint_in_service")
        with contextlib.suppress(WaiterError):
            waiter.wait(EndpointName=name, WaiterConfig=WAITER)
        described = self.cloud.sagemaker.describe_endpoint(EndpointName=name)
        if described["EndpointStatus"] == "Failed" and endpoint.may_fail:
            endpoint.failed = True
            return
        assert described["EndpointStatus"] == "InService", described.get("FailureReason")
        assert described["EndpointConfigName"] in endpoint.configs
        endpoint.configs = {described["EndpointConfigName"]}
        endpoint.settled = endpoint.served = True
        endpoint.may_fail = False

    def _invoke(self, name: str) -> Any:
        rows = self.material.case["expected"]["probe_rows"]
        body = "\n".join(",".join(str(value) for value in row) for row in rows)
        return self.cloud.runtime.invoke_endpoint(
            EndpointName=name, ContentType="text/csv", Body=body
        )

    def _answers(self, name: str) -> None:
        """With its configuration's variant, as soon as a server that was killed is back."""
        endpoint = self.endpoints[name]
        if endpoint.failed:
            with pytest.raises(ClientError, match="not found"):
                self._invoke(name)
            return

        def answered() -> Any:
            try:
                return self._invoke(name)
            except ClientError as error:
                assert "The model server is not answering" in str(error)
                return None

        answer = eventually(answered, f"{name} answers")
        assert {answer["InvokedProductionVariant"]} == endpoint.configs
        found = [
            [float(value) for value in line.split(",")]
            for line in answer["Body"].read().decode().splitlines()
        ]
        expected = self.material.case["expected"]["probe_predictions"]
        assert found == [pytest.approx(row, rel=1e-4) for row in expected]

    @invariant()
    def resources_are_there(self) -> None:
        sagemaker = self.cloud.sagemaker
        models = sagemaker.list_models(MaxResults=100)["Models"]
        assert {each["ModelName"] for each in models} == self.models
        configs = sagemaker.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
        assert {each["EndpointConfigName"] for each in configs} == self.configs.keys()
        listed = sagemaker.list_endpoints(MaxResults=100)["Endpoints"]
        statuses = {each["EndpointName"]: each["EndpointStatus"] for each in listed}
        for name in self.deleting & statuses.keys():
            assert statuses.pop(name) == "Deleting"
        assert statuses.keys() == self.endpoints.keys()
        for name, endpoint in self.endpoints.items():
            allowed = {"InService"} if endpoint.served else {"Creating", "InService"}
            if endpoint.before and not endpoint.settled:
                allowed |= {"Updating", "RollingBack", "Creating"}
            if endpoint.may_fail:
                allowed.add("Failed")
            assert statuses[name] in allowed, (name, endpoint)
