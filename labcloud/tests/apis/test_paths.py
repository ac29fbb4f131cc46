"""Which route a request takes, by AWS's priorities."""

from __future__ import annotations

import pytest

from labcloud.apis.errors import BadRequest, Conflict
from labcloud.apis.httpapis import routes
from labcloud.apis.stage.paths import Paths, Routes

# The example of AWS's documentation.
ROUTES = [
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "$default",
]


@pytest.mark.parametrize(
    ("method", "path", "key", "variables"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("GET", "/pets/dog/2/", "GET /pets/{proxy+}", {"proxy": "dog/2/"}),
        ("GET", "/", "$default", {}),
        ("GET", "//", "$default", {}),
        ("GET", "/pets", "ANY /{proxy+}", {"proxy": "pets"}),
    ],
)
def test_the_most_specific_route_is_taken(
    method: str, path: str, key: str, variables: dict[str, str]
) -> None:
    assert Routes(ROUTES).chosen(method, path) == (key, variables)


@pytest.mark.parametrize(
    ("keys", "method", "path", "key"),
    [
        (["ANY /a", "GET /a"], "GET", "/a", "GET /a"),
        (["ANY /a", "GET /a"], "POST", "/a", "ANY /a"),
        # A full match comes before a greedy one, whatever the methods are.
        (["GET /{all+}", "ANY /{one}"], "GET", "/x", "ANY /{one}"),
        (["GET /{a}/b", "GET /a/{b}"], "GET", "/a/b", "GET /a/{b}"),
        (["GET /a"], "POST", "/a", None),
        (["GET /a"], "GET", "/a/", None),
        (["GET /a"], "GET", "/A", None),
        (["GET /{a}"], "GET", "/", None),
        (["GET /a/{b}"], "GET", "/a/..", "GET /a/{b}"),
        (["POST /"], "POST", "/", "POST /"),
    ],
)
def test_a_request_takes_one_route_or_none(
    keys: list[str], method: str, path: str, key: str | None
) -> None:
    found = Routes(keys).chosen(method, path)
    assert (found[0] if found else None) == key


def test_a_resource_of_a_rest_api_is_found_without_its_method() -> None:
    assert Paths(["/", "/{proxy+}", "/a/{id}"]).best("/a/1") == ("/a/{id}", {"id": "1"})
    assert Paths(["/{proxy+}"]).best("/") is None


@pytest.mark.parametrize(
    "key",
    [
        "GET/a", "get /a", "FETCH /a", "GET a", "GET", "", "GET /a b", "GET /a?b", "GET /a//b",
        "GET /{", "GET /{}", "GET /{a}b", "GET /x{a}", "GET /{a b}", "$other", "GET /a\n",
        "GET /{a+}/b", "GET /{a+}/", "GET /{a}/{a}", "GET /{a+}/{b+}", "GET /{a}/{a+}",
        f"GET /{{{'v' * 65}}}", f"GET /{'a' * 1024}", "GET /%2F",
    ],
)  # fmt: skip
def test_a_route_that_cannot_be_is_refused(key: str) -> None:
    with pytest.raises(BadRequest):
        routes.check_key(key)


@pytest.mark.parametrize(
    "key", ["$default", "GET /", "ANY /{proxy+}", "GET /a/{b}/c", "GET /a/", "OPTIONS /a-b_c.d~e"]
)
def test_a_route_that_can_be_is_taken(key: str) -> None:
    routes.check_key(key)


def test_two_routes_that_no_request_tells_apart_are_one_too_many() -> None:
    api: dict[str, dict[str, object]] = {"Routes": {}, "Integrations": {}}
    routes.make(api, {"RouteKey": "ANY /a/{proxy+}"})
    routes.make(api, {"RouteKey": "GET /a/{proxy+}"})
    routes.make(api, {"RouteKey": "ANY /a/{proxy}"})
    for key in ("ANY /a/{proxy+}", "ANY /a/{other+}"):
        with pytest.raises(Conflict, match=r"ANY /a/\{proxy\+\} already exists for this API"):
            routes.make(api, {"RouteKey": key})
