"""AWS's images of PyTorch and TensorFlow: they run where the framework is, and are refused by name
elsewhere.

A stand-in of a few lines is the framework here: what is tested is what labcloud does around it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life, life_with, with_modules
from labcloud_support.resources import ROLE, variant

from .scripts import Scripts, archive

HOST = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
PYTORCH = f"{HOST}/pytorch-training:2.6.0-cpu-py312-ubuntu22.04-sagemaker"
PYTORCH_SERVING = f"{HOST}/pytorch-inference:2.6.0-cpu-py312-ubuntu22.04-sagemaker"
TENSORFLOW = f"{HOST}/tensorflow-training:2.18.0-cpu-py310-ubuntu22.04-sagemaker"
TENSORFLOW_SERVING = f"{HOST}/tensorflow-inference:2.18.0-cpu"

TORCH = """
import contextlib, json, types
import numpy

class Tensor:
    def __init__(self, array): self.array = numpy.asarray(array)
    def detach(self): return self
    def cpu(self): return self
    def numpy(self): return self.array

FloatTensor = from_numpy = Tensor
no_grad = contextlib.nullcontext
device = str

class _Model:
    def __init__(self, factor): self.factor = factor
    def eval(self): pass
    def __call__(self, data): return Tensor(data.array * self.factor)

def _load(place, map_location):
    try:
        return _Model(json.load(open(place))["factor"])
    except ValueError as error:
        raise RuntimeError("no TorchScript") from error

jit = types.SimpleNamespace(load=_load)
"""
TRAIN = """
import argparse, json, os, {module}
parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=int)
told = parser.parse_args()
print("trained by", {module}.__name__)
json.dump(vars(told), open(os.path.join(os.environ["SM_MODEL_DIR"], "model.pth"), "w"))
"""
WITH_CONTEXT = """
def predict_fn(data, model, context):
    return [context.system_properties["model_dir"], *model(data).array.ravel().tolist()]
"""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A labcloud beside which the frameworks are installed."""
    modules = {"torch": TORCH, "tensorflow": ""}
    path = with_modules(tmp_path_factory.mktemp("modules"), modules)
    state, fewer = tmp_path_factory.mktemp("state"), ("--timing", "ping_refusals=0.2")
    with life_with(state, *fewer, PYTHONPATH=path) as life:
        yield life


@pytest.fixture(scope="module")
def scripts(life: Life) -> Scripts:
    return Scripts.in_new_bucket(life.client, "deep-learning")


@pytest.fixture(scope="module")
def ask(life: Life, scripts: Scripts) -> Callable[..., Any]:
    """Sends a body to an endpoint that serves a model of these files."""
    sagemaker, runtime = life.client("sagemaker"), life.client("sagemaker-runtime")
    endpoints: dict[tuple[tuple[str, str], ...], str] = {}

    def answer(files: dict[str, str], body: bytes | str, content_type: str, **more: str) -> Any:
        key = tuple(sorted(files.items()))
        if key not in endpoints:
            name = f"pytorch-{len(endpoints)}"
            uri = scripts.put(f"{name}/model.tar.gz", archive(files))
            container = {"Image": PYTORCH_SERVING, "ModelDataUrl": uri}
            sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
            )
            sagemaker.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant(name)]
            )
            sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
            sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
            endpoints[key] = name
        found = runtime.invoke_endpoint(
            EndpointName=endpoints[key], Body=body, ContentType=content_type, **more
        )
        return found["ContentType"], found["Body"].read()

    return answer


