"""Version 2 of the SageMaker SDK, which much code still uses, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Its last release; it cannot be installed beside version 3.
VERSION = "2.257.7"
TRANSFORM = """
import json, sys
from sagemaker import Session
from sagemaker.transformer import Transformer

given = json.load(sys.stdin)
session = Session()
bucket = session.default_bucket()
rows = session.upload_string_as_file_body(given["rows"], bucket, "v2/in/rows.csv")
transformer = Transformer(
    model_name=given["model"], instance_count=1, instance_type="ml.m5.large",
    strategy="MultiRecord", assemble_with="Line", accept="text/csv",
    output_path=f"s3://{bucket}/v2/out", sagemaker_session=session,
)
transformer.transform(
    f"s3://{bucket}/v2/in/", content_type="text/csv", split_type="Line",
    input_filter="$[1:]", join_source="Input", output_filter="$[0]", wait=False,
)
transformer.wait(logs=False)
print("RESULT", json.dumps(session.read_s3_file(bucket, "v2/out/rows.csv.out")))
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the old SDK."""
    folder = tmp_path_factory.mktemp("sdk-v2")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    found = folder / "bin" / "python"
    installed = subprocess.run(
        [found, "-m", "pip", "install", "--quiet", f"sagemaker=={VERSION}"],
        capture_output=True, text=True,
    )  # fmt: skip
    if installed.returncode:
        said = installed.stderr.strip().splitlines()
        pytest.skip(f"sagemaker {VERSION} cannot be installed here: {said[-1] if said else ''}")
    return found


@pytest.mark.slow
def test_a_transformer_of_version_2(
    python: Path, cloud_environment: dict[str, str], model: str
) -> None:
    rows = "one,5.9,3.0,5.1,1.8\ntwo,5.0,3.5,1.3,0.3"
    ran = subprocess.run(
        [python, "-c", TRANSFORM],
        input=json.dumps({"model": model, "rows": rows}),
        env=cloud_environment | {"SAGEMAKER_SUPPRESS_V2_WARNING": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (result,) = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    assert json.loads(result.removeprefix("RESULT ")) == "one\ntwo\n"
