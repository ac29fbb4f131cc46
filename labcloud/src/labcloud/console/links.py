"""Where the console shows what an ARN is of."""

from __future__ import annotations

from typing import Any

from labcloud.console.kinds import KINDS

# By the kind in an ARN, what the address begins with. The rest of the ARN follows, by its slashes.
_PAGES = {
    **{kind.resource.kind: ("jobs", kind.path) for kind in KINDS if not kind.at},
    "model": ("models",),
    "endpoint": ("endpoints",),
    "endpoint-config": ("endpoint-configs",),
    "model-package": ("registry",),
    "model-package-group": ("registry",),
    "pipeline": ("pipelines",),
}


def parts_of(arn: str) -> tuple[str, ...] | None:
    """The parts of the address of a page; None where the console has none."""
    pieces = arn.split(":", 5)
    if len(pieces) < 6:
        return None
    service, rest = pieces[2], pieces[5]
    if service == "lambda" and rest.startswith("function:"):
        return ("functions", rest.split(":")[1])
    kind, _, name = rest.partition("/")
    if not name or kind not in _PAGES:
        return None
    if kind == "pipeline":
        name = name.replace("/execution/", "/executions/")
    return (*_PAGES[kind], *name.split("/"))


def led_to(step: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...] | None]]:
    """What a step has made or called: what it is, its ARN, and the parts of its page's address."""
    found = [
        (member, about["Arn"], parts_of(about["Arn"]))
        for member, about in step.get("Metadata", {}).items()
        if isinstance(about, dict) and about.get("Arn")
    ]
    source = step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn")
    return [*found, *([("Cache hit", source, parts_of(source))] if source else [])]
