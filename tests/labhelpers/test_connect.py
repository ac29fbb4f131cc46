"""connect says where a notebook is, or what to do so that it is somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from labcloud import LocalAWS
from labhelpers import Lab, clean_up, connect, upload, watch
from labhelpers.errors import JobFailed, LabError, NotConnected

from .conftest import Start


@pytest.fixture
def user_account() -> Iterator[str]:
    """The address of an AWS whose callers are users, not roles."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_one_line_says_where(labcloud: LocalAWS, capfd: pytest.CaptureFixture[str]) -> None:
    lab = connect("01-xgboost-iris")
    said = capfd.readouterr()
    assert said.err == ""
    assert said.out == (
        "Connected to labcloud on this machine: region us-east-1, "
        f"bucket sagemaker-us-east-1-{lab.account},\n"
        f"role AmazonSageMaker-ExecutionRole-labcloud, learner {lab.learner}\n"
    )


def test_the_bucket_is_there_afterwards(labcloud: LocalAWS) -> None:
    lab = connect("01-xgboost-iris")
    lab.client("s3").head_bucket(Bucket=lab.bucket)
    assert lab.uri("iris", "train") == f"s3://{lab.bucket}/sagemaker-labs/{lab.learner}/iris/train"


def test_what_the_sdk_uploads_unasked_is_in_the_learners_folder(
    labcloud: LocalAWS, tmp_path: Path
) -> None:
    lab = connect("06a-train-with-a-script")
    script = tmp_path / "train.py"
    script.write_text("print('Accuracy=1')\n")
    assert lab.session.upload_data(str(script), key_prefix="code") == lab.uri("code", "train.py")


def test_the_role_is_one_that_jobs_can_run_as(labcloud: LocalAWS) -> None:
    lab = connect("01-xgboost-iris")
    assert lab.is_local
    assert re.fullmatch(rf"arn:aws:iam::{lab.account}:role/[\w+=,.@/-]+", lab.role)


def test_repr_shows_no_session(lab: Lab) -> None:
    assert "session" not in repr(lab)


def test_a_resource_has_the_labs_prefix_and_a_name_that_sagemaker_takes(lab: Lab) -> None:
    name = lab.resource_name("a-label-that-is-" + "long" * 10)
    assert name.startswith(f"labs-{lab.learner}-99-a-label-that-is-long")
    assert len(name) == 63
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


def test_the_name_of_a_tuning_job_has_the_courses_prefix_and_is_short_enough(lab: Lab) -> None:
    names = [lab.tuning_job_name() for _ in range(50)]
    assert all(re.fullmatch(rf"labs-{lab.learner}-99-\d{{6}}-\d{{6}}", name) for name in names)
    assert max(len(name) for name in names) <= 32
    assert len(set(names)) == len(names)


def test_no_two_resources_have_the_same_name(lab: Lab) -> None:
    names = [lab.resource_name() for _ in range(50)]
    assert len(set(names)) == len(names)
    assert names == sorted(names)


