"""The web app of lab 07: what its function is packed from, what it may do, and all of it at once.

Lab 07b makes the parts one by one; lab 07c has `build` make them. Plain boto3.
"""

from __future__ import annotations

import html
import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from labhelpers.lab import Lab

# A new role is not known everywhere for some seconds: so often, and with this pause, is it tried.
TRIES, PAUSE = 12, 5.0
RUNTIME, HANDLER = "python3.13", "sentiment.handler"
CORS = {"AllowOrigins": ["*"], "AllowMethods": ["POST"], "AllowHeaders": ["content-type"]}
LIMITS = {"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 40}
# Lambda becomes the role, and nobody else does.
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class WebApp(NamedTuple):
    """What was made, by its names; `url` is where the API answers."""

    function: str
    role: str
    api: str
    url: str


def package(vocabulary: Mapping[str, int], folder: str | Path = "src") -> bytes:
    """The function's code with the vocabulary in it, as a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("sentiment.py", "bag_of_words.py"):
            archive.writestr(_member(name), (Path(folder) / name).read_text())
        archive.writestr(_member("vocabulary.json"), json.dumps(vocabulary))
    return packed.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """Lambda's user is another one: everybody may read it. Without a time, packing again changes
    nothing.
    """
    member = zipfile.ZipInfo(name)
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def permissions(lab: Lab, endpoint: str, function: str) -> dict[str, Any]:
    """The policy of the function's role: one endpoint, and the function's own log."""
    log = f"arn:aws:logs:{lab.region}:{lab.account}:log-group:/aws/lambda/{function}:*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sagemaker:InvokeEndpoint",
                "Resource": f"arn:aws:sagemaker:{lab.region}:{lab.account}:endpoint/{endpoint}",
            },
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": log,
            },
        ],
    }


def boundary(lab: Lab) -> str:
    """The ARN of what no role of the course may do more than: labs/boundary.json."""
    return f"arn:aws:iam::{lab.account}:policy/sagemaker-labs-boundary"


def make_role(lab: Lab, name: str, policy: Mapping[str, Any]) -> str:
    """Creates a role for a function, within the boundary, and returns its ARN."""
    iam = lab.client("iam")
    made = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(TRUST),
        PermissionsBoundary=boundary(lab),
    )
    iam.put_role_policy(RoleName=name, PolicyName="function", PolicyDocument=json.dumps(policy))
    arn: str = made["Role"]["Arn"]
    return arn


def make_function(lab: Lab, name: str, role: str, code: bytes, endpoint: str) -> str:
    """Creates the function, waits until it is active, and returns its ARN."""
    client = lab.client("lambda")
    for attempt in range(TRIES):
        try:
            client.create_function(
                FunctionName=name,
                Runtime=RUNTIME,
                Handler=HANDLER,
                Role=role,
                Code={"ZipFile": code},
                Timeout=20,
                MemorySize=256,
                Environment={"Variables": {"ENDPOINT": endpoint}},
            )
            break
        except client.exceptions.InvalidParameterValueException:
            if attempt == TRIES - 1:
                raise
            lab.pause(PAUSE)
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    arn: str = client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return arn


def make_api(lab: Lab, name: str, function: str) -> tuple[str, str]:
    """Creates an API that sends POST / to a function (its ARN). Returns its id and its URL."""
    client = lab.client("apigatewayv2")
    made = client.create_api(Name=name, ProtocolType="HTTP", CorsConfiguration=CORS)
    api: str = made["ApiId"]
    target = client.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )
    client.create_route(
        ApiId=api, RouteKey="POST /", Target=f"integrations/{target['IntegrationId']}"
    )
    client.create_stage(
        ApiId=api, StageName="$default", AutoDeploy=True, DefaultRouteSettings=LIMITS
    )
    lab.client("lambda").add_permission(
        FunctionName=function,
        StatementId="the-api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{lab.region}:{lab.account}:{api}/*/POST/",
    )
    return api, made["ApiEndpoint"]


def build(
    lab: Lab, endpoint: str, vocabulary: Mapping[str, int], folder: str | Path = "src"
) -> WebApp:
    """All of lab 07b's steps 3 to 6, for an endpoint that is there."""
    name = lab.resource_name("app")
    logs = lab.client("logs")
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    logs.put_retention_policy(logGroupName=f"/aws/lambda/{name}", retentionInDays=7)
    role = make_role(lab, name, permissions(lab, endpoint, name))
    function = make_function(lab, name, role, package(vocabulary, folder), endpoint)
    api, url = make_api(lab, name, function)
    # On AWS, a new stage and new permissions are not known everywhere for some seconds.
    for _ in range(TRIES):
        if ask(url, "A dull film.")[0] == HTTPStatus.OK:
            break
        lab.pause(PAUSE)
    return WebApp(name, name, api, url)


def ask(url: str, review: Any) -> tuple[int, dict[str, Any]]:
    """Sends a review to the API as the page does. Returns the status and the answer."""
    return post(url, json.dumps({"review": review}).encode())


def post(url: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Sends any body to the API. Returns the status and the answer."""
    request = urllib.request.Request(
        f"{url}/", data=body, headers={"content-type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def write_page(url: str, path: str | Path, template: str | Path = "page.html") -> Path:
    """Fills the API's address into the page, and returns the file."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    filled = Template(Path(template).read_text()).substitute(
        origin=html.escape(origin), url=json.dumps(f"{url}/").replace("<", "\\u003c")
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filled)
    return path
