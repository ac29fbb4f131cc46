"""What learners type into exercises: right, odd and wrong, with what they are told.

Code in the words of the notebook. `V` is the right answer, `D` the decimals that the lab prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.labs.typed_in import (
    Particular,
    lab_01,
    lab_02,
    lab_03,
    lab_04,
    lab_05,
    lab_06,
    lab_07,
    lab_08,
    lab_09,
)

# The kind of each exercise's answer: how a right one may look, and what it is taken for if not.
WHOLE, DECIMAL, TEXT, DICT = "whole", "decimal", "text", "dict"
KINDS = {
    ("01", 1): WHOLE, ("01", 2): TEXT, ("01", 3): WHOLE,
    ("02", 1): TEXT, ("02", 2): WHOLE, ("02", 3): DECIMAL, ("02", 4): WHOLE, ("02", 5): DICT,
    ("02", 6): DECIMAL,
    ("03", 1): TEXT, ("03", 2): TEXT, ("03", 3): TEXT, ("03", 4): DECIMAL,
    ("03", 5): WHOLE,
    ("04", 1): DECIMAL, ("04", 3): DECIMAL, ("04", 5): DICT, ("04", 6): WHOLE, ("04", 7): DECIMAL,
    ("04", 9): DICT,
    ("05", 1): WHOLE, ("05", 3): WHOLE, ("05", 4): DICT, ("05", 5): TEXT, ("05", 6): DECIMAL,
    ("06", 4): DICT,
    ("08", 2): TEXT, ("08", 6): DICT, ("08", 7): DICT,
    ("09", 4): DICT, ("09", 5): DICT,
}  # fmt: skip
DECIMALS = {("04", 1): 0}

_NUMBER = ("V", "float(V)", "np.float64(V)", "np.array(float(V))", "pd.Series([V]).iloc[0]",
           "Decimal(float(V))", "Fraction(float(V))")  # fmt: skip
RIGHT = {
    WHOLE: (*_NUMBER, "int(V)", "np.int64(V)", "np.int16(V)", "np.array(int(V))", "np.float32(V)",
            "pd.Index([V])[0]"),
    DECIMAL: (*_NUMBER, "np.float32(V)", "round(float(V), D)", "round(float(V), D + 1)",
              "round(np.float64(V), D + 3)"),
    TEXT: ("V", "V.encode()", "bytearray(V, 'utf-8')", "np.str_(V)"),
    DICT: ("V", "dict(V)", "json.loads(json.dumps(V))"),
}  # fmt: skip
_NO_NUMBER = {
    "str(V)": "this is text. It is a number without the quotation marks.",
    "str(V).encode()": "this is text. It is a number without the quotation marks.",
    "'about ' + str(V)": "Give the number alone",
    "True": "this is a bool",
    "np.bool_(True)": "this is a bool",
    "float('nan')": "this is NaN",
    "np.float32('nan')": "this is NaN",
    "pd.NA": "this is a missing value",
    "np.inf": "this is infinite",
    "3j": "this is a complex",
    "[V]": "this is a list",
    "(V,)": "this is a tuple",
    "{V}": "this is a set",
    "np.array([V])": "of one value: .item() takes it out",
    "pd.Series([V, V])": "a Series of 2 values",
    "pd.DataFrame({'a': [V]})": "a DataFrame of 1 values",
    "lambda: V": "call it, with () behind it",
    "object()": "this is an object",
}
ODD = {
    WHOLE: _NO_NUMBER | {"V + 0.5": ""},
    DECIMAL: _NO_NUMBER | {"None": "this is None", "1000 * V + 1": "", "-V - 1": ""},
    TEXT: {
        "5": "this is an int",
        "None": "this is None",
        "[V]": "this is a list",
        "(V,)": "this is a tuple",
        "{V: V}": "this is a dict",
        "b'\\xff'": "these bytes are not UTF-8",
        "pd.Series([V])": "a Series of one value",
        "len": "call it, with () behind it",
        "''": "",
        "'   '": "",
    },
    DICT: {
        "None": "this is None",
        "[V]": "this is a list",
        "str(V)": "this is a str",
        "json.dumps(V)": "this is a str",
        "list(V)": "this is a list",
        "tuple(V.items())": "this is a tuple",
        "pd.Series(V)": "a Series of",
        "V | {'Other': 1}": "boto3 would not send it",
        "{}": "",
    },
}


PARTICULAR: Particular = {
    **lab_01.TYPED,
    **lab_02.TYPED,
    **lab_03.TYPED,
    **lab_04.TYPED,
    **lab_05.TYPED,
    **lab_06.TYPED,
    **lab_07.TYPED,
    **lab_08.TYPED,
    **lab_09.TYPED,
}


@dataclass(frozen=True)
class Typed:
    """An answer as it is typed, and a part of what it is told; None if it is right."""

    lab: str
    number: int
    code: str
    said: str | None

    @property
    def decimals(self) -> int:
        """The decimals that the lab prints."""
        return DECIMALS.get((self.lab, self.number), 2)

    def __str__(self) -> str:
        return f"{self.lab}, {self.number}: {self.code}"


def everything() -> Iterator[Typed]:
    """All answers. What an exercise says in particular comes before what its kind says."""
    for exercise, particular in PARTICULAR.items():
        kind = KINDS.get(exercise)
        right: dict[str, str | None] = dict.fromkeys(RIGHT[kind]) if kind else {}
        odd: dict[str, str | None] = {**ODD[kind]} if kind else {}
        for code, said in (right | odd | particular).items():
            yield Typed(*exercise, code, said)
