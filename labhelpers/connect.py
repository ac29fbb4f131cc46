"""Connects a notebook to SageMaker: to an AWS account, or to labcloud on this machine."""

from __future__ import annotations

import functools
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.loaders import create_loader

from labhelpers.errors import NotConnected
from labhelpers.lab import FOLDER, NOTEBOOK, PROJECT, Lab
from labhelpers.learner import learner
from labhelpers.nobody import nobody_answers, say_when_nobody_answers
from labhelpers.pipelines import executions_in_progress
from labhelpers.progress import follow
from labhelpers.running import say_running
from labhelpers.sdk import (
    check_sdk,
    check_settings_once,
    leave_out_nameless_scripts,
    quieten,
    restore_tracebacks,
)

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What AWS's services are like is read from large files, once for all connections of a notebook.
_loader = functools.cache(create_loader)


def connect(name: str) -> Lab:
    """Connects a lab, named by its notebook (`01-xgboost-iris`), and prints to what, and as whom.

    Prints, too, what of the lab runs already and costs money, from an earlier run perhaps.
    A project of your own has a name of your own: small letters, digits and single dashes.
    In SageMaker Studio the role is Studio's own. Elsewhere, the credentials must be those of a role
    that SageMaker may assume. Creates SageMaker's default bucket if there is none, which is free
    while it is empty. Raises NotConnected.
    """
    _check_name(name)
    quieten()
    boto = _boto_session()
    check_sdk()
    leave_out_nameless_scripts(boto)
    from sagemaker.core.helper.session_helper import Session, get_execution_role

    check_settings_once()
    restore_tracebacks()
    say_when_nobody_answers()
    try:
        session = Session(boto_session=boto)
        identity = boto.client("sts", endpoint_url=_sts(boto)).get_caller_identity()
        role = get_execution_role(session)
        bucket = session.default_bucket()
        # Where the SDK puts the scripts that it uploads: no policy of the course allows more.
        session.default_bucket_prefix = f"{FOLDER}/{learner()}"
    except ValueError as error:
        raise NotConnected(
            "Your credentials are not those of a role, and SageMaker needs a role to run jobs "
            f"as. Open the lab in SageMaker Studio, or with ./lab open. ({error})"
        ) from error
    except EndpointConnectionError as error:
        raise NotConnected(nobody_answers(error)) from error
    except (ClientError, BotoCoreError) as error:
        raise NotConnected(
            f"AWS does not let you in: {error}. Are the credentials valid and the region right? "
            "Without an AWS account, start the lab with ./lab open."
        ) from error
    endpoint = urlsplit(boto.client("sagemaker").meta.endpoint_url).hostname
    lab = Lab(
        name=name,
        session=session,
        account=identity["Account"],
        region=boto.region_name,
        bucket=bucket,
        role=role,
        learner=learner(),
        is_local=endpoint in _LOOPBACK,
    )
    where = "labcloud on this machine" if lab.is_local else f"AWS account {lab.account}"
    print(
        f"Connected to {where}: region {lab.region}, bucket {lab.bucket},\n"
        f"role {lab.role.rsplit('/', 1)[-1]}, learner {lab.learner}"
    )
    say_running(lab, executions_in_progress(lab, lab.prefix, say=False))
    follow(lab)
    return lab


def _check_name(name: str) -> None:
    """Raises NotConnected for what is neither the name of a notebook nor of a project."""
    if not isinstance(name, str) or not (NOTEBOOK.fullmatch(name) or PROJECT.fullmatch(name)):
        raise NotConnected(
            f"{name!r} cannot be a name. Name a lab by its notebook, for example 01-xgboost-iris. "
            "A project of your own has small letters, digits and single dashes, begins with a "
            "letter, and has at most 30 characters."
        )


def _boto_session() -> boto3.Session:
    try:
        plain = botocore.session.get_session()
        plain.register_component("data_loader", _loader(plain.get_config_variable("data_path")))
        session = boto3.Session(botocore_session=plain)
        region, credentials = session.region_name, session.get_credentials()
    except BotoCoreError as error:
        raise NotConnected(f"Your AWS configuration cannot be used: {error}") from error
    if region is None:
        raise NotConnected(
            "No AWS region is set. Set AWS_DEFAULT_REGION, or start the lab with ./lab open."
        )
    if credentials is None:
        raise NotConnected(
            "No AWS credentials were found. In SageMaker Studio they come with the notebook; on "
            "your own machine, start the lab with ./lab open, which needs no account."
        )
    return session


def _sts(session: boto3.Session) -> str | None:
    """The address of STS: that of SageMaker if it is labcloud's, AWS's own otherwise."""
    endpoint: str = session.client("sagemaker").meta.endpoint_url
    return endpoint if urlsplit(endpoint).hostname in _LOOPBACK else None
