"""The packages of AWS's images that scripts import, as far as labcloud has them."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcloud.frameworks.images import IN_A_JOB

ROWS = "1 0:0.5 2:1\n0 1:2\n"
NAMES = ("sagemaker_containers", "sagemaker_xgboost_container")


@pytest.fixture(autouse=True)
def in_a_job(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """They are found, and forgotten afterwards."""
    # `pip` of a job is not to be found here.
    for name in NAMES:
        assert (IN_A_JOB / name).is_dir()
    monkeypatch.syspath_prepend(str(IN_A_JOB))
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] in NAMES:
            del sys.modules[name]


def package(name: str) -> Any:
    return importlib.import_module(name)


@pytest.mark.parametrize("kind", ["folder", "file", "list"])
def test_a_channel_becomes_a_dmatrix(tmp_path: Path, kind: str) -> None:
    get_dmatrix = package("sagemaker_xgboost_container.data_utils").get_dmatrix
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "rows").write_text(ROWS)
    place: Any = {"folder": folder, "file": folder / "rows", "list": [str(folder)]}[kind]
    found = get_dmatrix(place if kind == "list" else str(place), "libsvm")
    assert found.get_label().tolist() == [1, 0]
    assert (found.num_row(), found.num_col()) == (2, 3)


def test_the_second_column_of_a_csv_may_be_weights(tmp_path: Path) -> None:
    get_dmatrix = package("sagemaker_xgboost_container.data_utils").get_dmatrix
    (tmp_path / "rows.csv").write_text("1,0.5,2\n0,0.25,3\n")
    assert get_dmatrix(str(tmp_path), "csv").num_col() == 2
    found = get_dmatrix(str(tmp_path), "CSV", csv_weights=1)
    assert (found.num_col(), found.get_weight().tolist()) == (1, [0.5, 0.25])


def test_a_channel_that_is_not_there_is_none(tmp_path: Path) -> None:
    get_dmatrix = package("sagemaker_xgboost_container.data_utils").get_dmatrix
    assert get_dmatrix(str(tmp_path / "validation"), "libsvm") is None


@pytest.mark.parametrize("told", [False, True])
def test_on_one_host_a_distributed_function_is_called(told: bool) -> None:
    distributed = package("sagemaker_xgboost_container.distributed")
    seen = []
    distributed.rabit_run(
        exec_fun=lambda **given: seen.append(given), args={"depth": 3}, include_in_training=True,
        hosts=["algo-1"], current_host="algo-1", update_rabit_args=told,
    )  # fmt: skip
    assert seen == [{"depth": 3, "is_master": True} if told else {"depth": 3}]


def test_more_hosts_than_one_are_refused() -> None:
    distributed = package("sagemaker_xgboost_container.distributed")
    with pytest.raises(NotImplementedError, match="one host"):
        distributed.rabit_run(print, {}, True, ["algo-1", "algo-2"], "algo-1")


def test_a_host_without_data_ends() -> None:
    distributed = package("sagemaker_xgboost_container.distributed")
    with pytest.raises(SystemExit) as ended:
        distributed.rabit_run(print, {}, False, ["algo-1"], "algo-1")
    assert ended.value.code == 0


def test_json_becomes_a_line_an_entry() -> None:
    lines = package("sagemaker_xgboost_container.encoder").json_to_jsonlines
    found = {"predictions": [{"label": 1}, {"label": 0}]}
    assert lines(found) == lines(json.dumps(found)) == b'{"label": 1}\n{"label": 0}\n'
    with pytest.raises(ValueError, match="not compatible"):
        lines({"predictions": [], "metadata": []})


def test_a_script_may_refuse_a_format_itself() -> None:
    framework = package("sagemaker_containers.beta.framework")
    with pytest.raises(framework.errors.UnsupportedFormatError):
        framework.encoders.decode("", framework.content_types.OCTET_STREAM)


def test_what_is_missing_is_named() -> None:
    framework = package("sagemaker_containers.beta.framework")
    with pytest.raises(AttributeError, match=r"labcloud does not have .*modules\.import_module"):
        framework.modules.import_module("s3://bucket/source")
    entry_point = package("sagemaker_containers").entry_point
    with pytest.raises(AttributeError, match=r"does not have sagemaker_containers\.entry_point"):
        entry_point.run("s3://bucket/source")
