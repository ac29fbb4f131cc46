"""Answers SageMaker's requests: GET /ping, POST /invocations, GET /execution-parameters.

One prediction a row, as CSV or JSON. A request that cannot be answered gets a sentence in plain
text; the traceback of a fault in here goes to the log.

Follows "Custom Inference Code with Hosting Services" of the developer guide, and "… with Batch
Transform" beside it.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from flask import Flask, Response, g, request
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier
from werkzeug.exceptions import HTTPException

ML = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
MODEL = ML / "model" / "model.joblib"

CSV = "text/csv"
JSON = "application/json"
# SageMaker sends at most 6 MB to an endpoint, and at most 100 MB in a batch transform job.
LARGEST_BODY = 100 * 1024 * 1024
LARGEST_FEATURE = float(np.finfo(np.float32).max)

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY


class Refused(Exception):
    """The request cannot be answered: an HTTP status, and a sentence that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@functools.cache
def model() -> DecisionTreeClassifier:
    """The model, loaded at the first request and then kept. A failure is not kept.

    joblib's files are pickles: loading one runs what it says. So only load what you have saved
    yourself. This one comes from our own `train`, by way of our own bucket.
    """
    if not MODEL.is_file():
        raise Refused(500, f"There is no model at {MODEL}.")
    try:
        loaded = joblib.load(MODEL)
    except Exception as error:
        app.logger.exception("The model cannot be loaded")
        raise Refused(500, f"The model at {MODEL} cannot be loaded.") from error
    if not isinstance(loaded, DecisionTreeClassifier):
        raise Refused(500, f"The model at {MODEL} is not a decision tree.")
    return loaded


@app.get("/ping")
def ping() -> Response:
    """A server is healthy if it can predict, so the model is loaded here."""
    model()
    return Response("\n", mimetype="text/plain")


@app.get("/execution-parameters")
def execution_parameters() -> dict[str, Any]:
    """What a batch transform job goes by when it sets nothing itself."""
    return {
        "MaxConcurrentTransforms": int(os.environ.get("MODEL_SERVER_WORKERS", 1)),
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@app.post("/invocations")
def invocations() -> Response:
    tree = model()
    if request.mimetype not in (CSV, JSON):
        raise Refused(
            415,
            f"The content type {request.mimetype or '(none)'} is not supported. "
            f"Send {CSV} or {JSON}.",
        )
    kind = answer_type(request.mimetype)
    rows = rows_of_csv(text()) if request.mimetype == CSV else rows_of_json(text())
    labels = tree.predict(features(rows, tree.n_features_in_)).tolist()
    g.rows = len(labels)
    if kind == JSON:
        return Response(json.dumps({"predictions": labels}), mimetype=JSON)
    answer = io.StringIO()
    csv.writer(answer, lineterminator="\n").writerows([label] for label in labels)
    return Response(answer.getvalue(), content_type=f"{CSV}; charset=utf-8")


def answer_type(sent: str) -> str:
    """The type that the client accepts best; the type that it sent if it does not mind."""
    accepted = [wanted for wanted, quality in request.accept_mimetypes if quality > 0]
    for wanted in accepted or ["*/*"]:
        for offered in (sent, CSV, JSON):
            if fnmatchcase(offered, wanted.partition(";")[0].strip().lower()):
                return offered
    raise Refused(406, f"None of {request.headers['Accept']} can be had. Accept {CSV} or {JSON}.")


def text() -> str:
    charset = request.mimetype_params.get("charset", "utf-8")
    try:
        content = request.get_data().decode(charset)
    except LookupError:
        raise Refused(415, f"The charset {charset} is unknown. Send UTF-8.") from None
    except UnicodeDecodeError:
        raise Refused(400, f"The body is not text in {charset}.") from None
    content = content.removeprefix("\ufeff")
    if not content.strip():
        raise Refused(400, "The body is empty. Send at least one row.")
    return content


def rows_of_csv(content: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(content, newline="")) if row]
    except csv.Error as error:
        raise Refused(400, f"The body is not CSV: {error}.") from None


def rows_of_json(content: str) -> list[list[Any]]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"The body is not JSON: {error}.") from None
    if isinstance(found, dict):
        found = found.get("instances")
    if not isinstance(found, list) or not found:
        raise Refused(400, 'The JSON must be a list of rows, or an object {"instances": [rows]}.')
    for number, row in enumerate(found, start=1):
        # bool is a kind of int, and true is no measurement.
        if not isinstance(row, list) or not all(type(value) in (int, float) for value in row):
            raise Refused(400, f"Row {number} is not a list of numbers.")
    return found


def features(rows: list[list[Any]], expected: int) -> NDArray[Any]:
    """The rows as numbers, one column a feature."""
    for number, row in enumerate(rows, start=1):
        if len(row) != expected:
            hint = " Leave the label out." if len(row) == expected + 1 else ""
            raise Refused(
                400, f"Row {number} has {len(row)} values, the model takes {expected}.{hint}"
            )
        for value in row:
            if not usable(value):
                raise Refused(400, f"Row {number} has {value!r} where a number is expected.")
    return np.array(rows, dtype=np.float64)


def usable(value: Any) -> bool:
    try:
        return abs(float(value)) <= LARGEST_FEATURE
    except (ValueError, OverflowError):
        return False


@app.errorhandler(Refused)
def refused(error: Refused) -> Response:
    return sentence(error.status, str(error))


@app.errorhandler(413)
def too_large(error: HTTPException) -> Response:
    return sentence(413, "The body is larger than 100 MB.")


@app.errorhandler(HTTPException)
def not_served(error: HTTPException) -> Response:
    """Flask's own refusals, such as 404 and 405, without its page of HTML."""
    return sentence(error.code or 500, error.description or error.name)


@app.errorhandler(Exception)
def fault(error: Exception) -> Response:
    app.logger.exception("Fault in the predictor")
    return sentence(500, "The predictor has failed. Its log says why.")


def sentence(status: int, reason: str) -> Response:
    g.reason = reason
    return Response(f"{reason}\n", status, mimetype="text/plain")


@app.before_request
def start_clock() -> None:
    g.start = time.perf_counter()


@app.after_request
def log(response: Response) -> Response:
    """One line a request; none for a ping that went well, which comes every few seconds."""
    if request.path != "/ping" or response.status_code != 200:
        took = (time.perf_counter() - g.start) * 1000
        what = g.get("reason") or f"{g.get('rows', 0)} rows"
        print(
            f"{request.method} {request.path} {response.status_code} {took:.1f} ms: {what}",
            flush=True,
        )
    return response
