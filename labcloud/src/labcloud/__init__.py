"""labcloud: Amazon SageMaker on your own machine; AWS's protocol, and the work really done."""

from labcloud.client.local import LocalAWS, local_aws
from labcloud.version import __version__

__all__ = ["LocalAWS", "__version__", "local_aws"]
