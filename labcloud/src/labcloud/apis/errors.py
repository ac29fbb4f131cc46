"""The errors of API Gateway's control plane, in its words."""

from __future__ import annotations

from labcloud.sagemaker.errors import ApiError

# AWS's quotas of one API: stages, and routes, integrations or resources.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MOST_STAGES = 10
MOST_PARTS = 300


class BadRequest(ApiError):
    code = "BadRequestException"
    status = 400


class NotFound(ApiError):
    code = "NotFoundException"
    status = 404


class Conflict(ApiError):
    code = "ConflictException"
    status = 409


class TooManyRequests(ApiError):
    """Also a quota's, of HTTP APIs."""

    code = "TooManyRequestsException"
    status = 429


class LimitExceeded(ApiError):
    """The same of REST APIs."""

    code = "LimitExceededException"
    status = 429


class NotHere(BadRequest):
    """What AWS has, and labcloud does not."""

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(f"labcloud does not have {what}{': ' if instead else ''}{instead}")


def full(kind: type[ApiError], what: str) -> ApiError:
    """An API has as many of something as it may."""
    return kind(
        f"Maximum number of {what} for this API has been reached. Please contact AWS if you need "
        f"additional {what}."
    )


def no_api(account: str, api: str) -> NotFound:
    return NotFound(f"Invalid API identifier specified {account}:{api}")
