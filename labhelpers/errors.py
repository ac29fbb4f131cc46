"""The errors of labhelpers. Each message says what to do.

LabError
 ├─ NotConnected      no credentials, no region, no role
 ├─ BadData           wrong shares, columns or values
 ├─ StorageError      a file or an S3 object that cannot be read, written or deleted
 ├─ ImageError        an image that cannot be built or pushed
 ├─ NotWatched        a job or endpoint goes on, and nobody looks any more
 └─ JobFailed         a job or endpoint has failed
"""

from __future__ import annotations


class LabError(Exception):
    """A helper was used wrongly, or cannot continue."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message. The lines of labhelpers would help nobody."""
        return [f"{type(self).__name__}: {self}"]


class NotConnected(LabError):
    """Neither AWS nor labcloud can be used."""


class BadData(LabError, ValueError):
    """The data is not what the function needs."""


class StorageError(LabError):
    """A file or an S3 object does not exist, or is not the course's."""


class JobFailed(LabError):
    """A job or an endpoint has failed; the message has AWS's reason."""


class NotWatched(LabError):
    """Watching was interrupted; the message says that the job or endpoint goes on."""


class ImageError(LabError):
    """An image cannot be built or pushed; the message has Docker's last lines."""
