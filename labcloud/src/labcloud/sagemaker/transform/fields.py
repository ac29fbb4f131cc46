"""What becomes of the members of CreateTransformJob."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.training.fields import NOT_ENCRYPTED

CREATE_TRANSFORM_JOB = Fields(
    done=(
        "TransformJobName", "ModelName", "MaxConcurrentTransforms", "ModelClientConfig",
        "MaxPayloadInMB", "BatchStrategy", "Environment", "TransformInput",
        "TransformOutput.S3OutputPath", "TransformOutput.Accept", "TransformOutput.AssembleWith",
        "TransformResources.InstanceType", "TransformResources.InstanceCount", "DataProcessing",
        "Tags",
    ),
    without_effect={
        "TransformOutput.KmsKeyId": NOT_ENCRYPTED,
        "TransformResources.VolumeKmsKeyId": NOT_ENCRYPTED,
        "TransformResources.TransformAmiVersion": "the operating system is this machine's",
    },
    refused={"DataCaptureConfig": "", "ExperimentConfig": ""},
)  # fmt: skip
