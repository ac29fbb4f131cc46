"""What an endpoint waits for, and what fails it: the archive of its model, its /ping."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.life import eventually
from labcloud_support.resources import IMAGE, ROLE, deploy_image, undeploy, variant

from .pushed import push


def no_archive(kind: str) -> bytes:
    """What is not a .tar.gz."""
    with io.BytesIO() as content:
        with tarfile.open(fileobj=content, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("xgboost-model"), io.BytesIO())
        plain = content.getvalue()
    return {"plain tar": plain, "gzip": gzip.compress(b"no tar"), "text": b"hello"}[kind]


@pytest.mark.parametrize("kind", ["plain tar", "gzip", "text"])
def test_an_archive_that_is_none_fails_the_endpoint(
    sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str, kind: str
) -> None:
    client("s3").put_object(Bucket=own_bucket, Key="model.tar.gz", Body=no_archive(kind))
    uri = f"s3://{own_bucket}/model.tar.gz"
    deploy_image(sagemaker, name, IMAGE, uri)
    reason = failed(sagemaker, name)
    assert reason.startswith(
        f'Failed to extract model data archive for container "container_1" from URL "{uri}". '
        "Please ensure that the object located at the URL is a valid tar.gz archive."
    )


def test_an_archive_that_has_gone_fails_endpoints_and_transforms(
    sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=own_bucket, Key="model.tar.gz", Body=b"x")
    uri = f"s3://{own_bucket}/model.tar.gz"
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    s3.delete_object(Bucket=own_bucket, Key="model.tar.gz")
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert failed(sagemaker, name) == (
        f'Failed to download model data for container "container_1" from URL: "{uri}". Please '
        "ensure that there is an object located at the URL and that the role passed to CreateModel "
        "has permissions to download the object."
    )
    s3.put_object(Bucket=own_bucket, Key="in.csv", Body=b"1\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{own_bucket}/in.csv"}
    sagemaker.create_transform_job(
        TransformJobName=name, ModelName=name,
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{own_bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    job = eventually(
        lambda: (
            found
            if (found := sagemaker.describe_transform_job(TransformJobName=name))[
                "TransformJobStatus"
            ]
            == "Failed"
            else None
        ),
        "the job has failed",
    )
    assert job["FailureReason"] == (
        f"ClientError: Failed to download model data(bucket: {own_bucket}, key: model.tar.gz). "
        "NoSuchKey (HTTP StatusCode: 404)"
    )


def failed(sagemaker: Any, name: str) -> str:
    """The FailureReason of an endpoint that is being created; the endpoint is deleted."""
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    reason: str = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    undeploy(sagemaker, name)
    return reason


SLOW = """\
#!/usr/bin/env python3
import http.server, itertools, os
pings = itertools.count()
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(os.environ["EARLY"]) if next(pings) < 3 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Answers).serve_forever()
"""


@pytest.mark.parametrize("early", ["503", "404"])
def test_a_server_that_says_no_while_it_starts_is_waited_for(
    sagemaker: Any, client: Callable[[str], Any], ecr: Any, repository: str, name: str, early: str
) -> None:
    image = push(ecr, repository, {"Dockerfile": "FROM x\nCOPY serve /usr/bin/\n", "serve": SLOW})
    container = {"Image": image, "Environment": {"EARLY": early}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    events = client("logs").filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{name}")
    said = [event["message"] for event in events["events"]]
    assert (
        f"[labcloud] /ping answered {early}, not 200. It is asked again for 240 seconds "
        "(ContainerStartupHealthCheckTimeoutInSeconds)." in said
    )
    undeploy(sagemaker, name)
