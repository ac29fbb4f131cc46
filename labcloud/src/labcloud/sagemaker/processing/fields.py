"""What becomes of the members of CreateProcessingJob."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.training.fields import NOT_ENCRYPTED

_INSTANCES = "name an InstanceType"

CREATE_PROCESSING_JOB = Fields(
    done=(
        "ProcessingJobName", "ProcessingInputs.InputName", "ProcessingInputs.S3Input",
        "ProcessingOutputConfig.Outputs.OutputName", "ProcessingOutputConfig.Outputs.S3Output",
        "ProcessingResources.ClusterConfig.InstanceType",
        "ProcessingResources.ClusterConfig.InstanceCount", "StoppingCondition", "AppSpecification",
        "Environment", "NetworkConfig.EnableNetworkIsolation", "RoleArn", "Tags",
    ),
    without_effect={
        "ProcessingOutputConfig.KmsKeyId": NOT_ENCRYPTED,
        "ProcessingResources.ClusterConfig.VolumeSizeInGB": "the disk is this machine's",
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId": NOT_ENCRYPTED,
        "NetworkConfig.VpcConfig": "the network is this machine's",
        "NetworkConfig.EnableInterContainerTrafficEncryption": "a job has one instance",
    },
    refused={
        "ProcessingInputs.AppManaged": "",
        "ProcessingInputs.DatasetDefinition": "labcloud reads data from S3Input only",
        "ProcessingOutputConfig.Outputs.AppManaged": "",
        "ProcessingOutputConfig.Outputs.FeatureStoreOutput": "labcloud writes to S3Output only",
        "ProcessingResources.ClusterConfig.InstancePreferences": _INSTANCES,
        "ProcessingResources.ClusterConfig.SelectedInstanceType": _INSTANCES,
        "ProcessingResources.ClusterConfig.SelectedInstanceCount": _INSTANCES,
        "ExperimentConfig": "",
    },
)  # fmt: skip
