"""Prints which species was taken for which. It needs a package that AWS's image does not have."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from prettytable import PrettyTable


def show(true: Sequence[str], predicted: Sequence[str]) -> None:
    """A row for each true species, a column for each predicted one."""
    counts = pd.crosstab(pd.Series(true), pd.Series(predicted))
    table = PrettyTable(["true, predicted as", *counts.columns])
    for name, row in counts.iterrows():
        table.add_row([name, *row])
    print(table)
