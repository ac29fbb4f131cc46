"""The table of all operations that labcloud implements, by AWS's names."""

from __future__ import annotations

from labcloud.sagemaker import tags
from labcloud.sagemaker.endpoints import api as endpoints
from labcloud.sagemaker.endpoints import configs as endpoint_configs
from labcloud.sagemaker.endpoints import updates as endpoint_updates
from labcloud.sagemaker.models import api as models
from labcloud.sagemaker.processing import api as processing_jobs
from labcloud.sagemaker.protocol import Operation
from labcloud.sagemaker.training import api as training_jobs
from labcloud.sagemaker.transform import api as transform_jobs
from labcloud.sagemaker.tuning import api as tuning_jobs

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
