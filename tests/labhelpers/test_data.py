"""Tables are split without losing or repeating a row, and written the way XGBoost reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labhelpers import save_csv, split
from labhelpers.errors import BadData


@pytest.fixture
def flowers() -> pd.DataFrame:
    return pd.DataFrame(
        {"petal": [row / 10 for row in range(60)], "species": [row % 3 for row in range(60)]}
    )


def test_every_row_is_in_one_part(flowers: pd.DataFrame) -> None:
    parts = split(flowers)
    assert [len(part) for part in parts] == [42, 9, 9]
    assert sorted(pd.concat(parts).index) == list(flowers.index)


def test_the_same_seed_splits_the_same(flowers: pd.DataFrame) -> None:
    assert split(flowers).test.equals(split(flowers).test)
    assert not split(flowers).test.equals(split(flowers, seed=1).test)


def test_stratified_parts_have_the_same_shares(flowers: pd.DataFrame) -> None:
    for part in split(flowers, train=0.5, validation=0.25, test=0.25, stratify="species"):
        assert part["species"].value_counts(normalize=True).round(6).nunique() == 1


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"train": 0.8}, r"must add up to 1, but 0\.8 \+ 0\.15 \+ 0\.15 = 1\.1"),
        ({"train": 0.5}, r"must add up to 1, but 0\.5 \+ 0\.15 \+ 0\.15 = 0\.8"),
        ({"train": 70}, "train=70 is not a share: each must lie between 0 and 1"),
        ({"test": 0}, "test=0 is not a share"),
        ({"stratify": "colour"}, r"no column 'colour'\. The table has: petal, species"),
        ({"stratify": "petal"}, "60 rows cannot be split so: .*least populated class"),
    ],
)
def test_a_split_that_cannot_be(
    flowers: pd.DataFrame, shares: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadData, match=message):
        split(flowers, **shares)


def test_a_table_that_is_too_small(flowers: pd.DataFrame) -> None:
    with pytest.raises(BadData, match="1 rows cannot be split so"):
        split(flowers.head(1))


def test_csv_has_the_label_first_and_no_header(flowers: pd.DataFrame, tmp_path: Path) -> None:
    path = save_csv(flowers.head(2), tmp_path / "new" / "train.csv", label="species")
    assert path.read_text() == "0,0.0\n1,0.1\n"


def test_csv_without_a_label_keeps_the_order(flowers: pd.DataFrame, tmp_path: Path) -> None:
    path = save_csv(flowers[["petal"]].head(2), str(tmp_path / "test.csv"))
    assert path.read_text() == "0.0\n0.1\n"


def test_a_missing_feature_is_an_empty_field(flowers: pd.DataFrame, tmp_path: Path) -> None:
    flowers.loc[0, "petal"] = None
    path = save_csv(flowers.head(1), tmp_path / "train.csv", label="species")
    assert path.read_text() == "0,\n"


def test_a_label_that_is_no_column(flowers: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"no column 'target'\. The table has: petal, species"):
        save_csv(flowers, tmp_path / "train.csv", label="target")


def test_missing_labels(flowers: pd.DataFrame, tmp_path: Path) -> None:
    flowers.loc[:2, "species"] = None
    with pytest.raises(BadData, match="label 'species' is missing in 3 rows"):
        save_csv(flowers, tmp_path / "train.csv", label="species")


def test_text_columns_are_named(flowers: pd.DataFrame, tmp_path: Path) -> None:
    flowers["colour"], flowers["place"] = "blue", "meadow"
    with pytest.raises(BadData, match=r"not: colour, place\. Encode them first"):
        save_csv(flowers, tmp_path / "train.csv", label="species")
    assert not (tmp_path / "train.csv").exists()
