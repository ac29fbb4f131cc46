"""What becomes of the members of CreateTrainingJob."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_S3 = "labcloud reads data from S3DataSource only"
_INSTANCES = "name an InstanceType"
NOT_ENCRYPTED = "nothing is encrypted on this machine"
_RULES = "no rule looks at the job"

# What a definition of a tuning job has, too.
TRAINING = Fields(
    done=(
        "AlgorithmSpecification.TrainingImage", "AlgorithmSpecification.TrainingInputMode",
        "AlgorithmSpecification.MetricDefinitions", "RoleArn", "InputDataConfig.ChannelName",
        "InputDataConfig.DataSource.S3DataSource.S3DataType",
        "InputDataConfig.DataSource.S3DataSource.S3Uri",
        "InputDataConfig.DataSource.S3DataSource.S3DataDistributionType",
        "InputDataConfig.ContentType", "InputDataConfig.CompressionType",
        "InputDataConfig.RecordWrapperType", "InputDataConfig.InputMode",
        "InputDataConfig.ShuffleConfig", "OutputDataConfig.S3OutputPath",
        "OutputDataConfig.CompressionType", "ResourceConfig.InstanceType",
        "ResourceConfig.InstanceCount", "StoppingCondition.MaxRuntimeInSeconds",
        "EnableNetworkIsolation", "CheckpointConfig", "Environment",
    ),
    without_effect={
        "OutputDataConfig.KmsKeyId": NOT_ENCRYPTED,
        "ResourceConfig.VolumeSizeInGB": "the disk is this machine's",
        "ResourceConfig.VolumeKmsKeyId": NOT_ENCRYPTED,
        "ResourceConfig.KeepAlivePeriodInSeconds": "a job starts at once without a warm pool",
        "VpcConfig": "the network is this machine's",
        "StoppingCondition.MaxWaitTimeInSeconds": "checked; an instance is always there",
        "StoppingCondition.MaxPendingTimeInSeconds": "an instance is always there",
        "EnableInterContainerTrafficEncryption": "a job has one instance",
        "EnableManagedSpotTraining": "nobody takes the instance away",
        "RetryStrategy": "no instance fails",
    },
    refused={
        "AlgorithmSpecification.AlgorithmName": "name a TrainingImage",
        "InputDataConfig.DataSource.S3DataSource.AttributeNames": (
            "labcloud reads no AugmentedManifestFile"
        ),
        "InputDataConfig.DataSource.S3DataSource.InstanceGroupNames": _INSTANCES,
        "InputDataConfig.DataSource.S3DataSource.ModelAccessConfig": "",
        "InputDataConfig.DataSource.S3DataSource.HubAccessConfig": "",
        "InputDataConfig.DataSource.FileSystemDataSource": _S3,
        "InputDataConfig.DataSource.DatasetSource": _S3,
        "ResourceConfig.InstanceGroups": _INSTANCES,
        "ResourceConfig.TrainingPlanArn": "",
        "ResourceConfig.InstancePlacementConfig": "",
        "ResourceConfig.InstancePreferences": _INSTANCES,
        "ResourceConfig.SelectedInstanceType": _INSTANCES,
        "ResourceConfig.SelectedInstanceCount": _INSTANCES,
    },
)  # fmt: skip

CREATE_TRAINING_JOB = TRAINING | Fields(
    done=(
        "TrainingJobName", "HyperParameters", "AlgorithmSpecification.ContainerEntrypoint",
        "AlgorithmSpecification.ContainerArguments",
        "AlgorithmSpecification.TrainingImageConfig.TrainingRepositoryAccessMode", "Tags",
    ),
    without_effect={
        "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": (
            "all values of a metric are in CloudWatch"
        ),
        "AlgorithmSpecification.TrainingImageConfig.TrainingRepositoryAuthConfig": (
            "an image of a private registry is one of the local Docker"
        ),
        "DebugHookConfig": "no container of labcloud's has the Debugger's hook",
        "ProfilerConfig": "the machine is not profiled",
        "ProfilerRuleConfigurations": _RULES,
        "InfraCheckConfig": "there is no accelerator to check",
    },
    refused={
        "DebugRuleConfigurations": _RULES,
        "TensorBoardOutputConfig": "CheckpointConfig keeps a folder in S3, too",
        "ExperimentConfig": "",
        "RemoteDebugConfig": "",
        "SessionChainingConfig": "",
        "ServerlessJobConfig": "",
        "MlflowConfig": "",
        "ModelPackageConfig": "",
    },
)  # fmt: skip
