"""DeploymentConfig of UpdateEndpoint: how traffic is to move, checked and put into steps.

See "Deployment guardrails" in the SageMaker developer guide for what AWS makes of it.
"""

from __future__ import annotations

from typing import Any

from labcloud.sagemaker.endpoints.deployments import Routing
from labcloud.sagemaker.errors import ValidationError
from labcloud.state.records import Record

# What a canary, and a step of a linear shift, may be of all instances.
_CANARY = (0.0, 0.5)
_STEP = (0.1, 0.5)


def routing_of(config: dict[str, Any], variants: list[Record], had: list[Record]) -> Routing:
    """The steps of a DeploymentConfig, from the variants `had` to those of a new configuration.

    Raises ValidationError.
    """
    policy = config.get("BlueGreenUpdatePolicy")
    if policy is None:
        return Routing()
    traffic = policy["TrafficRoutingConfiguration"]
    kind, wait = traffic["Type"], traffic["WaitIntervalInSeconds"]
    if _names(variants) != _names(had):
        # "Exclusions" of the deployment guardrails; the words are labcloud's.
        raise ValidationError(
            "A BlueGreenUpdatePolicy needs a configuration with the variants of the old one"
        )
    shares = _shares(kind, traffic, sum(each.get("InitialInstanceCount", 1) for each in variants))
    linger = policy.get("TerminationWaitInSeconds", 0)
    longest = policy.get("MaximumExecutionTimeoutInSeconds")
    if longest is not None and longest <= wait * len(shares) + linger:
        raise ValidationError(
            "MaximumExecutionTimeoutInSeconds must be larger than the total waiting time of "
            "TerminationWaitInSeconds and WaitIntervalInSeconds"
        )
    return Routing(shares, wait, linger)


def _shares(kind: str, traffic: dict[str, Any], instances: int) -> tuple[float, ...]:
    if kind == "CANARY":
        return _size(traffic, "CanarySize", instances, _CANARY), 1.0
    if kind == "LINEAR":
        step = _size(traffic, "LinearStepSize", instances, _STEP)
        # Equal steps may not add up to all traffic; the last step takes the rest.
        return *[step * n for n in range(1, 11) if step * n < 1 - 1e-9], 1.0
    return (1.0,)


def _size(
    traffic: dict[str, Any], member: str, instances: int, limits: tuple[float, float]
) -> float:
    """A CapacitySize as a share of all instances. Raises ValidationError."""
    size = traffic.get(member)
    if size is None:
        raise ValidationError(f"{member} must be given for {traffic['Type']} traffic routing")
    whole = 100 if size["Type"] == "CAPACITY_PERCENT" else instances
    share: float = size["Value"] / whole
    least, most = limits
    if not least <= share <= most:
        within = f"{least:.0%} to {most:.0%}" if least else f"at most {most:.0%}"
        raise ValidationError(f"{member} must be {within} of the variant's instances")
    return share


def _names(variants: list[Record]) -> set[str]:
    return {variant["VariantName"] for variant in variants}
