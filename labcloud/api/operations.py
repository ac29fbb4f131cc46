"""The table of all operations that labcloud implements, by AWS's names."""

from __future__ import annotations

from labcloud.api import (
    endpoint_configs,
    endpoint_updates,
    endpoints,
    models,
    processing_jobs,
    tags,
    training_jobs,
    transform_jobs,
    tuning_jobs,
)
from labcloud.api.protocol import Operation

OPERATIONS: dict[str, Operation] = {
    **training_jobs.OPERATIONS,
    **models.OPERATIONS,
    **endpoint_configs.OPERATIONS,
    **endpoints.OPERATIONS,
    **endpoint_updates.OPERATIONS,
    **processing_jobs.OPERATIONS,
    **transform_jobs.OPERATIONS,
    **tuning_jobs.OPERATIONS,
    **tags.OPERATIONS,
}
