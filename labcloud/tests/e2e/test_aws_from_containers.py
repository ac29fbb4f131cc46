"""AWS from inside a container: programs that train and serve call labcloud as their role."""

from __future__ import annotations

import contextlib
import json
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from labcloud.client import launch
from labcloud_support.docker import BUILD_OPTIONS, base_argument, docker, require_docker
from labcloud_support.life import Life
from labcloud_support.resources import undeploy, variant

from .pushed import push

Client = Callable[[str], Any]
OTHER = "arn:aws:iam::123456789012:role/project/of-the-job"
SESSION = "arn:aws:sts::123456789012:assumed-role/of-the-job/SageMaker"

# What both do: who am I (once as the SageMaker SDK asks), and an object of one's own.
CALLS = """\
import boto3, os
def calls(bucket, key):
    address = "https://sts.us-east-1.amazonaws.com"
    seen = [boto3.client("sts", **more).get_caller_identity()["Arn"]
            for more in ({}, {"endpoint_url": address})]
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=" ".join(seen).encode())
    return seen
"""
TRAIN = """\
#!/usr/bin/env python3
from calls import calls
import boto3, json
given = json.load(open("/opt/ml/input/config/hyperparameters.json"))
print(calls(given["bucket"], "by-train"), boto3.client("sagemaker").meta.region_name)
"""
SERVE = """\
#!/usr/bin/env python3
from calls import calls
import http.server, json, socket
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, "")
    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            found = given["connect"] and bool(socket.create_connection(given["connect"], 60))
            self.answer(200, json.dumps(found or calls(given["bucket"], given["key"])))
        except Exception as error:
            self.answer(200, json.dumps(type(error).__name__))
    def answer(self, code, text):
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Answers).serve_forever()
"""
FILES = {
    # Its own modules are found beside those that labcloud brings.
    "Dockerfile": "FROM x\nCOPY train serve /usr/bin/\nCOPY calls.py /opt/lib/\n"
    "ENV PYTHONPATH=/opt/lib\n",
    "calls.py": CALLS, "train": TRAIN, "serve": SERVE,
}  # fmt: skip


@pytest.fixture(scope="module")
def program(ecr: Any) -> str:
    ecr.create_repository(repositoryName="calls-aws")
    return push(ecr, "calls-aws", FILES)


def request(name: str, image: str, bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": OTHER,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "HyperParameters": {"bucket": bucket},
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 120},
        **changes,
    }


def test_a_training_calls_aws_as_its_role(
    sagemaker: Any, client: Client, program: str, own_bucket: str, name: str, finished: Any,
    log_of: Any,
) -> None:  # fmt: skip
    sagemaker.create_training_job(**request(name, program, own_bucket))
    assert finished(name)["TrainingJobStatus"] == "Completed", log_of(name)
    assert f"['{SESSION}', '{SESSION}'] us-east-1" in log_of(name)
    body = client("s3").get_object(Bucket=own_bucket, Key="by-train")["Body"].read()
    assert body.decode() == f"{SESSION} {SESSION}"


@pytest.mark.parametrize(
    "changes",
    [
        {"EnableNetworkIsolation": True},
        # Its own come first, as on AWS. Here they are nobody's.
        {"Environment": {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}},
    ],
)
def test_a_training_without_them_calls_nobody(
    sagemaker: Any, program: str, own_bucket: str, name: str, finished: Any, log_of: Any,
    changes: dict[str, Any],
) -> None:  # fmt: skip
    sagemaker.create_training_job(**request(name, program, own_bucket, **changes))
    assert finished(name)["TrainingJobStatus"] == "Failed"
    said = "InvalidClientTokenId" if "Environment" in changes else "NoCredentialsError"
    assert any(said in line for line in log_of(name))


@pytest.fixture(scope="module")
def serving(sagemaker: Any, program: str) -> Iterator[dict[bool, str]]:
    """Endpoints of models that are isolated from the network (True), and of others."""
    names = {False: "calls-aws", True: "calls-nobody"}
    for isolated, name in names.items():
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=OTHER, PrimaryContainer={"Image": program},
            EnableNetworkIsolation=isolated,
        )  # fmt: skip
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant(name)]
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    for name in names.values():
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    yield names
    for name in names.values():
        undeploy(sagemaker, name)


def asked(client: Client, endpoint: str, **given: Any) -> Any:
    body = json.dumps({"connect": None, **given})
    answer = client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, Body=body)
    return json.loads(answer["Body"].read())


