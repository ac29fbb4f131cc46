"""Which variant, and which of its instances, a request goes to."""

from __future__ import annotations

import json
import random
from collections import Counter

from .conftest import Play, Serving

INVOKED = "x-amzn-invoked-production-variant"


def test_variants_are_drawn_by_weight(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        variants = [{"VariantName": name, "InitialVariantWeight": weight}
                    for name, weight in (("A", 3.0), ("B", 1.0), ("C", 0.0))]  # fmt: skip
        await serving.create(*variants)
        serving.traffic.random.seed(7)
        invoked = [(await serving.invoke()).headers[INVOKED] for _ in range(40)]
        assert invoked == random.Random(7).choices("ABC", [3, 1, 0], k=40)
        assert set(invoked) == {"A", "B"}

    play(scene)


def test_a_target_overrides_the_weights(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create(
            {"VariantName": "A"}, {"VariantName": "B", "InitialVariantWeight": 0.0}
        )
        for name in "ABBA":
            answer = await serving.invoke(x_amzn_sagemaker_target_variant=name)
            assert answer.headers[INVOKED] == name
        refused = await serving.invoke(x_amzn_sagemaker_target_variant="C")
        assert refused.json() == {
            "ErrorCode": "ValidationError",
            "Message": "Variant C not found for endpoint e of account 123456789012.",
        }

    play(scene)


def test_without_any_weight_all_variants_share_alike(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create(*[{"VariantName": name, "InitialVariantWeight": 0.0} for name in "AB"])
        serving.traffic.random.seed(7)
        invoked = [(await serving.invoke()).headers[INVOKED] for _ in range(20)]
        assert invoked == random.Random(7).choices("AB", k=20)

    play(scene)


def test_the_instances_of_a_variant_take_turns(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"InitialInstanceCount": 3})
        for _ in range(9):
            await serving.invoke()
        assert sorted(Counter(pids(serving)).values()) == [3, 3, 3]

    play(scene)


def test_an_instance_that_has_died_gets_no_requests(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        await serving.create({"InitialInstanceCount": 2})
        assert (await serving.invoke(b"die")).status_code == 424
        (variant,) = serving.traffic.fleet.variants
        await serving.until(lambda: not all(each.ready for each in variant.replicas))
        while not all(each.ready for each in variant.replicas):
            assert (await serving.invoke()).status_code == 200
        for _ in range(2):
            assert (await serving.invoke()).status_code == 200

    play(scene)


def test_the_instance_with_the_least_to_do_is_asked(play: Play) -> None:
    async def scene(serving: Serving) -> None:
        strategy = {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
        await serving.create({"InitialInstanceCount": 2, "RoutingConfig": strategy})
        (variant,) = serving.traffic.fleet.variants
        busy = variant.next()
        busy.begin()
        for _ in range(4):
            await serving.invoke()
        assert len(set(pids(serving))) == 1
        busy.end()

    play(scene)


def pids(serving: Serving) -> list[int]:
    """The processes that have answered, one for each request."""
    path = serving.reports / "report"
    return [
        found["pid"] for found in map(json.loads, path.read_text().splitlines()) if "body" in found
    ]
