"""What learners type into the exercises of lab 01, and what they are told."""

from __future__ import annotations

from tests.labs.typed_in import Particular

_BEST = 'curve["validation-mlogloss"]'

TYPED: Particular = {
    ("01", 1): {
        f"{_BEST}.argmin()": None,
        f"{_BEST}.to_numpy().argmin()": None,
        f"{_BEST}.nsmallest(1).index[0]": None,
        "curve.idxmin()['validation-mlogloss']": None,
        f"{_BEST}.idxmin": "call it",
        f"{_BEST}.min()": "is not whole",
        "len(curve) - 1": "where the training loss is lowest",
        "V + 1": "counts its rounds from 0",
        "V - 1": "is not the lowest",
        "-1": "is not the lowest",
        "curve": "a DataFrame of",
        "None": "this is None",
    },
    ("01", 2): {
        "'6.30, 2.80, 5.10, 1.50'": None,
        "' 6.3,2.8,5.1,1.5\\n'": None,
        "','.join(map(str, [6.3, 2.8, 5.1, 1.5]))": None,
        "'6.3,2.8,5.1,1.5,'": "behind the last comma",
        "'6.3,2.8,5.1,nan'": "must be a number",
        "'nan,2.8,5.1,1.5'": "must be a number",
        "'6.3,2.8,5.1,inf'": "must be a number",
        "'6.3,2.8,5.1,1.5\\n6.3,2.8,5.1,1.5'": "there is only one flower",
        "'sepal,6.3,2.8,5.1,1.5'": "no label",
        "'2.8,6.3,5.1,1.5'": "the order must be",
        "'6.3,2.8,5.1,1.4'": "not the four numbers",
        "'6.3;2.8;5.1;1.5'": "counted by the commas",
        "'6.3,2.8,5.1,1.5 cm'": "must be a number",
        "'[6.3,2.8,5.1,1.5]'": "must be a number",
        "(6.3, 2.8, 5.1, 1.5)": "this is a tuple",
        "np.array([6.3, 2.8, 5.1, 1.5])": "array of 4 values",
        "6.3, 2.8, 5.1, 1.5": "this is a tuple",
        "pd.DataFrame([[6.3, 2.8, 5.1, 1.5]])": "a DataFrame of 4 values",
    },
    ("01", 3): {
        "sum(row.max() < 0.9 for row in probabilities)": None,
        "len(np.flatnonzero(probabilities.max(axis=1) < 0.9))": None,
        "len(probabilities) - V": "the model is sure of",
        "(probabilities < 0.9).sum()": "each flower has three",
        "probabilities.max(axis=1) < 0.9": "array of",
        "(probabilities.max(axis=1) < 0.9).mean()": "is not whole",
        "None": "this is None",
        "V + 1": "is not right",
    },
}  # fmt: skip
