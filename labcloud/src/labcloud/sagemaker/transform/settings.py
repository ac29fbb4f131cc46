"""How a transform job batches: what the request says, else the container, else AWS's defaults."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import aiohttp

from labcloud.sagemaker.models.replica import Replica

MB = 1024**2
SINGLE, MULTI = "SINGLE_RECORD", "MULTI_RECORD"
_STRATEGIES = {"SingleRecord": SINGLE, "MultiRecord": MULTI}
_ASKING = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True)
class Settings:
    """All that an object's transformation depends on. `payload` in MB; 0 is without limit."""

    concurrency: int
    payload: int
    strategy: str
    by_line: bool
    assemble_by_line: bool
    gzip: bool
    headers: dict[str, str]
    timeout: float
    retries: int

    def described(self) -> str:
        """As the log of a job begins."""
        return (
            f"MaxConcurrentTransforms={self.concurrency}, MaxPayloadInMB={self.payload}, "
            f"BatchStrategy={self.strategy}"
        )

    @staticmethod
    def environment(request: dict[str, Any]) -> dict[str, str]:
        """What a batch container is told: that it is one, and what the request sets."""
        found = {"SAGEMAKER_BATCH": "true"}
        if "MaxPayloadInMB" in request:
            found["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(request["MaxPayloadInMB"])
        if "BatchStrategy" in request:
            found["SAGEMAKER_BATCH_STRATEGY"] = _STRATEGIES[request["BatchStrategy"]]
        if "MaxConcurrentTransforms" in request:
            found["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(request["MaxConcurrentTransforms"])
        return found


async def settle(request: dict[str, Any], replica: Replica) -> Settings:
    """The settings of a job whose model server has just come up."""
    own = await _execution_parameters(replica)
    source, target = request["TransformInput"], request["TransformOutput"]
    client = request.get("ModelClientConfig", {})
    headers = {"content-type": source.get("ContentType"), "accept": target.get("Accept")}
    strategy = _STRATEGIES.get(request.get("BatchStrategy", ""))
    return Settings(
        # 0, like a missing value, means: ask the container.
        concurrency=request.get("MaxConcurrentTransforms") or own["MaxConcurrentTransforms"],
        payload=request.get("MaxPayloadInMB", own["MaxPayloadInMB"]),
        strategy=strategy or own["BatchStrategy"],
        by_line=source["SplitType"] == "Line",
        assemble_by_line=target["AssembleWith"] == "Line",
        gzip=source["CompressionType"] == "Gzip",
        headers={name: value for name, value in headers.items() if value},
        timeout=client.get("InvocationsTimeoutInSeconds", 600),
        retries=client.get("InvocationsMaxRetries", 3),
    )


async def _execution_parameters(replica: Replica) -> dict[str, Any]:
    """What the container's /execution-parameters say, if valid; else AWS's defaults."""
    found: dict[str, Any] = {
        "MaxConcurrentTransforms": 1,
        "MaxPayloadInMB": 6,
        "BatchStrategy": MULTI,
    }
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
        assert replica.session
        async with replica.session.get("/execution-parameters", timeout=_ASKING) as response:
            said = await response.json(content_type=None) if response.status == 200 else {}
        if isinstance(said, dict):
            for name in ("MaxConcurrentTransforms", "MaxPayloadInMB"):
                if isinstance(said.get(name), int) and said[name] > 0:
                    found[name] = said[name]
            if said.get("BatchStrategy") in (SINGLE, MULTI):
                found["BatchStrategy"] = said["BatchStrategy"]
    return found