def test_a_model_server_calls_aws_as_its_role(
    client: Client, serving: dict[bool, str], own_bucket: str
) -> None:
    for key in ("first", "second"):
        assert asked(client, serving[False], bucket=own_bucket, key=key) == [SESSION, SESSION]
    found = client("s3").list_objects_v2(Bucket=own_bucket)["Contents"]
    assert [each["Key"] for each in found] == ["first", "second"]


def test_an_isolated_model_server_calls_nobody(
    client: Client, serving: dict[bool, str], own_bucket: str
) -> None:
    assert asked(client, serving[True], bucket=own_bucket, key="k") == "NoCredentialsError"


def test_a_model_server_reaches_labcloud_and_nothing_else(
    client: Client, serving: dict[bool, str], cloud_environment: dict[str, str]
) -> None:
    port = int(cloud_environment["AWS_ENDPOINT_URL"].rpartition(":")[2])
    assert asked(client, serving[False], connect=["127.0.0.1", port]) is True
    assert asked(client, serving[True], connect=["127.0.0.1", port]) == "ConnectionRefusedError"
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = list(other.getsockname())
        assert asked(client, serving[False], connect=place) == "ConnectionRefusedError"


def test_a_transform_calls_aws_as_the_role_of_its_model(
    sagemaker: Any, client: Client, serving: dict[bool, str], own_bucket: str, name: str
) -> None:
    s3 = client("s3")
    given = json.dumps({"connect": None, "bucket": own_bucket, "key": "by-transform"})
    s3.put_object(Bucket=own_bucket, Key="in/a", Body=given.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{own_bucket}/in/"}
    sagemaker.create_transform_job(
        TransformJobName=name, ModelName=serving[False],
        TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": f"s3://{own_bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name)
    body = s3.get_object(Bucket=own_bucket, Key="by-transform")["Body"].read()
    assert body.decode() == f"{SESSION} {SESSION}"


# The image has no boto3: Signature Version 4 by hand.
BY_HAND = """\
#!/usr/bin/env python3
import datetime, hashlib, hmac, os, re, urllib.request
url, region = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"]
host, now = url.split("//")[1], datetime.datetime.now(datetime.timezone.utc)
moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
body = b"Action=GetCallerIdentity&Version=2011-06-15"
headers = {"host": host, "x-amz-date": moment,
           "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"]}
lines = "".join(f"{name}:{value}\\n" for name, value in headers.items())
asked = "\\n".join(["POST", "/", "", lines, ";".join(headers), hashlib.sha256(body).hexdigest()])
scope = f"{day}/{region}/sts/aws4_request"
key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
for part in scope.split("/"):
    key = hmac.digest(key, part.encode(), "sha256")
text = f"AWS4-HMAC-SHA256\\n{moment}\\n{scope}\\n{hashlib.sha256(asked.encode()).hexdigest()}"
signature = hmac.new(key, text.encode(), "sha256").hexdigest()
headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    f", SignedHeaders={';'.join(headers)}, Signature={signature}")
with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
    print(re.search("<Arn>(.*)</Arn>", answer.read().decode())[1])
"""


@pytest.fixture
def docker_image(tmp_path: Path) -> Iterator[str]:
    require_docker()
    (tmp_path / "Dockerfile").write_text(
        f"ARG BASE={base_argument()}\nFROM ${{BASE}}\nCOPY train /usr/local/bin/\n"
    )
    (tmp_path / "train").write_text(BY_HAND)
    (tmp_path / "train").chmod(0o755)
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/calls-aws:{uuid.uuid4().hex[:8]}"
    docker("build", "--tag", image, *BUILD_OPTIONS, tmp_path, seconds=600)
    yield image
    docker("image", "rm", "--force", image)


@pytest.fixture
def with_docker(tmp_path: Path) -> Iterator[Life]:
    found = Life(tmp_path / "home", "--engine", "auto")
    yield found
    launch.stop(found.home)


def test_a_container_of_docker_calls_aws_as_its_role(docker_image: str, with_docker: Life) -> None:
    life = with_docker
    s3, sagemaker, logs = life.client("s3"), life.client("sagemaker"), life.client("logs")
    s3.create_bucket(Bucket="bucket")
    for name, isolated in (("open", False), ("closed", True)):
        given = request(name, docker_image, "bucket", EnableNetworkIsolation=isolated)
        sagemaker.create_training_job(**given)
        # The one that is closed fails.
        with contextlib.suppress(WaiterError):
            sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    events = logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs")["events"]
    said = [event["message"] for event in events]
    assert SESSION in said
    assert "KeyError: 'AWS_ENDPOINT_URL'" in said
