"""Splits tables, and writes them as SageMaker's built-in algorithms read them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from labhelpers.errors import BadData


class Split(NamedTuple):
    """Three parts of one table. Each row is in one of them."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def split(
    frame: pd.DataFrame,
    *,
    train: float = 0.7,
    validation: float = 0.15,
    test: float = 0.15,
    stratify: str | None = None,
    seed: int = 42,
) -> Split:
    """Splits the rows at random into train, validation and test, by shares that add up to 1.

    `stratify` names a column whose classes have the same shares in every part. The same `seed`
    makes the same split. Raises BadData.
    """
    # Only here: it takes longer than all that a notebook's first cell needs.
    from sklearn.model_selection import train_test_split

    shares = {"train": train, "validation": validation, "test": test}
    for name, share in shares.items():
        if not 0 < share < 1:
            raise BadData(
                f"{name}={share} is not a share: each must lie between 0 and 1 (70 % is 0.7)"
            )
    if abs(sum(shares.values()) - 1) > 1e-9:
        total = " + ".join(f"{share:g}" for share in shares.values())
        raise BadData(f"The shares must add up to 1, but {total} = {sum(shares.values()):g}")
    if stratify is not None:
        _need_column(frame, stratify)

    def halve(part: pd.DataFrame, first: float) -> tuple[pd.DataFrame, pd.DataFrame]:
        classes = part[stratify] if stratify is not None else None
        try:
            left, right = train_test_split(
                part, train_size=first, stratify=classes, random_state=seed
            )
        except ValueError as error:
            raise BadData(f"{len(frame)} rows cannot be split so: {error}") from error
        return left, right

    training, rest = halve(frame, train)
    validating, testing = halve(rest, validation / (validation + test))
    return Split(training, validating, testing)


def save_csv(frame: pd.DataFrame, path: str | Path, *, label: str | None = None) -> Path:
    """Writes CSV for a built-in algorithm (no header, no index, the label first), returns the path.

    Without `label`, all columns are features, as for predictions. Raises BadData for a column that
    does not exist or is not numeric, and for missing labels.
    """
    columns = list(frame.columns)
    if label is not None:
        _need_column(frame, label)
        if frame[label].isna().any():
            raise BadData(f"The label {label!r} is missing in {frame[label].isna().sum()} rows")
        columns = [label, *[column for column in columns if column != label]]
    words = [str(column) for column in columns if not pd.api.types.is_numeric_dtype(frame[column])]
    if words:
        raise BadData(
            f"XGBoost reads numbers only, and these columns are not: {', '.join(words)}. "
            "Encode them first, for example with pandas' get_dummies or cat.codes."
        )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame[columns].to_csv(path, header=False, index=False)
    return path


def _need_column(frame: pd.DataFrame, column: str) -> None:
    if column not in frame.columns:
        known = ", ".join(str(name) for name in frame.columns)
        raise BadData(f"There is no column {column!r}. The table has: {known}")
