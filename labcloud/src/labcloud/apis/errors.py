"""The errors of API Gateway's control plane, in its words."""

from __future__ import annotations

from labcloud.sagemaker.errors import ApiError


class BadRequest(ApiError):
    code = "BadRequestException"
    status = 400


class NotFound(ApiError):
    code = "NotFoundException"
    status = 404


class Conflict(ApiError):
    code = "ConflictException"
    status = 409


class NotHere(BadRequest):
    """What AWS has, and labcloud does not."""

    def __init__(self, what: str, instead: str = "") -> None:
        super().__init__(f"labcloud does not have {what}{': ' if instead else ''}{instead}")


def no_api(account: str, api: str) -> NotFound:
    return NotFound(f"Invalid API identifier specified {account}:{api}")
