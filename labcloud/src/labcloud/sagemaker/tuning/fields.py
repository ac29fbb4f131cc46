"""What becomes of the members of CreateHyperParameterTuningJob."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.training.fields import NOT_ENCRYPTED, TRAINING

_RANGES = Fields(
    done=("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges"),
    refused={"AutoParameters": "give the ranges that are to be searched"},
)
_DEFINITION = (
    TRAINING
    | _RANGES.below("HyperParameterRanges")
    | Fields(
        done=(
            "DefinitionName", "TuningObjective", "StaticHyperParameters",
            "HyperParameterTuningResourceConfig.InstanceType",
            "HyperParameterTuningResourceConfig.InstanceCount",
            "HyperParameterTuningResourceConfig.InstanceConfigs",
        ),
        without_effect={
            "HyperParameterTuningResourceConfig.VolumeSizeInGB": "the disk is this machine's",
            "HyperParameterTuningResourceConfig.VolumeKmsKeyId": NOT_ENCRYPTED,
            "HyperParameterTuningResourceConfig.AllocationStrategy": (
                "the first of the instances is always there"
            ),
        },
    )
)  # fmt: skip

CREATE_TUNING_JOB = (
    Fields(
        done=(
            "HyperParameterTuningJobName", "HyperParameterTuningJobConfig", "WarmStartConfig",
            "Tags",
        ),
        refused={"Autotune": "give ParameterRanges, ResourceLimits and a Strategy"},
    )
    | _RANGES.below("HyperParameterTuningJobConfig.ParameterRanges")
    | _DEFINITION.below("TrainingJobDefinition")
    | _DEFINITION.below("TrainingJobDefinitions")
)  # fmt: skip
