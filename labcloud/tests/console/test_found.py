"""Jobs by their image: what is read for it, and what is not read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from labcloud.cloud import Cloud
from labcloud.console.found import Images
from labcloud.console.kinds import BY_PATH
from labcloud.sagemaker.resources import open_records
from labcloud.state.records import Records

KIND = BY_PATH["training-jobs"]
OLD = 1.7e9


class Counted(Records):
    """Records that know how many of them have been read."""

    read = 0

    def get(self, kind: str, name: str) -> dict[str, object]:
        self.read += 1
        return super().get(kind, name)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Counted]:
    found = Counted(tmp_path / "records.sqlite")
    open_records(found)
    yield found
    found.close()


def add(records: Records, name: str, image: str, created: float) -> None:
    record = {
        "TrainingJobName": name, "TrainingJobStatus": "Completed", "CreationTime": created,
        "AlgorithmSpecification": {"TrainingImage": image},
    }  # fmt: skip
    records.insert(KIND.resource.kind, name, record)


def names(images: Images, part: str) -> list[str]:
    return sorted(json.loads(images.condition(KIND, part)[1]))


def test_only_what_is_new_is_read(records: Counted) -> None:
    cloud = cast(Cloud, SimpleNamespace(records=records))
    for number in range(300):
        add(records, f"job-{number}", f"registry/XGBoost:{number % 2}", OLD + number * 100)
    images = Images()
    assert not images.newer(cloud, KIND)
    images.all_at_once(cloud, KIND)
    assert len(names(images, "xgboost:1")) == 150
    assert names(images, "no-such") == []
    # All are known: none is read again.
    assert images.newer(cloud, KIND)
    assert records.read == 0
    add(records, "new", "registry/other:1", OLD + 300 * 100)
    assert images.newer(cloud, KIND)
    assert names(images, "OTHER") == ["new"]
    assert records.read == 1


def test_a_job_of_the_same_name_has_its_own_image(records: Counted) -> None:
    cloud = cast(Cloud, SimpleNamespace(records=records))
    add(records, "again", "first", OLD)
    images = Images()
    images.all_at_once(cloud, KIND)
    records.delete(KIND.resource.kind, "again")
    # Its clock was set back a little.
    add(records, "again", "second", OLD - 5)
    assert images.newer(cloud, KIND)
    assert (names(images, "first"), names(images, "second")) == ([], ["again"])


def test_after_many_new_ones_all_are_read_at_once(records: Counted) -> None:
    cloud = cast(Cloud, SimpleNamespace(records=records))
    add(records, "one", "image", OLD)
    images = Images()
    images.all_at_once(cloud, KIND)
    for number in range(1000):
        add(records, f"job-{number}", "image", OLD + number)
    assert not images.newer(cloud, KIND)
    assert records.read <= 200
    images.all_at_once(cloud, KIND)
    assert len(names(images, "image")) == 1001
