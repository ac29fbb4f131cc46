"""The pipeline of lab 09: what can be set, its steps, and the condition that a model must meet.

It lies beside the notebooks and in git, as it would in a project: a notebook starts it today, and
tomorrow a schedule or a commit does.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

from sagemaker.core import image_uris
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
from sagemaker.core.workflow.conditions import ConditionLessThanOrEqualTo
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer

from labhelpers import Lab

FOLDER = "/opt/ml/processing"
MACHINE = "ml.m5.large"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The SDK warns at each call that it starts nothing. Here nothing should be started."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Running within a PipelineSession")
        yield


@quiet()
def house_pipeline(lab: Lab, name: str, group: str) -> Pipeline:
    """The pipeline under a name. Models that are good enough become versions in a group."""
    # What can be set when it is started.
    raw = ParameterString("RawData", default_value=lab.uri(lab.name, "raw"))
    trees = ParameterInteger("Trees", default_value=100)
    max_error = ParameterFloat("MaxError", default_value=4.5)

    session = recording_session(lab)
    image = image_uris.retrieve("sklearn", region=lab.region, version="1.2-1")
    cache = CacheConfig(enable_caching=True, expire_after="30d")
    processor = ScriptProcessor(
        image_uri=image,
        command=["python3"],
        instance_type=MACHINE,
        instance_count=1,
        volume_size_in_gb=5,
        max_runtime_in_seconds=600,
        role=lab.role,
        sagemaker_session=session,
    )

    prepare = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            code="src/prepare.py",
            inputs=[given("raw", raw)],
            outputs=[made("train"), made("test")],
        ),
        cache_config=cache,
    )
    prepared = prepare.properties.ProcessingOutputConfig.Outputs

    trainer = ModelTrainer(
        training_image=image,
        source_code=SourceCode(source_dir="src", entry_script="train.py"),
        # SageMaker sends hyperparameters as text.
        hyperparameters={"trees": trees.to_string()},
        input_data_config=[
            InputData(channel_name="train", data_source=prepared["train"].S3Output.S3Uri)
        ],
        output_data_config=OutputDataConfig(s3_output_path=lab.uri(lab.name, "models")),
        compute=Compute(instance_type=MACHINE, instance_count=1, volume_size_in_gb=5),
        base_job_name=lab.base_name,
        role=lab.role,
        sagemaker_session=session,
    )
    train = TrainingStep("Train", step_args=trainer.train(), cache_config=cache)
    artifact = train.properties.ModelArtifacts.S3ModelArtifacts

    report = PropertyFile("Report", output_name="evaluation", path="evaluation.json")
    evaluate = ProcessingStep(
        "Evaluate",
        step_args=processor.run(
            code="src/evaluate.py",
            inputs=[
                given("model", artifact),
                given("test", prepared["test"].S3Output.S3Uri),
            ],
            outputs=[made("evaluation")],
        ),
        property_files=[report],
        cache_config=cache,
    )

    evaluation = evaluate.properties.ProcessingOutputConfig.Outputs["evaluation"]
    builder = ModelBuilder(
        image_uri=image,
        s3_model_data_url=artifact,
        env_vars={
            "SAGEMAKER_PROGRAM": "serve.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
        role_arn=lab.role,
        sagemaker_session=session,
        log_level=logging.WARNING,
    )
    register = ModelStep(
        "Register",
        step_args=builder.register(
            model_package_group_name=group,
            content_types=["text/csv"],
            response_types=["application/json", "text/csv"],
            inference_instances=[MACHINE],
            transform_instances=[MACHINE],
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(
                    content_type="application/json",
                    s3_uri=Join(on="/", values=[evaluation.S3Output.S3Uri, "evaluation.json"]),
                )
            ),
            approval_status="PendingManualApproval",
        ),
    )

    too_bad = FailStep(
        "TooBad",
        error_message=Join(on=" ", values=["The RMSE is above MaxError, which is", max_error]),
    )
    good_enough = ConditionStep(
        "GoodEnough",
        conditions=[
            ConditionLessThanOrEqualTo(
                left=JsonGet(
                    step_name=evaluate.name,
                    property_file=report,
                    json_path="regression_metrics.rmse.value",
                ),
                right=max_error,
            )
        ],
        if_steps=[register],
        else_steps=[too_bad],
    )

    return Pipeline(
        name=name,
        parameters=[raw, trees, max_error],
        steps=[prepare, train, evaluate, good_enough],
        # Else each execution would leave an experiment that nobody looks at.
        pipeline_experiment_config=None,
        sagemaker_session=session,
    )


def recording_session(lab: Lab) -> PipelineSession:
    """A session that notes down what would be started, for the definition, and starts nothing."""
    return PipelineSession(
        boto_session=lab.session.boto_session,
        default_bucket=lab.bucket,
        default_bucket_prefix=f"{lab.session.default_bucket_prefix}/{lab.name}",
    )


def given(name: str, uri: object) -> ProcessingInput:
    """What a processing job reads: objects in S3, which it finds in a folder of this name."""
    return ProcessingInput(
        input_name=name,
        s3_input=ProcessingS3Input(
            s3_uri=uri,
            local_path=f"{FOLDER}/{name}",
            s3_data_type="S3Prefix",
            s3_input_mode="File",
        ),
    )


def made(name: str) -> ProcessingOutput:
    """What a processing job leaves in the folder of this name. The SDK chooses where it goes."""
    return ProcessingOutput(
        output_name=name,
        s3_output=ProcessingS3Output(
            s3_uri="", local_path=f"{FOLDER}/{name}", s3_upload_mode="EndOfJob"
        ),
    )
