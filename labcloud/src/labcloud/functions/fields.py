"""What becomes of the members of Lambda's requests."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_ONE = "all functions are of the version $LATEST"
_NO_NETWORK = "a function has this machine's network"
_NOT_HERE = {
    "VpcConfig": _NO_NETWORK,
    "DeadLetterConfig": "nothing is sent to queues or topics",
    "KMSKeyArn": "labcloud has no KMS",
    "Layers": "put the packages into the archive",
    "FileSystemConfigs": "",
    "ImageConfig": "only archives (PackageType Zip) run",
    "LoggingConfig.ApplicationLogLevel": "",
    "LoggingConfig.SystemLogLevel": "",
    "CapacityProviderConfig": "",
    "DurableConfig": "",
    "RuntimeConfig": "",
    "AcceleratorConfig": "",
}
_CONFIGURATION = Fields(
    done=(
        "FunctionName", "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize",
        "Environment", "EphemeralStorage", "SnapStart", "LoggingConfig.LogFormat",
        "LoggingConfig.LogGroup",
    ),
    without_effect={"TracingConfig": "there is no X-Ray; traces are not recorded"},
    refused=_NOT_HERE,
)  # fmt: skip
_SOURCE = Fields(
    done=("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion"),
    refused={
        "S3ObjectStorageMode": "the code is always copied",
        "ImageUri": "only archives (PackageType Zip) run",
        "SourceKMSKeyArn": "labcloud has no KMS",
    },
)
_PUBLISHED = Fields(refused={"Publish": _ONE, "PublishTo": _ONE})
_MACHINE = Fields(without_effect={"Architectures": "a function runs on this machine's"})
_NAMED = Fields(done=("FunctionName", "Qualifier"))
_REVISED = _NAMED | Fields(done=("RevisionId",))

FIELDS: dict[str, Fields] = {
    "CreateFunction": _CONFIGURATION
    | _PUBLISHED
    | _MACHINE
    | _SOURCE.below("Code")
    | Fields(
        done=("PackageType", "Tags"),
        refused={"CodeSigningConfigArn": "", "TenancyConfig": ""},
    ),
    "GetFunction": _NAMED,
    "GetFunctionConfiguration": _NAMED,
    "UpdateFunctionCode": _SOURCE
    | _PUBLISHED
    | _MACHINE
    | Fields(done=("FunctionName", "DryRun", "RevisionId")),
    "UpdateFunctionConfiguration": _CONFIGURATION | Fields(done=("RevisionId",)),
    "ListFunctions": Fields(
        done=("FunctionVersion", "Marker", "MaxItems"),
        refused={"MasterRegion": "there is no Lambda@Edge"},
    ),
    "DeleteFunction": _NAMED,
    "Invoke": _NAMED
    | Fields(
        done=("InvocationType", "LogType", "ClientContext", "Payload"),
        refused={"DurableExecutionName": "", "TenantId": ""},
    ),
    "AddPermission": _REVISED
    | Fields(
        done=("StatementId", "Action", "Principal", "SourceArn", "SourceAccount"),
        refused={
            "FunctionUrlAuthType": "there are no function URLs",
            "InvokedViaFunctionUrl": "there are no function URLs",
            "EventSourceToken": "",
            "PrincipalOrgID": "there are no organizations",
        },
    ),
    "RemovePermission": _REVISED | Fields(done=("StatementId",)),
    "GetPolicy": _NAMED,
    "TagResource": Fields(done=("Resource", "Tags")),
    "UntagResource": Fields(done=("Resource", "TagKeys")),
    "ListTags": Fields(done=("Resource",)),
    "PutFunctionConcurrency": Fields(done=("FunctionName", "ReservedConcurrentExecutions")),
    "GetFunctionConcurrency": Fields(done=("FunctionName",)),
    "DeleteFunctionConcurrency": Fields(done=("FunctionName",)),
}
