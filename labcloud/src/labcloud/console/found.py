"""Which jobs have an image with some text in its name, without reading all of them each time.

A job keeps the image that it was created with. So what has been read once is true as long as the
job is there, and only newer jobs are read afterwards.
"""

from __future__ import annotations

import json
import threading

from labcloud.cloud import Cloud
from labcloud.console.kinds import Kind, member

# A job may be created while others are read, and a clock may be set back (seconds).
_MARGIN = 60.0
# With more new ones than this, all are read at once, which a thread does.
_FEW = 200


class Images:
    """The images of the jobs of one server, by kind and name."""

    def __init__(self) -> None:
        # With the time of creation: another job of the same name has another one.
        self._images: dict[str, dict[str, tuple[float, str]]] = {}
        # How far each kind has been read: the time of creation of the newest.
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def all_at_once(self, cloud: Cloud, kind: Kind) -> None:
        """Reads the images of all jobs of a kind. Blocking, for any thread."""
        paths = (kind.resource.name, kind.image, "CreationTime")
        read = cloud.records.extracts(kind.resource.kind, paths)
        with self._lock:
            self._images[kind.path] = {
                name: (float(created), str(image or "").lower()) for name, image, created in read
            }
            self._until[kind.path] = max((float(created) for *_, created in read), default=0.0)

    def newer(self, cloud: Cloud, kind: Kind) -> bool:
        """Reads those of the jobs that have come since; False where too many have."""
        if kind.path not in self._until:
            return False
        since = self._until[kind.path] - _MARGIN
        places = cloud.records.places.page(
            kind.resource.kind, [("created >= ?", since)], by="created", descending=False,
            after=None, size=_FEW,
        )  # fmt: skip
        known = self._images[kind.path]
        for place in places:
            if known.get(place.name, (None, ""))[0] == place.created:
                continue
            record = cloud.records.get(kind.resource.kind, place.name)
            image = str(member(record, kind.image) or "").lower()
            with self._lock:
                self._images[kind.path][place.name] = (place.created, image)
                self._until[kind.path] = max(self._until[kind.path], place.created)
        return len(places) < _FEW

    def condition(self, kind: Kind, part: str) -> tuple[str, str]:
        """The condition of a list for jobs whose image has this in its name.

        Names of jobs that were deleted do no harm: the list has no place for them.
        """
        with self._lock:
            images = self._images.get(kind.path, {})
            names = [name for name, (_, image) in images.items() if part.lower() in image]
        return "name IN (SELECT value FROM json_each(?))", json.dumps(names)
