"""One call of a model: from the choice of who answers it to the end of the answer."""

from __future__ import annotations

import time

import aiohttp

from labcloud.aws.logs import ENDPOINTS
from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.runtime.protocol import Headers, ModelError, RuntimeValidationError

TOO_SLOW = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)
NO_ANSWER = "The model server is not answering; it is being restarted."


class Call:
    """A request that a replica is to answer. The replica counts it until `end`.

    Raises RuntimeValidationError for a target variant that is not there. Nothing is awaited
    between the choice of the fleet and the replica's counting of the call, so the fleet cannot go.
    """

    def __init__(
        self, cloud: Cloud, endpoint: str, traffic: Traffic, target: str | None, began: float
    ) -> None:
        variant = traffic.choose(target)
        if variant is None:
            raise RuntimeValidationError(
                f"Variant {target} not found for endpoint {endpoint} of account "
                f"{cloud.arns.account}."
            )
        self.cloud = cloud
        self.endpoint = endpoint
        self.variant = variant
        self.replica = variant.next()
        self.replica.begin()
        # What the container has answered so far.
        self.status = 0
        self._began = began
        self._sent = time.perf_counter()

    async def send(
        self, headers: Headers, body: bytes, timeout: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        """The head of the model server's answer, which is a good one. Raises ModelError."""
        session = self.replica.session
        if session is None or session.closed:
            raise self.error(0, NO_ANSWER)
        try:
            response = await session.post(
                "/invocations",
                data=body,
                headers=headers,
                skip_auto_headers=("content-type", "accept", "user-agent"),
                timeout=timeout,
                allow_redirects=False,
            )
        except TimeoutError as error:
            raise self.error(0, TOO_SLOW) from error
        except aiohttp.ClientError as error:
            raise self.error(0, NO_ANSWER) from error
        if response.status >= 300:
            said = (await self.read(response)).decode(errors="replace")
            raise self.error(response.status, said)
        self.status = response.status
        return response

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        """An answer whole. Raises ModelError."""
        try:
            return await response.read()
        except TimeoutError as error:
            raise self.error(0, TOO_SLOW) from error
        except aiohttp.ClientError as error:
            raise self.error(0, NO_ANSWER) from error

    def error(self, status: int, said: str) -> ModelError:
        """The ModelError for a container's refusal. Status 0: it has not answered."""
        self.status = status
        arns, group = self.cloud.arns, ENDPOINTS + self.endpoint
        side = "client" if 400 <= status < 500 else "server"
        console = f"https://{arns.region}.console.aws.amazon.com/cloudwatch/home"
        return ModelError(
            f'Received {side} error ({status}) from primary with message "{said}". See {console}'
            f"?region={arns.region}#logEventViewer:group={group} in account {arns.account} "
            "for more information.",
            OriginalStatusCode=status,
            OriginalMessage=said,
            LogStreamArn=arns.logs(group, self.replica.stream.name),
        )

    def end(self) -> None:
        """The call has ended: it is counted, and the replica no longer waits for it."""
        self.replica.end()
        self.cloud.metrics.meter(self.endpoint, self.variant.name).add(
            self.status,
            time.perf_counter() - self._sent,
            self._sent - self._began,
            len(self.variant.replicas),
        )
