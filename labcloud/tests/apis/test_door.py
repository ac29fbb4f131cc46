"""What a visitor is told when a function cannot answer: each kind of API has its own words."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from labcloud.apis.stage import door
from labcloud.functions.asked import FunctionError

from .conftest import FUNCTION, Play, Scene

THROTTLED = FunctionError("TooManyRequestsException", "Rate Exceeded.", 429)
TOO_LARGE = FunctionError("RequestTooLargeException", "too large", 413)
MISSING = FunctionError("ResourceNotFoundException", "Function not found", 404)


def test_a_function_that_answers(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api, rest = await at.quick(), await at.resting()
        answer = await at.visit(f"{api}/a/b?c=d")
        assert (answer.status_code, answer.text) == (200, "hi")
        assert answer.headers["apigw-requestid"].endswith("=")
        assert at.functions.events[-1]["rawPath"] == "/a/b"
        answer = await at.visit(f"{rest}/prod", "POST", content=b"x")
        assert (answer.status_code, answer.text) == (200, "hi")
        assert {"x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"} <= set(answer.headers)
        assert at.functions.events[-1]["body"] == "x"
        execute = "arn:aws:execute-api:us-east-1:123456789012"
        assert at.functions.sources == [
            f"{execute}:{api}/$default/$default",
            f"{execute}:{rest}/prod/POST/",
        ]

    play(scene)


@pytest.mark.parametrize(
    ("error", "http", "rest"),
    [
        (THROTTLED, (503, "Service Unavailable"), (500, "Internal server error")),
        (TOO_LARGE, (413, "Request Entity Too Large"), (413, "Request Too Long")),
        (MISSING, (500, "Internal Server Error"), (500, "Internal server error")),
    ],
)
def test_a_function_that_is_not_invoked(
    play: Play, error: FunctionError, http: tuple[int, str], rest: tuple[int, str]
) -> None:
    async def scene(at: Scene) -> None:
        async def returns() -> bytes:
            raise error

        at.functions.returns = returns  # type: ignore[method-assign]
        answer = await at.visit(await at.quick())
        assert (answer.status_code, answer.json()) == (http[0], {"message": http[1]})
        answer = await at.visit(f"{await at.resting()}/prod", "POST")
        assert (answer.status_code, answer.json()) == (rest[0], {"message": rest[1]})

    play(scene)


def test_a_function_that_fails_or_may_not_be_called(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api, rest = await at.quick(), await at.resting()
        at.functions.error = "Unhandled"
        answer = await at.visit(api)
        assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')
        answer = await at.visit(f"{rest}/prod", "POST")
        assert (answer.status_code, answer.text) == (502, '{"message": "Internal server error"}')
        assert answer.headers["x-amzn-errortype"] == "InternalServerErrorException"
        at.functions.allowed = False
        invoked = len(at.functions.events)
        assert (await at.visit(api)).status_code == 500
        assert (await at.visit(f"{rest}/prod", "POST")).status_code == 500
        assert len(at.functions.events) == invoked

    play(scene)


def test_a_function_that_takes_too_long_goes_on(play: Play) -> None:
    async def scene(at: Scene) -> None:
        begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def returns() -> bytes:
            begun.set()
            await go_on.wait()
            ended.set()
            return b"{}"

        at.functions.returns = returns  # type: ignore[method-assign]
        api = await at.quick()
        (integration,) = (await at.http("GetIntegrations", ApiId=api))["Items"]
        await at.http(
            "UpdateIntegration",
            ApiId=api,
            IntegrationId=integration["IntegrationId"],
            TimeoutInMillis=50,
        )
        answer = await at.visit(api)
        assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')
        assert begun.is_set()
        go_on.set()
        await asyncio.wait_for(ended.wait(), 60)

    play(scene)


def test_visitors_do_not_queue_without_limit(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(at: Scene) -> None:
        go_on = asyncio.Event()

        async def returns() -> bytes:
            await go_on.wait()
            return b'"done"'

        at.functions.returns = returns  # type: ignore[method-assign]
        api = await at.quick()
        visits = [asyncio.create_task(at.visit(api)) for _ in range(3)]
        done, waiting = await asyncio.wait(visits, return_when=asyncio.FIRST_COMPLETED)
        assert [each.result().status_code for each in done] == [429]
        go_on.set()
        assert [(await each).text for each in waiting] == ["done", "done"]

    monkeypatch.setattr(door, "MOST_VISITORS", 2)
    play(scene)


def test_bodies_have_a_limit(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def parts() -> Any:
        yield b"x" * 11

    async def scene(at: Scene) -> None:
        api, rest = await at.quick(), await at.resting()
        for content in (b"x" * 11, parts()):
            answer = await at.visit(api, "POST", content=content)
            assert answer.status_code == 413
            assert answer.json() == {"message": "Request Entity Too Large"}
        answer = await at.visit(f"{rest}/prod", "POST", content=b"x" * 11)
        assert (answer.status_code, answer.json()) == (413, {"message": "Request Too Long"})
        assert (await at.visit(api, "POST", content=b"x" * 10)).status_code == 200
        assert len(at.functions.events) == 1

    monkeypatch.setattr(door, "LARGEST", 10)
    play(scene)


def test_the_bodies_of_visitors_have_a_room_of_their_own(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(at: Scene) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def returns() -> bytes:
            begun.set()
            await go_on.wait()
            return b'"done"'

        at.functions.returns = returns  # type: ignore[method-assign]
        api = await at.quick()
        first = asyncio.create_task(at.visit(api, "POST", content=b"x" * 6))
        await asyncio.wait_for(begun.wait(), 60)
        answer = await at.visit(api, "POST", content=b"x" * 5)
        assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
        go_on.set()
        assert (await first).text == "done"
        # It has given its room back.
        assert (await at.visit(api, "POST", content=b"x" * 10)).text == "done"

    monkeypatch.setattr(door, "MOST_OF_BODIES", 10)
    play(scene)


def test_what_is_not_there(play: Play) -> None:
    async def scene(at: Scene) -> None:
        rest = await at.resting()
        api = (await at.http("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
        for path, method, status, message in (
            ("nothing", "GET", 403, "Forbidden"),
            (f"{api}/", "GET", 404, "Not Found"),
            (f"{rest}/", "POST", 403, "Forbidden"),
            (f"{rest}/dev", "POST", 403, "Forbidden"),
            (f"{rest}/prod", "GET", 403, "Missing Authentication Token"),
            (f"{rest}/prod/x", "POST", 403, "Missing Authentication Token"),
            (f"{rest}/%70rod", "POST", 403, "Forbidden"),
        ):
            answer = await at.visit(path, method)
            assert (answer.status_code, answer.json()) == (status, {"message": message}), path
        assert (await at.visit(f"{rest}/prod/", "POST")).status_code == 200

    play(scene)


def test_a_browser_gets_no_cookies_of_a_function(play: Play) -> None:
    """They would be those of every server on this host."""
    value = {
        "statusCode": 200,
        "cookies": ["_xsrf=1"],
        "headers": {
            "Clear-Site-Data": '"cookies"',
            "Connection": "close",
            "Service-Worker-Allowed": "/",
            "X-Kept": "1",
        },
    }

    async def scene(at: Scene) -> None:
        async def returns() -> bytes:
            return json.dumps(value).encode()

        at.functions.returns = returns  # type: ignore[method-assign]
        api = await at.quick()
        answer = await at.visit(api, headers={"User-Agent": "Mozilla/5.0", "Cookie": "_xsrf=2"})
        assert answer.headers["x-kept"] == "1"
        dropped = {"set-cookie", "service-worker-allowed", "clear-site-data", "connection"}
        assert not dropped & set(answer.headers)
        assert "_xsrf" not in json.dumps(at.functions.events[-1])
        answer = await at.visit(api, headers={"Cookie": "a=b"})
        assert answer.headers["set-cookie"] == "_xsrf=1"
        assert at.functions.events[-1]["cookies"] == ["a=b"]

    play(scene)


def test_a_stage_takes_what_it_is_set_to(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api = await at.quick()
        await at.http(
            "UpdateStage",
            ApiId=api,
            StageName="$default",
            DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001},
        )
        statuses = [(await at.visit(api)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        await at.http(
            "UpdateStage",
            ApiId=api,
            StageName="$default",
            RouteSettings={"$default": {"ThrottlingBurstLimit": 0}},
        )
        assert (await at.visit(api)).json() == {"message": "Too Many Requests"}
        await at.http("DeleteRouteSettings", ApiId=api, StageName="$default", RouteKey="$default")
        rest = await at.resting()
        await at.rest(
            "UpdateStage",
            restApiId=rest,
            stageName="prod",
            patchOperations=[
                {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"},
                {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.001"},
            ],
        )
        statuses = [(await at.visit(f"{rest}/prod", "POST")).status_code for _ in range(2)]
        assert statuses == [200, 429]

    play(scene)


def test_a_stage_serves_its_deployment_and_not_what_is_edited(play: Play) -> None:
    async def scene(at: Scene) -> None:
        api = await at.quick()
        await at.http("CreateStage", ApiId=api, StageName="v1", StageVariables={"fn": "f"})
        assert (await at.visit(f"{api}/v1/x")).status_code == 404
        await at.http("CreateDeployment", ApiId=api, StageName="v1")
        assert (await at.visit(f"{api}/v1/x")).status_code == 200
        event = at.functions.events[-1]
        assert (event["rawPath"], event["requestContext"]["stage"]) == ("/v1/x", "v1")
        assert event["stageVariables"] == {"fn": "f"}
        (integration,) = (await at.http("GetIntegrations", ApiId=api))["Items"]
        await at.http(
            "UpdateIntegration",
            ApiId=api,
            IntegrationId=integration["IntegrationId"],
            IntegrationUri=f"{FUNCTION[:-1]}${{stageVariables.fn}}",
            PayloadFormatVersion="1.0",
        )
        assert (await at.visit(f"{api}/v1/x")).status_code == 200
        assert at.functions.events[-1]["version"] == "2.0"
        await at.http("CreateDeployment", ApiId=api, StageName="v1")
        assert (await at.visit(f"{api}/v1")).status_code == 200
        assert at.functions.events[-1]["version"] == "1.0"
        assert at.functions.events[-1]["path"] == "/v1"

    play(scene)


def test_visitors_wait_for_room_on_this_machine_but_not_beyond_a_functions_own_limit(
    play: Play,
) -> None:
    def full(why: str) -> FunctionError:
        return FunctionError("TooManyRequestsException", "Rate Exceeded.", 429, Reason=why)

    async def scene(at: Scene) -> None:
        refusals = [full("ConcurrentInvocationLimitExceeded")] * 2

        async def returns() -> bytes:
            if refusals:
                raise refusals.pop()
            return b'"at last"'

        at.functions.returns = returns  # type: ignore[method-assign]
        api = await at.quick()
        assert (await at.visit(api)).text == "at last"
        refusals.append(full("ReservedFunctionConcurrentInvocationLimitExceeded"))
        assert (await at.visit(api)).status_code == 503
        assert refusals == []

    play(scene)
