"""What becomes of the members of the operations of pipelines."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_ALIASES = "name a PipelineVersionId"
_NO_MLFLOW = "labcloud has no MLflow"
_ROLE = {"RoleArn": "it is shown; policies are not looked at, and each step names its own role"}
_PIPELINE = Fields(
    done=(
        "PipelineName", "PipelineDisplayName", "PipelineDefinition",
        "PipelineDefinitionS3Location.Bucket", "PipelineDefinitionS3Location.ObjectKey",
        "PipelineDescription", "ParallelismConfiguration",
    ),
    without_effect=_ROLE,
    refused={
        "PipelineDefinitionS3Location.VersionId": "labcloud reads the newest version",
        "PipelineVersionAliases": _ALIASES,
    },
)  # fmt: skip
_TOKEN = Fields(done=("ClientRequestToken",))
_UPDATE = "a request that is repeated does the same"
_EXECUTION = Fields(done=("PipelineExecutionArn",))
_REPEATED = Fields(without_effect={"ClientRequestToken": _UPDATE})
_PAGES = ("NextToken", "MaxResults", "SortOrder")
_TIMES = ("CreatedAfter", "CreatedBefore")

FIELDS: dict[str, Fields] = {
    "CreatePipeline": _PIPELINE | _TOKEN | Fields(done=("Tags",)),
    "UpdatePipeline": _PIPELINE,
    "DeletePipeline": Fields(done=("PipelineName",)) | _REPEATED,
    "DescribePipeline": Fields(
        done=("PipelineName", "PipelineVersionId"), refused={"PipelineVersionAlias": _ALIASES}
    ),
    "ListPipelines": Fields(
        done=("PipelineNamePrefix", "SortBy", "ManagedBy", *_PAGES, *_TIMES)
    ),
    "ListPipelineVersions": Fields(done=("PipelineName", *_PAGES, *_TIMES)),
    "UpdatePipelineVersion": Fields(
        done=(
            "PipelineArn", "PipelineVersionId", "PipelineVersionDisplayName",
            "PipelineVersionDescription",
        ),
        refused={"PipelineVersionAliasOperations": _ALIASES},
    ),
    "StartPipelineExecution": _TOKEN | Fields(
        done=(
            "PipelineName", "PipelineExecutionDisplayName", "PipelineParameters",
            "PipelineExecutionDescription", "ParallelismConfiguration",
            "SelectiveExecutionConfig", "PipelineVersionId",
        ),
        without_effect=_ROLE,
        refused={"MlflowExperimentName": _NO_MLFLOW, "PipelineVersionAlias": _ALIASES},
    ),
    "StopPipelineExecution": _EXECUTION | _REPEATED,
    "RetryPipelineExecution": _EXECUTION | _TOKEN | Fields(done=("ParallelismConfiguration",)),
    "DescribePipelineExecution": _EXECUTION,
    "UpdatePipelineExecution": _EXECUTION | Fields(
        done=(
            "PipelineExecutionDescription", "PipelineExecutionDisplayName",
            "ParallelismConfiguration",
        )
    ),
    "ListPipelineExecutions": Fields(
        done=("PipelineName", "SortBy", *_PAGES, *_TIMES),
        refused={"PipelineVersionAlias": _ALIASES},
    ),
    "ListPipelineExecutionSteps": _EXECUTION | Fields(done=_PAGES),
    "ListPipelineParametersForExecution": _EXECUTION | Fields(done=("NextToken", "MaxResults")),
    "DescribePipelineDefinitionForExecution": _EXECUTION,
    "SendPipelineExecutionStepSuccess": Fields(done=("CallbackToken", "OutputParameters"))
    | _REPEATED,
    "SendPipelineExecutionStepFailure": Fields(done=("CallbackToken", "FailureReason"))
    | _REPEATED,
}  # fmt: skip
