"""What becomes of the members of the operations that make and change endpoints."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.training.fields import NOT_ENCRYPTED

_VARIANT = Fields(
    done=(
        "VariantName", "ModelName", "InitialInstanceCount", "InstanceType", "InitialVariantWeight",
        "ModelDataDownloadTimeoutInSeconds", "ContainerStartupHealthCheckTimeoutInSeconds",
        "RoutingConfig.RoutingStrategy",
        # Refused as AWS does: labcloud has no endpoints that it is for.
        "ManagedInstanceScaling",
    ),
    without_effect={
        "VolumeSizeInGB": "the disk is this machine's",
        "VariantInstanceProvisionTimeoutInSeconds": "an instance is always there",
        "InferenceAmiVersion": "the operating system is this machine's",
    },
    refused={
        "InstancePools": "name an InstanceType",
        "AcceleratorType": "",
        "CoreDumpConfig": "",
        "ServerlessConfig": "name an InstanceType and an InitialInstanceCount",
        "EnableSSMAccess": "",
        "RoutingConfig.PrefixAwareRoutingConfig": "",
        "CapacityReservationConfig": "",
        "AcceleratorPartitionLayouts": "",
    },
)  # fmt: skip

CREATE_ENDPOINT_CONFIG = _VARIANT.below("ProductionVariants") | Fields(
    done=(
        "EndpointConfigName", "DataCaptureConfig.EnableCapture",
        "DataCaptureConfig.InitialSamplingPercentage", "DataCaptureConfig.DestinationS3Uri",
        "DataCaptureConfig.CaptureOptions", "DataCaptureConfig.CaptureContentTypeHeader", "Tags",
    ),
    without_effect={
        "DataCaptureConfig.KmsKeyId": NOT_ENCRYPTED,
        "KmsKeyId": NOT_ENCRYPTED,
        "ExecutionRoleArn": "no inference component needs it",
        "VpcConfig": "the network is this machine's",
        "EnableNetworkIsolation": "it is for inference components",
    },
    refused={
        "AsyncInferenceConfig": "",
        "ExplainerConfig": "",
        "ShadowProductionVariants": "",
        "MetricsConfig": "",
        "CrossRegionTrafficConfig": "",
    },
)  # fmt: skip

_DEPLOYMENT = Fields(
    done=("BlueGreenUpdatePolicy",),
    refused={
        "RollingUpdatePolicy": "there is BlueGreenUpdatePolicy",
        "AutoRollbackConfiguration": "labcloud has no alarms of CloudWatch",
    },
).below("DeploymentConfig")

CREATE_ENDPOINT = _DEPLOYMENT | Fields(done=("EndpointName", "EndpointConfigName", "Tags"))

UPDATE_ENDPOINT = _DEPLOYMENT | Fields(
    done=(
        "EndpointName", "EndpointConfigName", "RetainAllVariantProperties",
        "ExcludeRetainedVariantProperties", "RetainDeploymentConfig",
    ),
)  # fmt: skip

UPDATE_WEIGHTS = Fields(
    done=(
        "EndpointName", "DesiredWeightsAndCapacities.VariantName",
        "DesiredWeightsAndCapacities.DesiredWeight",
        "DesiredWeightsAndCapacities.DesiredInstanceCount",
    ),
    refused={"DesiredWeightsAndCapacities.ServerlessUpdateConfig": ""},
)  # fmt: skip
