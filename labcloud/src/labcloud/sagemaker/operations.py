"""The table of all operations that labcloud implements, by AWS's names."""

from __future__ import annotations

from labcloud.sagemaker import tags
from labcloud.sagemaker.endpoints import api as endpoints
from labcloud.sagemaker.endpoints import configs, updates
from labcloud.sagemaker.models import api as models
from labcloud.sagemaker.processing import api as processing
from labcloud.sagemaker.protocol import Operation
from labcloud.sagemaker.training import api as training
from labcloud.sagemaker.transform import api as transform
from labcloud.sagemaker.tuning import api as tuning

OPERATIONS: dict[str, Operation] = {
    **training.OPERATIONS,
    **models.OPERATIONS,
    **configs.OPERATIONS,
    **endpoints.OPERATIONS,
    **updates.OPERATIONS,
    **processing.OPERATIONS,
    **transform.OPERATIONS,
    **tuning.OPERATIONS,
    **tags.OPERATIONS,
}
