"""Files go to S3 and come back; what is not there is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from labhelpers import Lab, contents, download, upload
from labhelpers.errors import StorageError


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("iris")
    return path


def test_a_file_comes_back_as_it_went(lab: Lab, notes: Path, tmp_path: Path) -> None:
    uri = upload(lab, notes, lab.uri(lab.name, "there.txt"))
    assert uri == lab.uri(lab.name, "there.txt")
    path = download(lab, uri, tmp_path / "new" / "back.txt")
    assert path.read_text() == "iris"


def test_a_folder_keeps_the_files_name(lab: Lab, notes: Path) -> None:
    assert upload(lab, str(notes), lab.uri(lab.name) + "/") == lab.uri(lab.name, "notes.txt")


def test_keys_may_hold_what_urls_may_not(lab: Lab, notes: Path, tmp_path: Path) -> None:
    uri = upload(lab, notes, lab.uri(lab.name, "a b#c?d+é.txt"))
    assert download(lab, uri, tmp_path / "back.txt").read_text() == "iris"


def test_contents_is_a_table_of_what_lies_below(lab: Lab, notes: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt"):
        upload(lab, notes, lab.uri(lab.name, name))
    table = contents(lab, lab.uri(lab.name))
    assert table.columns.tolist() == ["key", "bytes"]
    assert table.to_numpy().tolist() == [["a.txt", 4], ["b/1.txt", 4], ["b/2.txt", 4]]


def test_contents_of_an_empty_place_is_an_empty_table(lab: Lab) -> None:
    assert contents(lab, lab.uri(lab.name)).empty


def test_a_file_that_is_not_there(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no file .*gone\.csv\. Was the cell that writes it"):
        upload(lab, tmp_path / "gone.csv", lab.uri(lab.name) + "/")


def test_an_object_that_is_not_there(lab: Lab, tmp_path: Path) -> None:
    uri = lab.uri(lab.name, "gone.csv")
    with pytest.raises(StorageError, match=f"{uri} cannot be read: Not Found"):
        download(lab, uri, tmp_path / "gone.csv")
    assert not (tmp_path / "gone.csv").exists()


@pytest.mark.parametrize("bad", ["https://bucket/key", "bucket/key", "s3:///key", ""])
def test_a_uri_that_is_not_s3(lab: Lab, notes: Path, bad: str) -> None:
    message = "is not an S3 URI: it must look like s3://bucket/key"
    with pytest.raises(StorageError, match=f"'{bad}' {message}"):
        download(lab, bad, notes)
    with pytest.raises(StorageError, match=message):
        upload(lab, notes, bad)
    with pytest.raises(StorageError, match=message):
        contents(lab, bad)
    assert notes.read_text() == "iris"


def test_a_bucket_that_is_not_there(lab: Lab, notes: Path, tmp_path: Path) -> None:
    uri = f"s3://no-bucket-{lab.learner}/notes.txt"
    with pytest.raises(StorageError, match=f"{uri} cannot be read"):
        download(lab, uri, tmp_path / "back.txt")
    with pytest.raises(StorageError, match=f"{uri} cannot be listed: .*NoSuchBucket"):
        contents(lab, uri)
    with pytest.raises(StorageError, match=f"{uri} cannot be written: .*NoSuchBucket"):
        upload(lab, notes, uri)
