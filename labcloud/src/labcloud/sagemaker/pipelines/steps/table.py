"""All kinds of steps, and those of AWS's that labcloud does not have."""

from __future__ import annotations

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.steps.callback import CALLBACK
from labcloud.sagemaker.pipelines.steps.condition import CONDITION
from labcloud.sagemaker.pipelines.steps.endpoints import ENDPOINT, ENDPOINT_CONFIG
from labcloud.sagemaker.pipelines.steps.fail import FAIL
from labcloud.sagemaker.pipelines.steps.functions import LAMBDA
from labcloud.sagemaker.pipelines.steps.kind import Kind
from labcloud.sagemaker.pipelines.steps.model import MODEL
from labcloud.sagemaker.pipelines.steps.processing import PROCESSING
from labcloud.sagemaker.pipelines.steps.registration import REGISTER_MODEL
from labcloud.sagemaker.pipelines.steps.training import TRAINING
from labcloud.sagemaker.pipelines.steps.transform import TRANSFORM
from labcloud.sagemaker.pipelines.steps.tuning import TUNING

_ALL: tuple[Kind, ...] = (
    PROCESSING, TRAINING, TRANSFORM, TUNING, MODEL, REGISTER_MODEL, CONDITION, FAIL, LAMBDA,
    CALLBACK, ENDPOINT_CONFIG, ENDPOINT,
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.type: kind for kind in _ALL}
# Step types of AWS's that SDKs write.
NOT_HERE = (
    "AutoML", "BedrockCustomModel", "BedrockCustomModelDeployment", "BedrockModelImport",
    "BedrockProvisionedModelThroughput", "ClarifyCheck", "Cleanup", "EMR", "EMRServerless",
    "ForEach", "HubContent", "InferenceComponent", "Job", "Lineage", "MLflow",
    "MonitorBatchTransform", "NotebookJob", "QualityCheck",
)  # fmt: skip


def kind_of(type_: str) -> Kind:
    """Raises Unparsed for a type that nobody has, ValidationError for one of AWS's."""
    if type_ in KINDS:
        return KINDS[type_]
    if type_ in NOT_HERE:
        raise ValidationError(f"labcloud does not implement pipeline steps of type {type_}")
    raise Unparsed(f"Unknown step type '{type_}'.")
