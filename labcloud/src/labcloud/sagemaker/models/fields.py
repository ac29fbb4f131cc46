"""What becomes of the members of CreateModel."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_SOURCE = "ModelDataSource.S3DataSource"
_CONTAINER = Fields(
    done=(
        "Image", "ImageConfig.RepositoryAccessMode", "ModelDataUrl", f"{_SOURCE}.S3Uri",
        f"{_SOURCE}.S3DataType", f"{_SOURCE}.CompressionType", "Environment", "Mode",
        "ModelPackageName", "InferenceSpecificationName",
    ),
    without_effect={
        "ContainerHostname": "a model has one container",
        "ImageConfig.RepositoryAuthConfig": (
            "an image of a private registry is one of the local Docker"
        ),
    },
    refused={
        f"{_SOURCE}.ModelAccessConfig": "",
        f"{_SOURCE}.HubAccessConfig": "",
        f"{_SOURCE}.ManifestS3Uri": "",
        f"{_SOURCE}.ETag": "",
        f"{_SOURCE}.ManifestEtag": "",
        "AdditionalModelDataSources": "",
        "MultiModelConfig": "labcloud has no multi-model endpoints",
        "ContainerMetricsConfig": "",
    },
)  # fmt: skip

CREATE_MODEL = (
    Fields(
        done=("ModelName", "ExecutionRoleArn", "Tags", "EnableNetworkIsolation"),
        without_effect={
            "VpcConfig": "the network is this machine's",
            "InferenceExecutionConfig": "a model has one container",
        },
    )
    | _CONTAINER.below("PrimaryContainer")
    | _CONTAINER.below("Containers")
)
