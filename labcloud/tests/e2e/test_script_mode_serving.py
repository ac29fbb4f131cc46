"""Endpoints and batch transforms of scripts, in AWS's images of scikit-learn and XGBoost."""

from __future__ import annotations

import io
import json
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from sklearn.tree import DecisionTreeClassifier

from labcloud_support.life import Life, eventually
from labcloud_support.resources import ROLE, variant
from labcloud_support.wheels import offline, wheel

from .scripts import SKLEARN, XGBOOST, archive
from .transforms import Transforms

ROWS = np.array([[0.0, 0.0], [1.0, 1.0]])
LOADS = """\
import os, pickle
def model_fn(folder):
    with open(os.path.join(folder, "model.pkl"), "rb") as file:
        return pickle.load(file)
"""
# Asked for -1, it says how many processes serve.
COUNTS = (
    LOADS
    + """\
def predict_fn(data, model):
    if data.ravel()[0] == -1:
        import psutil
        siblings = psutil.Process(os.getppid()).children()
        return [sum("spawn_main" in " ".join(each.cmdline()) for each in siblings)]
    return model.predict(data)
"""
)
PACKAGE = {
    "serve_it.py": (
        f"import inner, os\nassert os.environ['SM_MODEL_DIR'] == '/opt/ml/model'\n{COUNTS}"
    ),
    "setup.py": (
        "from setuptools import setup\n"
        "setup(name='lc-source', version='1.0', packages=['inner'], package_dir={'': 'src'})\n"
    ),
    "src/inner/__init__.py": "",
}
BOOSTS = """\
import os, socket
import lc_tiny
import xgboost
# The default of XGBoost's container.
assert os.environ["OMP_NUM_THREADS"] == "1"
def model_fn(folder):
    booster = xgboost.Booster()
    booster.load_model(os.path.join(folder, "model.ubj"))
    return booster
"""


def deploy(sagemaker: Any, name: str, image: str, uri: str, **settings: Any) -> None:
    """Begins an endpoint; keywords are the variables of its container, and members of its model."""
    members = {key: settings.pop(key) for key in list(settings) if not key.isupper()}
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": image, "ModelDataUrl": uri, "Environment": settings}, **members,
    )  # fmt: skip
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def classifier() -> bytes:
    return pickle.dumps(DecisionTreeClassifier().fit(ROWS, [3, 4]))


def booster() -> tuple[xgb.Booster, bytes]:
    trained = xgb.train({"max_depth": 1, "min_child_weight": 0}, xgb.DMatrix(ROWS, [0.0, 1.0]), 3)
    with tempfile.TemporaryDirectory() as folder:
        trained.save_model(Path(folder) / "model.ubj")
        return trained, (Path(folder) / "model.ubj").read_bytes()


@pytest.fixture(scope="module")
def put(client: Callable[[str], Any]) -> Callable[[str, bytes], str]:
    """Makes an object, and says its URI."""
    s3 = client("s3")
    s3.create_bucket(Bucket="serving-scripts")

    def upload(key: str, body: bytes) -> str:
        s3.put_object(Bucket="serving-scripts", Key=key, Body=body)
        return f"s3://serving-scripts/{key}"

    return upload


