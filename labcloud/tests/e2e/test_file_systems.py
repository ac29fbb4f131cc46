"""pandas, s3fs and pyarrow, each in a version that the course does not have, on labcloud's S3."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from labcloud_support.environments import environment

pytestmark = pytest.mark.slow

# Two megabytes in every file, and enough for several parts in one.
SCRIPT = """
import json, os, sys
from urllib.parse import urlsplit
import numpy as np, pandas as pd, pyarrow as pa, s3fs
from pyarrow import fs, parquet

s3fs.S3FileSystem().mkdir("file-systems")
table = pd.DataFrame({"a": np.arange(250_000), "b": np.random.default_rng(0).random(250_000)})
found = {}

table.to_parquet("s3://file-systems/pandas.parquet")
found["pandas parquet"] = pd.read_parquet("s3://file-systems/pandas.parquet").equals(table)
table.to_csv("s3://file-systems/pandas.csv", index=False)
read = pd.read_csv("s3://file-systems/pandas.csv")
found["pandas csv"] = bool(np.allclose(read, table))

files = s3fs.S3FileSystem()
with files.open("file-systems/s3fs", "wb", block_size=5 * 2**20) as target:
    for number in range(12):
        target.write(bytes([number]) * 2**20)
content = files.cat("file-systems/s3fs")
found["s3fs parts"] = content == b"".join(bytes([number]) * 2**20 for number in range(12))
files.copy("file-systems/s3fs", "file-systems/copy")
files.rm("file-systems/s3fs")
found["s3fs names"] = sorted(files.ls("file-systems", refresh=True))

address = urlsplit(os.environ["AWS_ENDPOINT_URL"])
arrow = fs.S3FileSystem(endpoint_override=address.netloc, scheme="http")
parquet.write_table(pa.Table.from_pandas(table), "file-systems/arrow.parquet", filesystem=arrow)
read = parquet.read_table("file-systems/arrow.parquet", filesystem=arrow).to_pandas()
found["pyarrow parquet"] = read.equals(table)
with arrow.open_output_stream("file-systems/arrow-parts") as target:
    for number in range(12):
        target.write(bytes([number]) * 2**20)
with arrow.open_input_stream("file-systems/arrow-parts") as source:
    found["pyarrow parts"] = source.read() == content
print(json.dumps(found))
"""


def test_what_they_write_they_read(cloud_environment: dict[str, str], tmp_path: Path) -> None:
    python = environment("s3fs>=2025.9", "pandas>=2.3,<3", "pyarrow>=21", "numpy>=2")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [python, script], env=cloud_environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("s3fs names") == [
        f"file-systems/{name}" for name in ("copy", "pandas.csv", "pandas.parquet")
    ]
    assert set(found.values()) == {True}, found
