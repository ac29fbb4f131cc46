"""What becomes of the members of the registry's operations."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.training.fields import NOT_ENCRYPTED

_RECOMMENDER = "labcloud has no Inference Recommender"
_SOURCE = "ModelDataSource.S3DataSource"

_CONTAINER = Fields(
    done=(
        "Image", "ImageDigest", "ModelDataUrl", f"{_SOURCE}.S3Uri", f"{_SOURCE}.S3DataType",
        f"{_SOURCE}.CompressionType", "Environment",
    ),
    without_effect={
        "ContainerHostname": "a model has one container",
        "ModelInput": _RECOMMENDER,
        "Framework": _RECOMMENDER,
        "FrameworkVersion": _RECOMMENDER,
        "NearestModelName": _RECOMMENDER,
    },
    refused={
        f"{_SOURCE}.ModelAccessConfig": "",
        f"{_SOURCE}.HubAccessConfig": "",
        f"{_SOURCE}.ManifestS3Uri": "",
        f"{_SOURCE}.ETag": "",
        f"{_SOURCE}.ManifestEtag": "",
        "ProductId": "labcloud has no marketplace",
        "AdditionalModelDataSources": "",
        "AdditionalS3DataSource": "",
        "ModelDataETag": "",
        "IsCheckpoint": "",
        "BaseModel": "",
    },
)  # fmt: skip

_SPECIFICATION = _CONTAINER.below("Containers") | Fields(
    without_effect={
        "SupportedTransformInstanceTypes": "a job may have any instance type",
        "SupportedRealtimeInferenceInstanceTypes": "an endpoint may have any instance type",
        "SupportedContentTypes": "the container decides",
        "SupportedResponseMIMETypes": "the container decides",
    }
)

_ADDITIONAL = Fields(done=("Name", "Description")) | _SPECIFICATION
_NOTED = (
    "ModelPackageRegistrationType", "ModelApprovalStatus", "CustomerMetadataProperties",
    "SourceUri", "ModelCard", "ModelLifeCycle", "ClientToken",
)  # fmt: skip

CREATE_GROUP = Fields(
    done=("ModelPackageGroupName", "ModelPackageGroupDescription", "Tags"),
    refused={"ManagedConfiguration": ""},
)

CREATE_PACKAGE = (
    Fields(
        done=(
            *_NOTED, "ModelPackageName", "ModelPackageGroupName", "ModelPackageDescription",
            "Tags", "MetadataProperties", "ModelMetrics", "DriftCheckBaselines",
            "SkipModelValidation",
        ),
        without_effect={
            "Domain": _RECOMMENDER,
            "Task": _RECOMMENDER,
            "SamplePayloadUrl": _RECOMMENDER,
            "SecurityConfig": NOT_ENCRYPTED,
        },
        refused={
            "ValidationSpecification": "a transform job tests a model",
            "SourceAlgorithmSpecification": "labcloud has no algorithm resources",
            "CertifyForMarketplace": "labcloud has no marketplace",
            "ManagedStorageType": "",
        },
    )
    | _SPECIFICATION.below("InferenceSpecification")
    | _ADDITIONAL.below("AdditionalInferenceSpecifications")
)  # fmt: skip

UPDATE_PACKAGE = (
    Fields(
        done=(
            *_NOTED, "ModelPackageArn", "ApprovalDescription",
            "CustomerMetadataPropertiesToRemove",
        )
    )
    | _SPECIFICATION.below("InferenceSpecification")
    | _ADDITIONAL.below("AdditionalInferenceSpecificationsToAdd")
)  # fmt: skip

_PAGES = ("NextToken", "MaxResults", "SortBy", "SortOrder")
_FOUND = ("NameContains", "CreationTimeBefore", "CreationTimeAfter", *_PAGES)

FIELDS = {
    "CreateModelPackageGroup": CREATE_GROUP,
    "CreateModelPackage": CREATE_PACKAGE,
    "UpdateModelPackage": UPDATE_PACKAGE,
    "DescribeModelPackage": Fields(done=("ModelPackageName", "IncludedData")),
    "BatchDescribeModelPackage": Fields(done=("ModelPackageArnList",)),
    "ListModelPackageGroups": Fields(done=(*_FOUND, "CrossAccountFilterOption")),
    "ListModelPackages": Fields(
        done=(*_FOUND, "ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageType")
    ),
    "PutModelPackageGroupPolicy": Fields(
        done=("ModelPackageGroupName",),
        without_effect={"ResourcePolicy": "there is one account"},
    ),
    "GetModelPackageGroupPolicy": Fields(done=("ModelPackageGroupName",)),
    "DeleteModelPackageGroupPolicy": Fields(done=("ModelPackageGroupName",)),
}
