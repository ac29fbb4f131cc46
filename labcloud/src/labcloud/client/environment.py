"""The environment that points a program at a running labcloud instead of AWS.

The SDKs read all of it by themselves: AWS documents AWS_ENDPOINT_URL and the credential
variables, the SageMaker SDK its configuration file. The plugin catches clients that were given
an AWS address explicitly (the SageMaker SDK's STS client is one).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from labcloud.state.credentials import WITH_PASSWORD, Credentials
from labcloud.state.home import LOOPBACK, Home, Running
from labcloud.state.paths import write_private

_PLUGIN = "labcloud=labcloud_botocore"
# The plugin's folder: the program may have a Python of its own, without labcloud.
PLUGINS = str(Path(__file__).parent / "plugins")

# Where the shell is that reads `labcloud env`. labcloud's own image sets it: its paths mean nothing
# outside of the container.
SHELL = "LABCLOUD_SHELL"
OUTSIDE = "outside"

# These would override the variables that we set, or change what they mean.
_IN_THE_WAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
)

# A variable for one service would override AWS_ENDPOINT_URL. These are the services of labcloud.
_OF_ONE_SERVICE = "AWS_ENDPOINT_URL_"
_SERVICES = (
    "SAGEMAKER", "SAGEMAKER_RUNTIME", "S3", "STS", "IAM", "ECR", "CLOUDWATCH", "CLOUDWATCH_LOGS",
)  # fmt: skip

# What the server needs of its user's environment: nothing in it is a secret. A job runs as the same
# user, and so can read how the server was started.
_OF_THE_SERVER = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|XDG_RUNTIME_DIR|SYSTEMROOT"
    r"|PYTHON\w+|VIRTUAL_ENV|LD_\w+|DYLD_\w+|FAKETIME\w*|COVERAGE_\w+|LABCLOUD_\w+"
    # How a job's pip reaches packages; not with a password in an address.
    r"|PIP_\w+|HTTPS_PROXY|https_proxy"
    r"|DOCKER_(HOST|TLS_VERIFY|CERT_PATH|CONFIG|CONTEXT|API_VERSION)"
    # macOS adds names of this kind by itself.
    r"|__\w+"
)

# In the place of the user's own. `aws configure get region` reads it, and nothing else.
AWS_CONFIG = """\
[default]
region = {region}
"""
SDK_CONFIG = """\
# Read by the SageMaker Python SDK: no usage reports leave this machine.
SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


class Environment(dict[str, str]):
    """Variables of a program. `repr` leaves their values out: a test that fails shows it."""

    def __repr__(self) -> str:
        return f"<{len(self)} variables for labcloud on {self.get('AWS_ENDPOINT_URL')}>"

    def __or__(self, other: Mapping[str, str]) -> Environment:  # type: ignore[override]
        return Environment({**self, **other})

    def copy(self) -> Environment:
        return Environment(self)


def of_the_server(base: Mapping[str, str]) -> dict[str, str]:
    """The part of a user's environment that a server is started with."""
    return {
        name: value
        for name, value in base.items()
        if _OF_THE_SERVER.fullmatch(name) and not WITH_PASSWORD.search(value)
    }


def address_and_key(home: Home, running: Running) -> dict[str, str]:
    """The variables that every AWS SDK reads, and that mean the same on another machine."""
    credentials = Credentials.load_or_create(home)
    return {
        "AWS_ENDPOINT_URL": running.url,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_DEFAULT_REGION": running.region,
        "AWS_REGION": running.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def in_the_way(base: Mapping[str, str]) -> list[str]:
    """The variables that a shell must unset, or they would override ours.

    The shell may be another one than this process has been started by.
    """
    services = {f"{_OF_ONE_SERVICE}{service}" for service in _SERVICES}
    return [*_IN_THE_WAY, *sorted(services | {n for n in base if n.startswith(_OF_ONE_SERVICE)})]


def is_labcloud(base: Mapping[str, str]) -> bool:
    """Whether an environment points at a labcloud of this machine, whose keys begin with LABC."""
    host = urlsplit(base.get("AWS_ENDPOINT_URL", "")).hostname
    return host in (LOOPBACK, "localhost") and base.get("AWS_ACCESS_KEY_ID", "").startswith("LABC")


def with_plugin(base: Mapping[str, str]) -> dict[str, str]:
    """`base` with the plugin for every botocore in it."""
    others = [
        plugin
        for plugin in base.get("BOTOCORE_EXPERIMENTAL__PLUGINS", "").split(",")
        if plugin and plugin != "DISABLED" and plugin != _PLUGIN
    ]
    paths = [
        path for path in base.get("PYTHONPATH", "").split(os.pathsep) if path and path != PLUGINS
    ]
    return {
        **base,
        "BOTOCORE_EXPERIMENTAL__PLUGINS": ",".join([*others, _PLUGIN]),
        "PYTHONPATH": os.pathsep.join([*paths, PLUGINS]),
    }


def pointed_at(home: Home, running: Running, base: Mapping[str, str]) -> Environment:
    """`base` with every SDK in it pointed at the running server of `home`."""
    if not home.sdk_config.exists():
        write_private(home.sdk_config, SDK_CONFIG)
    config = AWS_CONFIG.format(region=running.region)
    if not home.aws_config.exists() or home.aws_config.read_text() != config:
        write_private(home.aws_config, config)
    environment = {
        name: value
        for name, value in base.items()
        if name not in _IN_THE_WAY and not name.startswith("AWS_ENDPOINT_URL")
    }
    return Environment(
        with_plugin(environment)
        | address_and_key(home, running)
        | {
            "AWS_CONFIG_FILE": str(home.aws_config),
            "AWS_SHARED_CREDENTIALS_FILE": str(home.path / "no-aws-credentials"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(home.sdk_config),
            "LABCLOUD_HOME": str(home.path),
        }
    )
