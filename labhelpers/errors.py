"""What can go wrong in a lab by no fault of SageMaker; each message says what to do.

LabError
 ├─ NotConnected      no credentials, no region, no role
 ├─ BadData           proportions, columns, values
 ├─ StorageError      an S3 object or file that is not there
 ├─ ImageError        an image that cannot be built or pushed; carries Docker's last lines
 └─ JobFailed         a job or endpoint ended badly; carries AWS's reason
"""

from __future__ import annotations


class LabError(Exception):
    """Wrong use of a lab helper, or a state that it cannot go on from."""


class NotConnected(LabError):
    """There is no AWS, and no labcloud, to talk to."""


class BadData(LabError, ValueError):
    """Data that is not what the function needs."""


class StorageError(LabError):
    """Something named is not where it should be."""


class JobFailed(LabError):
    """A job or endpoint that was watched has failed."""


class ImageError(LabError):
    """An image that cannot be built or pushed."""