@pytest.fixture(scope="module")
def endpoints(
    sagemaker: Any, put: Callable[[str, bytes], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two, begun together: script-sklearn has its source in S3, script-xgboost in the model.

    The first one is a package, and has it installed.
    """
    deploy(
        sagemaker, "script-sklearn", SKLEARN,
        put("sklearn/model.tar.gz", archive({"model.pkl": classifier()})),
        SAGEMAKER_PROGRAM="serve_it.py",
        SAGEMAKER_SUBMIT_DIRECTORY=put("sourcedir.tar.gz", archive(PACKAGE)),
        MODEL_SERVER_WORKERS="2", **offline(Path("none.whl")),
    )  # fmt: skip
    files: dict[str, str | bytes] = {
        "model.ubj": booster()[1],
        "code/inference.py": BOOSTS,
        "code/requirements.txt": "lc-tiny\n",
    }
    deploy(
        sagemaker, "script-xgboost", XGBOOST, put("xgboost/model.tar.gz", archive(files)),
        EnableNetworkIsolation=True,
        SAGEMAKER_PROGRAM="inference.py",
        SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code",
        **offline(wheel(tmp_path_factory.mktemp("wheels"), "lc-tiny")),
    )  # fmt: skip
    for name in ("script-sklearn", "script-xgboost"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)


@pytest.fixture
def invoke(client: Callable[[str], Any], endpoints: None) -> Callable[..., tuple[str, bytes]]:
    """Content type and body of an answer."""
    runtime = client("sagemaker-runtime")

    def ask(endpoint: str, body: bytes | str, content_type: str, **given: str) -> tuple[str, bytes]:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint, Body=body, ContentType=content_type, **given
        )
        return answer["ContentType"], answer["Body"].read()

    return ask


def npy(array: Any) -> bytes:
    with io.BytesIO() as file:
        np.save(file, array)
        return file.getvalue()


def test_scikit_learn_answers_in_its_formats(invoke: Callable[..., tuple[str, bytes]]) -> None:
    name = "script-sklearn"
    assert invoke(name, "[[0,0],[1,1]]", "application/json") == ("application/json", b"[3, 4]")
    answer = invoke(name, "0,0\n1,1", "text/csv", Accept="text/csv")
    assert answer == ("text/csv; charset=utf-8", b"3\n4\n")
    kind, body = invoke(name, npy(ROWS), "application/x-npy", Accept="application/x-npy")
    assert (kind, np.load(io.BytesIO(body)).tolist()) == ("application/x-npy", [3, 4])


def test_it_has_the_processes_that_it_was_told_to_have(
    invoke: Callable[..., tuple[str, bytes]],
) -> None:
    assert invoke("script-sklearn", "[[-1]]", "application/json")[1] == b"[2]"


@pytest.mark.parametrize(
    ("content_type", "accept"),
    [("image/png", "application/json"), ("application/json", "image/jpeg")],
)
def test_a_format_that_it_does_not_know_is_an_error_of_the_script(
    invoke: Callable[..., tuple[str, bytes]], client: Callable[[str], Any],
    content_type: str, accept: str,
) -> None:  # fmt: skip
    with pytest.raises(client("sagemaker-runtime").exceptions.ModelError) as refused:
        invoke("script-sklearn", "[[0,0]]", content_type, Accept=accept)
    assert refused.value.response["OriginalStatusCode"] == 500
    kind = content_type if content_type.startswith("image") else accept
    in_the_log(client, f"Content type {kind} is not supported by this framework.")


def test_one_row_of_csv_has_no_columns(
    invoke: Callable[..., tuple[str, bytes]], client: Callable[[str], Any]
) -> None:
    """AWS's decoder takes away the dimension; the reason is in the log, and not in the answer."""
    with pytest.raises(client("sagemaker-runtime").exceptions.ModelError) as refused:
        invoke("script-sklearn", "0,0", "text/csv")
    error = refused.value.response
    assert error["OriginalStatusCode"] == 500
    assert error["OriginalMessage"].startswith('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final')
    in_the_log(client, "Expected 2D array")


def in_the_log(client: Callable[[str], Any], text: str) -> None:
    """Waits for it to be there."""
    logs, group = client("logs"), "/aws/sagemaker/Endpoints/script-sklearn"
    eventually(
        lambda: logs.filter_log_events(logGroupName=group, filterPattern=f'"{text}"')["events"],
        "the reason is in the log",
    )


def test_xgboost_answers_without_a_network(invoke: Callable[..., tuple[str, bytes]]) -> None:
    expected = booster()[0].predict(xgb.DMatrix(ROWS))
    for body, content_type in (
        ("0,0\n1,1", "text/csv"), ("0;0\n1;1", "text/csv; charset=utf-8"),
        ("0 0:0 1:0\n0 0:1 1:1", "text/libsvm"),
    ):  # fmt: skip
        kind, answer = invoke("script-xgboost", body, content_type)
        assert kind == "application/json"
        assert json.loads(answer) == pytest.approx(expected.tolist())


@pytest.mark.usefixtures("endpoints")
def test_a_batch_is_transformed_by_the_script(client: Callable[[str], Any], bucket: str) -> None:
    jobs = Transforms(client, bucket, "script-sklearn")
    outputs = jobs.done(
        "script-batch", {"rows.csv": b"0,0\n1,1\n0,0\n"},
        source={"SplitType": "None"}, target={"Accept": "text/csv"},
    )  # fmt: skip
    assert outputs == {"rows.csv.out": b"3\n4\n3\n"}


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Life]:
    """A labcloud that gives up a model server soon after its first bad ping."""
    life = Life(tmp_path / "home", "--timing", "ping_refusals=0.1")
    yield life
    life.end(clean=True)


def test_what_cannot_be_loaded_fails_its_pings(impatient: Life) -> None:
    """A model that is no pickle, scripts that cannot be imported; and "", which XGBoost's container
    takes for a script's name.
    """
    s3, sagemaker = impatient.client("s3"), impatient.client("sagemaker")
    s3.create_bucket(Bucket="broken")
    files: dict[str, str | bytes] = {
        "model.pkl": b"no pickle", "code/inference.py": LOADS, "code/broken.py": "def broken(:\n",
    }  # fmt: skip
    s3.put_object(Bucket="broken", Key="model.tar.gz", Body=archive(files))
    names = {
        "no-pickle": (SKLEARN, "inference.py", "UnpicklingError"),
        "syntax": (SKLEARN, "broken.py", "SyntaxError: invalid syntax"),
        "absent": (SKLEARN, "absent.py", "ModuleNotFoundError: No module named 'absent'"),
        "no-name": (XGBOOST, "", "ValueError: Empty module name"),
    }
    for name, (image, program, _) in names.items():
        deploy(
            sagemaker, name, image, "s3://broken/model.tar.gz",
            SAGEMAKER_PROGRAM=program, SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code",
        )  # fmt: skip
    for name, (_, _, said) in names.items():
        with pytest.raises(Exception, match="Failed"):
            sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        described = sagemaker.describe_endpoint(EndpointName=name)
        assert "did not pass the ping health check" in described["FailureReason"]
        logs = impatient.client("logs")
        (stream,) = logs.describe_log_streams(logGroupName=f"/aws/sagemaker/Endpoints/{name}")[
            "logStreams"
        ]
        events = logs.get_log_events(
            logGroupName=f"/aws/sagemaker/Endpoints/{name}",
            logStreamName=stream["logStreamName"], startFromHead=True,
        )["events"]  # fmt: skip
        assert said in "\n".join(each["message"] for each in events)
