"""The names by which a channel or a request says what format its data has.

Knows names only; parsing belongs to `data` (training) and `payload` (inference).
"""

from __future__ import annotations

from labcloud.algorithms.xgboost.errors import UserError

CSV = "csv"
LIBSVM = "libsvm"
PARQUET = "parquet"
RECORDIO = "recordio-protobuf"

# In the order in which AWS's error message lists them.
NAMES = {
    "csv": CSV,
    "libsvm": LIBSVM,
    "parquet": PARQUET,
    "recordio-protobuf": RECORDIO,
    "text/csv": CSV,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "application/x-parquet": PARQUET,
    "application/x-recordio-protobuf": RECORDIO,
}


def parse(content_type: str | None) -> str:
    """The format (CSV, LIBSVM, PARQUET, RECORDIO) that a content type means; without one, LIBSVM.

    Parameters after a semicolon are allowed; of them `label_size` must be 1.
    Raises UserError for anything else.
    """
    if content_type is None:
        return LIBSVM
    known = NAMES.get(content_type)
    if known:
        return known
    name, *rest = content_type.lower().split(";")
    found = NAMES.get(name.strip())
    if found is None:
        raise UserError(f"{content_type} is not an accepted ContentType: {', '.join(NAMES)}.")
    if found == CSV:
        for parameter in rest:
            key, given, value = parameter.partition("=")
            if given and key.strip() == "label_size" and value.strip().strip('"') != "1":
                raise UserError(
                    f"{content_type} is not an accepted csv ContentType. "
                    "Optional parameter label_size must be equal to 1"
                )
    return found
