"""No metrics."""

METRIC_DEFINITIONS: list[dict[str, str]] = []
