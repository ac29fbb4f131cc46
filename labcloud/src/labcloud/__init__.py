"""labcloud: Amazon SageMaker on your own machine; AWS's protocol, and the work really done."""

from labcloud.client.local import LocalAWS, local_aws

__all__ = ["LocalAWS", "local_aws"]
