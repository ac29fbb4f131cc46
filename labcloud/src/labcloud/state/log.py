"""What labcloud did, one JSON object a line, in its state directory; rotated."""

from __future__ import annotations

import json
import logging
import logging.handlers
from pathlib import Path

_SIZE = 5 * 1024**2
_KEPT = 3
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """A record as one JSON object: time, level, event, message, and the `extra` that it carries."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


def log_to(path: Path) -> None:
    """Sends all records of this process to a file."""
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_SIZE, backupCount=_KEPT)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("botocore", "werkzeug", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