def test_what_runs_from_before_is_named_with_its_price(
    lab: Lab, deploy: Start, train: Start, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    endpoint, job = deploy(lab), train(lab, num_round="10000000")
    monkeypatch.setenv("LAB_LEARNER", lab.learner)
    capsys.readouterr()
    connect(lab.name)
    assert capsys.readouterr().out.splitlines()[2:] == [
        f"Running now: training job {job}, $0.115 an hour on AWS",
        f"Running now: endpoint {endpoint}, $0.115 an hour on AWS",
        "clean_up(lab) ends them.",
    ]
    monkeypatch.setenv("LAB_LEARNER", "another")
    connect(lab.name)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_endpoint_that_has_failed_runs_no_more(
    lab: Lab, deploy: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "model.tar.gz").write_bytes(b"no archive")
    endpoint = deploy(lab, upload(lab, tmp_path / "model.tar.gz", lab.uri("bad.tar.gz")))
    with pytest.raises(JobFailed):
        watch(lab, endpoint)
    monkeypatch.setenv("LAB_LEARNER", lab.learner)
    capsys.readouterr()
    connect(lab.name)
    said = capsys.readouterr().out
    assert "Running now" not in said
    assert f"Failed: endpoint {endpoint}\nclean_up(lab) ends it." in said
    clean_up(lab)
    assert f"Deleted endpoint {endpoint}" in capsys.readouterr().out


def test_not_connected_is_a_lab_error() -> None:
    assert issubclass(NotConnected, LabError)


@pytest.mark.parametrize("name", ["churn", "churn-2", "my-long-project-with-many-words"])
def test_a_project_of_ones_own(labcloud: LocalAWS, name: str) -> None:
    lab = connect(name[:30])
    assert lab.resource_name("model").startswith(f"labs-{lab.learner}-{name[:30]}--")
    assert len(lab.resource_name("a-label-that-is-long")) <= 63
    assert len(lab.tuning_job_name()) <= 32
    assert not connect("churn-2").resource_name().startswith(connect("churn").prefix)


@pytest.mark.parametrize(
    "name", ["", "a", "Iris", "my_iris", "a--b", "-a", "a-", "1-iris", "01-", "01-Iris", "x" * 31,
             "01-" + "x" * 31]
)  # fmt: skip
def test_a_name_that_is_no_lab(labcloud: LocalAWS, name: str) -> None:
    with pytest.raises(
        NotConnected, match=f"'{name}' cannot be a name. Name a lab by its notebook"
    ):
        connect(name)


def test_a_name_that_is_no_text(labcloud: LocalAWS) -> None:
    with pytest.raises(NotConnected, match="5 cannot be a name"):
        connect(5)  # type: ignore[arg-type]


def test_no_region(labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(NotConnected, match=r"No AWS region is set\. Set AWS_DEFAULT_REGION"):
        connect("01-xgboost-iris")


def test_no_credentials(labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NotConnected, match=r"No AWS credentials were found.*\./lab open"):
        connect("01-xgboost-iris")


def test_half_of_the_credentials(labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NotConnected, match="configuration cannot be used: Partial credentials"):
        connect("01-xgboost-iris")


def test_a_profile_that_is_not_there(labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(NotConnected, match=r"configuration cannot be used: .*\(nobody\)"):
        connect("01-xgboost-iris")


def test_a_broken_configuration_file(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config"
    path.write_text("region = us-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    with pytest.raises(NotConnected, match=f"configuration cannot be used: .*{path}"):
        connect("01-xgboost-iris")


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        ("AWS_ACCESS_KEY_ID", "InvalidClientTokenId|security token .* is invalid"),
        ("AWS_SECRET_ACCESS_KEY", "signature we calculated does not match"),
    ],
)
def test_keys_that_are_not_valid(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch, variable: str, reason: str
) -> None:
    monkeypatch.setenv(variable, "AKIAIOSFODNN7EXAMPLE")
    with pytest.raises(NotConnected, match=f"AWS does not let you in: .*({reason})"):
        connect("01-xgboost-iris")


def test_nobody_answers(labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(NotConnected, match=r"http://127\.0\.0\.1:1/ does not answer.*\./lab start"):
        connect("01-xgboost-iris")


@pytest.mark.parametrize(("version", "said"), [("2.245.0", "2.245.0"), (None, "none")])
def test_an_older_sdk_is_told_where_the_newer_one_is(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch, version: str | None, said: str
) -> None:
    def installed(name: str) -> str:
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(metadata, "version", installed)
    with pytest.raises(
        NotConnected, match=f"has {said}\\. .* SageMaker Distribution 4\\.1 or later"
    ):
        connect("01-xgboost-iris")


def test_keys_that_are_a_users(
    labcloud: LocalAWS, monkeypatch: pytest.MonkeyPatch, user_account: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", user_account)
    with pytest.raises(NotConnected, match=r"not those of a role.*SageMaker Studio.*:user/moto"):
        connect("01-xgboost-iris")
