"""It has no metrics of its own."""

METRIC_DEFINITIONS: list[dict[str, str]] = []
