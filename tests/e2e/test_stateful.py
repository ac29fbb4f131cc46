"""Used, killed and started again in any order, labcloud still has what it acknowledged."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, StopTest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from labcloud import launch
from labcloud.environment import pointed_at
from labcloud.home import Home
from tests.e2e.conftest import IMAGE, variant
from tests.e2e.test_durability import LOST, SLOW

pytestmark = pytest.mark.slow

# How a training job may have ended: status and reason.
Ending = tuple[str, str | None]
COMPLETED: Ending = ("Completed", None)
STOPPED: Ending = ("Stopped", None)
KILLED: Ending = ("Failed", "AlgorithmError: , exit code: 137")
GONE_WITH_THE_SERVER: Ending = ("Failed", LOST)
ENDED = ("Completed", "Stopped", "Failed")

VERSIONED, ARTIFACTS = "versions", "artifacts"
KEYS = ("a", "b/c", "d e&<ü", "w0", "w1")
# As many containers train at once (labcloud.server).
INSTANCES = max(2, os.cpu_count() or 2)
# What has not come about after this long never will (seconds).
PATIENCE = 30.0
WAITER = {"Delay": 1, "MaxAttempts": 2}

PICK = st.integers(0, 1 << 16)
BUCKET = st.integers(0, 1)
KEY = st.sampled_from(KEYS[:3])
SIZE = st.sampled_from([0, 1, 1000, 300_000])


@dataclass
class Version:
    """One version of an object, or (no body) a delete marker."""

    id: str
    etag: str
    body: bytes | None


@dataclass
class Job:
    """A training job that was acknowledged; `endings` are those that are allowed."""

    endless: bool
    endings: set[Ending]
    stopping: bool = False
    # No server runs any more that could end it.
    lost: bool = False
    ended: Ending | None = None
    artifact: str | None = None


@dataclass
class Endpoint:
    """An endpoint that was acknowledged, on one of `configs`."""

    configs: set[str]
    # Nobody has waited for it since its last change.
    settled: bool = False
    # It was in service before, or was updated from what was.
    served: bool = False
    before: set[str] = field(default_factory=set)
    # A process was killed while it was created.
    may_fail: bool = False
    failed: bool = False

    def interrupted(self) -> None:
        """A kill or a restart came between: an update may have been lost."""
        if not self.settled:
            self.configs |= self.before


@dataclass(frozen=True)
class Material:
    """What the machines work with: training requests, data, a model and what it answers."""

    folders: Callable[[], Path]
    request_of: Callable[..., dict[str, Any]]
    bucket: str
    case: dict[str, Any]
    files: dict[str, str]
    model: bytes


class Cloud:
    """A labcloud process on a state directory of its own, and clients that never try again."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.begin()

    def begin(self) -> None:
        self.running = launch.start(self.home, ["--port", "0"], detach=False)
        environment = pointed_at(self.home, self.running, {})
        session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
        )
        config = Config(retries={"total_max_attempts": 1})
        self.s3, self.sagemaker, self.runtime = (
            session.client(service, endpoint_url=self.running.url, config=config)
            for service in ("s3", "sagemaker", "sagemaker-runtime")
        )

    def end(self, *, clean: bool) -> None:
        """Stops or kills the server and waits until nothing that it started is there."""
        family = psutil.Process(self.running.pid).children(recursive=True)
        if clean:
            launch.stop(self.home)
        else:
            os.kill(self.running.pid, signal.SIGKILL)
            os.waitpid(self.running.pid, 0)
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert not alive, "processes outlive the server"

    def nursery(self) -> psutil.Process | None:
        """The process that forks the workers; it leads a session, they do not."""
        for child in psutil.Process(self.running.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                if os.getsid(child.pid) == child.pid:
                    return child
        return None

    def workers(self, *, serving: bool) -> list[psutil.Process]:
        """Model servers, which listen on a socket with a path, or else training containers."""
        found = []
        nursery = self.nursery()
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            for child in nursery.children() if nursery else []:
                with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                    paths = [each.laddr for each in child.net_connections("unix")]
                    if child.status() != psutil.STATUS_ZOMBIE and any(paths) == serving:
                        found.append(child)
        return found


class Machine(RuleBasedStateMachine):
    """The steps, and a model of what labcloud must have after each of them."""

    def __init__(self, material: Material) -> None:
        super().__init__()
        self.material = material
        self.numbers = itertools.count()
        self.random = random.Random(0)
        self.buckets = (material.bucket, VERSIONED)
        self.objects: dict[str, dict[str, list[Version]]] = {name: {} for name in self.buckets}
        self.artifacts: dict[str, str] = {}
        self.jobs: dict[str, Job] = {}
        self.models: set[str] = set()
        self.configs: dict[str, str] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.deleting: set[str] = set()
        self.tags: dict[str, dict[str, str]] = {}
        self.cloud = Cloud(material.folders())
        try:
            self._furnish()
        except BaseException:
            launch.stop(self.cloud.home)
            raise

    def _furnish(self) -> None:
        for bucket in (*self.buckets, ARTIFACTS):
            self.cloud.s3.create_bucket(Bucket=bucket)
        self.cloud.s3.put_bucket_versioning(
            Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"}
        )
        for name in self.material.case["channels"].values():
            self._put(self.material.bucket, f"{name}/data", self.material.files[name].encode())
        self._put(self.material.bucket, "model.tar.gz", self.material.model)
        self._create_model()
        for _ in range(2):
            self.create_config(0)

    def teardown(self) -> None:
        # After a failed step there is nothing to wait for. Hypothesis takes the step again, and if
        # it does not fail then, says that it does not always, and nothing else.
        error = sys.exc_info()[1]
        try:
            if isinstance(error, HypothesisException | StopTest):
                return
            if error:
                traceback.print_exc()
                print(self.cloud.home.log.read_text()[-5000:])
            else:
                self._everything_settles()
        finally:
            launch.stop(self.cloud.home)

    # ---- objects --------------------------------------------------------------------------------

    @rule(which=BUCKET, key=KEY, size=SIZE)
    def put(self, which: int, key: str, size: int) -> None:
        self._put(self.buckets[which], key, self.random.randbytes(size))

    @rule(which=BUCKET, key=KEY, whole=st.booleans())
    def put_in_parts(self, which: int, key: str, whole: bool) -> None:
        s3, bucket = self.cloud.s3, self.buckets[which]
        parts = [b"the only one"] if whole else [self.random.randbytes(5 * 1024**2), b"the rest"]
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        place = {"Bucket": bucket, "Key": key, "UploadId": upload}
        sent = [
            {"PartNumber": n, "ETag": s3.upload_part(**place, PartNumber=n, Body=part)["ETag"]}
            for n, part in enumerate(parts, 1)
        ]
        answer = s3.complete_multipart_upload(**place, MultipartUpload={"Parts": sent})
        digests = b"".join(hashlib.md5(part).digest() for part in parts)
        assert answer["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'
        self._holds(bucket, key, answer, b"".join(parts))

    @rule(source=PICK, which=BUCKET, key=KEY)
    def copy(self, source: int, which: int, key: str) -> None:
        found = [
            (bucket, name, versions[-1].body)
            for bucket, keys in self.objects.items()
            for name, versions in keys.items()
            if versions[-1].body is not None and (bucket, name) != (self.buckets[which], key)
        ]
        bucket, name, body = found[source % len(found)]
        answer = self.cloud.s3.copy_object(
            Bucket=self.buckets[which], Key=key, CopySource={"Bucket": bucket, "Key": name}
        )
        etag = answer["CopyObjectResult"]["ETag"]
        self._holds(self.buckets[which], key, answer | {"ETag": etag}, body)

    @rule(which=BUCKET, key=KEY)
    def delete_object(self, which: int, key: str) -> None:
        bucket = self.buckets[which]
        if key not in self.objects[bucket]:
            return
        answer = self.cloud.s3.delete_object(Bucket=bucket, Key=key)
        if bucket == VERSIONED:
            self.objects[bucket][key].append(Version(answer["VersionId"], "", None))
        else:
            del self.objects[bucket][key]

    @rule(key=KEY, which=PICK)
    def delete_version(self, key: str, which: int) -> None:
        versions = self.objects[VERSIONED].get(key)
        if not versions:
            return
        gone = versions.pop(which % len(versions))
        self.cloud.s3.delete_object(Bucket=VERSIONED, Key=key, VersionId=gone.id)
        if not versions:
            del self.objects[VERSIONED][key]

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        answer = self.cloud.s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        self._holds(bucket, key, answer, body)

    def _holds(self, bucket: str, key: str, answer: dict[str, Any], body: bytes | None) -> None:
        """Notes what has been acknowledged."""
        before = self.objects[bucket].get(key, []) if bucket == VERSIONED else []
        version = Version(answer.get("VersionId", "null"), answer["ETag"], body)
        self.objects[bucket][key] = [*before, version]

    @invariant()
    def objects_are_there(self) -> None:
        s3 = self.cloud.s3
        for bucket, keys in self.objects.items():
            latest = {name: versions[-1] for name, versions in keys.items()}
            listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
            assert {each["Key"]: (each["ETag"], each["Size"]) for each in listed} == {
                name: (version.etag, len(version.body))
                for name, version in latest.items()
                if version.body is not None
            }
            for each in listed:
                answer = s3.get_object(Bucket=bucket, Key=each["Key"])
                assert answer["Body"].read() == latest[each["Key"]].body, each["Key"]
                assert answer["ETag"] == latest[each["Key"]].etag
        self._versions_are_there()

    def _versions_are_there(self) -> None:
        s3 = self.cloud.s3
        listed = s3.list_object_versions(Bucket=VERSIONED)
        found = {
            (each["Key"], each["VersionId"]): (each["IsLatest"], each.get("ETag", ""))
            for each in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        }
        assert found == {
            (name, version.id): (version is versions[-1], version.etag)
            for name, versions in self.objects[VERSIONED].items()
            for version in versions
        }
        for name, versions in self.objects[VERSIONED].items():
            for version in versions:
                if version.body is not None:
                    answer = s3.get_object(Bucket=VERSIONED, Key=name, VersionId=version.id)
                    assert answer["Body"].read() == version.body, name

    # ---- training jobs --------------------------------------------------------------------------

    @rule()
    def create_job(self) -> None:
        self._create_job(endless=False)

    @rule(count=st.integers(1, INSTANCES))
    def create_endless_jobs(self, count: int) -> None:
        """Up to as many as keep all other jobs waiting, and one that waits itself."""
        for _ in range(count):
            if len([job for job in self._running() if job.endless]) <= INSTANCES:
                self._create_job(endless=True)

    def _create_job(self, *, endless: bool) -> None:
        name = f"job-{next(self.numbers)}"
        case = self.material.case | ({"hyperparameters": SLOW} if endless else {})
        output = {"S3OutputPath": f"s3://{ARTIFACTS}"}
        request = self.material.request_of(name, case, OutputDataConfig=output)
        request["StoppingCondition"] = {"MaxRuntimeInSeconds": 3600}
        arn = self.cloud.sagemaker.create_training_job(**request)["TrainingJobArn"]
        self.jobs[name] = Job(endless, set() if endless else {COMPLETED})
        self.tags[arn] = {}

    @rule(which=PICK, wait=st.booleans())
    def stop_job(self, which: int, wait: bool) -> None:
        names = [name for name, job in self.jobs.items() if not job.ended and not job.stopping]
        if not names:
            return
        name = names[which % len(names)]
        job = self.jobs[name]
        try:
            self.cloud.sagemaker.stop_training_job(TrainingJobName=name)
        except ClientError as error:
            assert "is in status" in str(error)
            self.jobs_are_there()
            assert job.ended
            return
        job.stopping = True
        job.endings = job.endings & {KILLED} | {STOPPED}
        if wait:
            self._wait_for(name)

    @rule()
    def wait_for_jobs(self) -> None:
        self._jobs_settle()

    @rule(which=PICK)
    def delete_job(self, which: int) -> None:
        names = [name for name, job in self.jobs.items() if job.ended]
        if not names:
            return
        name = names[which % len(names)]
        arn = self.cloud.sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobArn"]
        self.cloud.sagemaker.delete_training_job(TrainingJobName=name)
        del self.jobs[name], self.tags[arn]
        with pytest.raises(ClientError, match=r"Requested resource not found\."):
            self.cloud.sagemaker.describe_training_job(TrainingJobName=name)

    def _running(self) -> list[Job]:
        """Jobs that nothing has ended or will."""
        return [job for job in self.jobs.values() if not job.ended and not job.stopping]

    def _wait_for(self, name: str) -> None:
        waiter = self.cloud.sagemaker.get_waiter("training_job_completed_or_stopped")
        # It raises for a job that has failed; whether it may have is looked at below.
        with contextlib.suppress(WaiterError):
            waiter.wait(TrainingJobName=name, WaiterConfig=WAITER)
        self.jobs_are_there()
        assert self.jobs[name].ended, f"{name} has not ended"

    def _jobs_settle(self) -> None:
        """Waits for all jobs that end by themselves and need not wait for one that does not."""
        blocked = len([job for job in self._running() if job.endless]) >= INSTANCES
        for name, job in self.jobs.items():
            if not job.ended and (job.stopping or not (job.endless or blocked)):
                self._wait_for(name)

    @invariant()
    def jobs_are_there(self) -> None:
        sagemaker = self.cloud.sagemaker
        listed = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
        statuses = {each["TrainingJobName"]: each["TrainingJobStatus"] for each in listed}
        assert statuses.keys() == self.jobs.keys()
        for name, job in self.jobs.items():
            if statuses[name] not in ENDED:
                assert not job.ended and not job.lost, f"{name} is {statuses[name]} again"
                assert statuses[name] == ("Stopping" if job.stopping else "InProgress"), name
                continue
            described = sagemaker.describe_training_job(TrainingJobName=name)
            ending = (described["TrainingJobStatus"], described.get("FailureReason"))
            if job.ended:
                assert ending == job.ended, name
                continue
            assert ending in job.endings, (name, ending, job)
            job.ended = ending
            if ending == COMPLETED:
                job.artifact = described["ModelArtifacts"]["S3ModelArtifacts"]
        self._artifacts_are_there()

    def _artifacts_are_there(self) -> None:
        """Every completed job's, as it was, even after the job was deleted."""
        listed = self.cloud.s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])
        found = {f"s3://{ARTIFACTS}/{each['Key']}": each["ETag"] for each in listed}
        for job in self.jobs.values():
            if job.artifact:
                self.artifacts.setdefault(job.artifact, found[job.artifact])
        assert {uri: found.get(uri) for uri in self.artifacts} == self.artifacts

    # ---- models, endpoint configurations, endpoints ---------------------------------------------

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
        self._deleted(name)
        configs = sorted(self.configs)
        chosen = configs[config % len(configs)]
        made = self.cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=chosen)
        self.endpoints[name] = Endpoint({chosen})
        self.tags[made["EndpointArn"]] = {}
        if wait:
            self._endpoint_settles(name)

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
            self._endpoint_settles(name)
            self.cloud.sagemaker.update_endpoint(**change)
        endpoint.before, endpoint.configs = endpoint.configs, {chosen}
        endpoint.settled, endpoint.served = False, True
        if wait:
            self._endpoint_settles(name)

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
            self._deleted(name)

    @rule(which=PICK)
    def invoke(self, which: int) -> None:
        if name := self._endpoint(which):
            self._endpoint_settles(name)
            self._answers(name)

    def _endpoint(self, which: int) -> str | None:
        names = sorted(self.endpoints)
        return names[which % len(names)] if names else None

    def _deleted(self, name: str) -> None:
        """Waits until an endpoint is gone, and makes sure that nothing answers for it."""
        if name in self.deleting:
            waiter = self.cloud.sagemaker.get_waiter("endpoint_deleted")
            waiter.wait(EndpointName=name, WaiterConfig=WAITER)
            self.deleting.remove(name)
        with pytest.raises(ClientError, match=f"Endpoint {name} of account .* not found"):
            self._invoke(name)

    def _endpoint_settles(self, name: str) -> None:
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

    # ---- tags -----------------------------------------------------------------------------------

    @rule(which=PICK, key=st.sampled_from(["colour", "team"]))
    def add_tag(self, which: int, key: str) -> None:
        arns = sorted(self.tags)
        arn, value = arns[which % len(arns)], str(next(self.numbers))
        tags = [{"Key": key, "Value": value}]
        self.cloud.sagemaker.add_tags(ResourceArn=arn, Tags=tags)
        self.tags[arn][key] = value

    @invariant()
    def tags_are_there(self) -> None:
        for arn, expected in self.tags.items():
            found = self.cloud.sagemaker.list_tags(ResourceArn=arn)["Tags"]
            assert {tag["Key"]: tag["Value"] for tag in found} == expected, arn

    # ---- deaths ---------------------------------------------------------------------------------

    @rule(which=PICK)
    def kill_a_model_server(self, which: int) -> None:
        self._recovered()
        if servers := self.cloud.workers(serving=True):
            self._kill(servers[which % len(servers)])
            self._endpoints_interrupted()

    @rule(which=PICK)
    def kill_a_training_worker(self, which: int) -> None:
        self.jobs_are_there()
        running = self._running()
        workers = self.cloud.workers(serving=False)
        if not workers:
            return
        for job in running:
            job.endings.add(KILLED)
        # A model server that is not ready has no socket yet, as a child of the nursery that it is.
        self._endpoints_interrupted()
        self._kill(workers[which % len(workers)])

    @rule()
    def kill_the_nursery(self) -> None:
        self._recovered()
        self.jobs_are_there()
        nursery = self.cloud.nursery()
        if any(endpoint.settled for endpoint in self.endpoints.values()):
            # Model servers need one, so it comes back if it has been killed before.
            nursery = eventually(self.cloud.nursery, "there is a nursery")
        if nursery is None:
            return
        training = self._training()
        for job in self._running():
            job.endings.add(KILLED)
        self._endpoints_interrupted()
        self._kill(nursery)
        for name in training:
            self._wait_for(name)
            assert self.jobs[name].ended in (KILLED, COMPLETED)

    @rule(clean=st.booleans(), writing=st.booleans())
    def restart(self, clean: bool, writing: bool) -> None:
        self.jobs_are_there()
        if writing:
            self._end_while_writing(clean)
        else:
            self.cloud.end(clean=clean)
        self.cloud.begin()
        for job in self.jobs.values():
            if not job.ended:
                job.lost = True
                job.endings.add(GONE_WITH_THE_SERVER)
        for endpoint in self.endpoints.values():
            endpoint.interrupted()
            endpoint.settled = False
        if writing:
            self._written()

    def _training(self) -> list[str]:
        """Jobs whose containers run, and that are not being stopped."""
        names = []
        for name, job in self.jobs.items():
            if not job.ended and not job.stopping:
                listed = self.cloud.sagemaker.list_training_jobs(NameContains=name)
                described = self.cloud.sagemaker.describe_training_job(TrainingJobName=name)
                if listed and described.get("TrainingStartTime"):
                    names.append(name)
        return names

    def _kill(self, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            process.wait(PATIENCE)

    def _recovered(self) -> None:
        """Endpoints that were in service before a restart are so again."""
        for name, endpoint in self.endpoints.items():
            if endpoint.served:
                self._endpoint_settles(name)

    def _endpoints_interrupted(self) -> None:
        for endpoint in self.endpoints.values():
            endpoint.interrupted()
            endpoint.may_fail = endpoint.may_fail or not endpoint.served

    def _end_while_writing(self, clean: bool) -> None:
        """Ends the server while objects are being written; notes what was acknowledged."""
        s3, enough = self.cloud.s3, threading.Event()
        self.unacknowledged: list[tuple[str, str, bytes]] = []

        def write() -> None:
            for number in itertools.count():
                bucket, key = self.buckets[number % 2], KEYS[3 + number // 2 % 2]
                body = self.random.randbytes(1000)
                try:
                    answer = s3.put_object(Bucket=bucket, Key=key, Body=body)
                except BotoCoreError:
                    self.unacknowledged.append((bucket, key, body))
                    return
                self._holds(bucket, key, answer, body)
                if number == 4:
                    enough.set()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            writing.add_done_callback(lambda _: enough.set())
            enough.wait()
            self.cloud.end(clean=clean)
            writing.result()

    def _written(self) -> None:
        """What was not acknowledged is there whole, or not at all."""
        for bucket, key, body in self.unacknowledged:
            known = self.objects[bucket].get(key, [])
            try:
                answer = self.cloud.s3.get_object(Bucket=bucket, Key=key)
            except ClientError:
                continue
            found = answer["Body"].read()
            if not known or found != known[-1].body:
                assert found == body
                self._holds(bucket, key, answer, body)

    def _everything_settles(self) -> None:
        """At the end: all that can end has ended, all endpoints answer, nothing else runs."""
        self._jobs_settle()
        for name in sorted(self.deleting):
            self._deleted(name)
        for name in sorted(self.endpoints):
            self._endpoint_settles(name)
            self._answers(name)
        self.objects_are_there()
        self.jobs_are_there()
        self.resources_are_there()
        serving = len([each for each in self.endpoints.values() if not each.failed])
        eventually(
            lambda: len(self.cloud.workers(serving=True)) == serving, f"{serving} model servers run"
        )


def eventually(check: Callable[[], Any], what: str) -> Any:
    """The first thing that is true of what `check` finds, within the patience."""
    deadline = time.monotonic() + PATIENCE
    while not (found := check()):
        assert time.monotonic() < deadline, f"waited in vain until {what}"
    return found


@pytest.fixture
def material(
    tmp_path_factory: pytest.TempPathFactory,
    client: Callable[[str], Any],
    trained: dict[str, Any],
    request_of: Callable[..., dict[str, Any]],
    bucket: str,
    golden: dict[str, Any],
) -> Iterator[Material]:
    key = trained["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{bucket}/")
    model = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    yield Material(
        lambda: tmp_path_factory.mktemp("home"),
        request_of,
        bucket,
        golden["softprob"],
        golden["files"],
        model,
    )


def test_what_was_acknowledged_is_there_whatever_happens(material: Material) -> None:
    run_state_machine_as_test(
        lambda: Machine(material),  # type: ignore[arg-type]
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            # A failure is shown as it was found: to make it smaller would take an hour.
            phases=[Phase.generate],
        ),
    )


# Orders of steps in which faults were found, and that the machine does not come upon each time.


@pytest.fixture
def machine(material: Material) -> Iterator[Machine]:
    found = Machine(material)
    yield found
    launch.stop(found.cloud.home)


def test_a_job_that_waits_for_an_instance_can_be_stopped(machine: Machine) -> None:
    machine.create_endless_jobs(INSTANCES)
    machine.create_job()
    machine.jobs_are_there()
    machine.stop_job(INSTANCES, wait=True)


def test_an_endpoint_deleted_while_it_comes_up_again_is_gone(machine: Machine) -> None:
    for name in ("one", "two"):
        machine.create_endpoint(name, 0, wait=True)
    machine.restart(clean=False, writing=False)
    machine.delete_endpoint(0, wait=True)
    # The other one comes up beside what is left of it.
    machine._endpoint_settles("two")
    machine._everything_settles()
    machine._deleted("one")


def test_an_endpoint_moved_while_it_comes_up_again_stays_where_it_was_moved(
    machine: Machine,
) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.restart(clean=False, writing=False)
    machine.update_endpoint(0, 1, wait=True)
    machine._everything_settles()


def test_model_servers_come_back_when_the_nursery_dies_twice(machine: Machine) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.kill_the_nursery()
    machine.kill_the_nursery()
    machine._everything_settles()


def test_a_killed_server_that_is_deleted_before_it_is_back_leaves_none(machine: Machine) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.kill_the_nursery()
    eventually(machine.cloud.nursery, "there is a nursery")
    machine.delete_endpoint(0, wait=True)
    machine._everything_settles()
