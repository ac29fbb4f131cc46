"""A received request as botocore signs it: the headers that it names, its body by a hash."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders


class Received(AWSRequest):  # type: ignore[misc]  # botocore has no types
    """A received request in the form that botocore signs."""

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        signed_headers: Sequence[str],
        moment: str,
        payload: str,
        *,
        in_query: bool,
    ) -> None:
        if in_query:
            kept = [part for part in query.split("&") if not part.startswith("X-Amz-Signature=")]
            query = "&".join(kept)
        super().__init__(method=method, url=f"http://host{path}{'?' if query else ''}{query}")
        for name in signed_headers:
            self.headers[name] = headers.get(name, "")
        self.context["timestamp"] = moment
        self.payload = payload


class Verifier(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs exactly the headers that the claim names, and the body by its hash."""

    def headers_to_sign(self, request: Received) -> HTTPHeaders:
        return request.headers

    def canonical_request(self, request: Received) -> str:
        # botocore takes the last line from the header x-amz-content-sha256 where there is one.
        *lines, _ = super().canonical_request(request).split("\n")
        return "\n".join([*lines, request.payload])

    def payload(self, request: Received) -> str:
        return request.payload


class S3Verifier(Verifier, S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """S3's paths are signed as they are, not normalised."""