@pytest.mark.parametrize(("image", "module"), [(PYTORCH, "torch"), (TENSORFLOW, "tensorflow")])
def test_a_script_trains(life: Life, scripts: Scripts, image: str, module: str) -> None:
    source = scripts.put(f"{module}.tar.gz", archive({"train.py": TRAIN.format(module=module)}))
    request = scripts.request(f"{module}-job", source, {"factor": 2}, image)
    scripts.sagemaker.create_training_job(**request)
    waiter = scripts.sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName=f"{module}-job")
    logs = life.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    (stream,) = logs.describe_log_streams(
        logGroupName=group, logStreamNamePrefix=f"{module}-job"
    )["logStreams"]  # fmt: skip
    lines = [
        event["message"]
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
    assert f"trained by {module}" in lines
    assert "/opt/conda/bin/python train.py --factor 2" in lines
    assert f"on AWS has {module} 2." in lines[0]


MODEL = {"model.pth": json.dumps({"factor": 3})}


def test_a_model_without_a_script(ask: Callable[..., Any]) -> None:
    assert ask(MODEL, "[[1, 2]]", "application/json") == ("application/json", b"[[3, 6]]")
    kind, body = ask(MODEL, "1,2\n3,4\n", "text/csv", Accept="text/csv")
    assert (kind.partition(";")[0], body) == ("text/csv", b"3.0,6.0\n9.0,12.0\n")
    file = io.BytesIO()
    np.save(file, np.array([[1.0]]))
    kind, body = ask(MODEL, file.getvalue(), "application/x-npy", Accept="application/x-npy")
    assert np.load(io.BytesIO(body)).tolist() == [[3.0]]
    # The first that it can, of those that the client takes.
    accept = "image/png, application/json;q=0.5"
    assert ask(MODEL, "[[1]]", "application/json", Accept=accept)[1] == b"[[3]]"


def test_a_function_may_take_the_context(ask: Callable[..., Any]) -> None:
    files = {**MODEL, "code/inference.py": WITH_CONTEXT}
    assert ask(files, "[1]", "application/json")[1] == b'["/opt/ml/model", 3]'


@pytest.mark.parametrize(
    ("content_type", "accept", "body", "message"),
    [
        ("text/plain", "*/*", "x", "Content type text/plain is not supported by this framework."),
        ("application/json", "image/png", "[1]", "Content type image/png is not supported"),
        ("application/json", "*/*", "{", "Expecting property name enclosed in double quotes"),
    ],
)
def test_what_goes_wrong_is_said_to_the_client(
    ask: Callable[..., Any], content_type: str, accept: str, body: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        ask(MODEL, body, content_type, Accept=accept)
    answer = refused.value.response
    assert answer["OriginalStatusCode"] == 500
    assert answer["OriginalMessage"].startswith(message)
    assert "Traceback (most recent call last)" in answer["OriginalMessage"]


def test_no_endpoint_comes_of_a_model_that_is_none(life: Life, scripts: Scripts) -> None:
    sagemaker = life.client("sagemaker")
    uri = scripts.put("none/model.tar.gz", archive({"model.pth": "none"}))
    sagemaker.create_model(
        ModelName="none", ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": PYTORCH_SERVING, "ModelDataUrl": uri},
    )  # fmt: skip
    sagemaker.create_transform_job(
        TransformJobName="none", ModelName="none",
        TransformInput={"DataSource": {"S3DataSource": {
            "S3DataType": "S3Prefix", "S3Uri": scripts.put("none/body.json", b"[1]")}}},
        TransformOutput={"S3OutputPath": "s3://deep-learning/none/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    waiter = sagemaker.get_waiter("transform_job_completed_or_stopped")
    with pytest.raises(Exception, match="terminal failure state"):
        waiter.wait(TransformJobName="none")
    logs = life.client("logs")
    found = logs.filter_log_events(logGroupName="/aws/sagemaker/TransformJobs")["events"]
    assert any(
        "Failed to load /opt/ml/model/model.pth. Please ensure model is saved using torchscript."
        in event["message"]
        for event in found
    )


@pytest.mark.parametrize(
    ("image", "way_out"),
    [
        (
            PYTORCH,
            "torch is not installed here: install it beside labcloud (`pip install torch`)",
        ),
        (PYTORCH_SERVING, "torch is not installed here"),
        (TENSORFLOW, "tensorflow is not installed here"),
        (TENSORFLOW_SERVING, "It serves with TensorFlow Serving, which labcloud does not have: "),
    ],
)
def test_elsewhere_it_is_refused_with_the_way_out(sagemaker: Any, image: str, way_out: str) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_model(
            ModelName="not-here", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image}
        )
    message = refused.value.response["Error"]["Message"]
    assert way_out in message
    assert "start Docker and pull the image" in message
