"""The AWS SDK for JavaScript, which uploads what it streams in chunks."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.needs import unavailable
from labcloud_support.resources import IMAGE

pytestmark = pytest.mark.slow

# With checksums in trailers, and for the Node.js of Debian 12. Not every package has every version.
_VERSIONS = ">=3.890.0 <3.960.0"
_PACKAGES = [f"@aws-sdk/{name}@{_VERSIONS}" for name in (
    "client-s3", "lib-storage", "client-sagemaker", "client-sagemaker-runtime",
    "client-cloudwatch-logs",
)]  # fmt: skip
# More than one part of an upload.
_LARGE = 12_000_000


@pytest.fixture(scope="module")
def modules() -> Path:
    """A folder in which the SDK is installed; kept for the next run."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        unavailable("there is no Node.js with npm")
    folder = Path(sys.prefix) / "extra-environments" / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            done = subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *_PACKAGES],
                cwd=folder, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                unavailable(f"the SDK cannot be installed here: {done.stderr[-300:]}")
            (folder / "installed").touch()
    return folder


def run(modules: Path, environment: dict[str, str], script: str, *words: str) -> Any:
    """What a script prints as JSON."""
    # Modules are looked for beside a script, so each has a name of its own.
    program = modules / f"{uuid.uuid4()}.mjs"
    program.write_text(script)
    try:
        done = subprocess.run(
            ["node", program, *words], env=environment, capture_output=True, text=True, timeout=120
        )
    finally:
        program.unlink()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FILES = """
import { createReadStream, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, ListObjectsV2Command }
  from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
const [, , small, large] = process.argv;
const s3 = new S3Client({ forcePathStyle: true });
const Bucket = "javascript";
await s3.send(new CreateBucketCommand({ Bucket }));
const size = statSync(small).size;
await s3.send(new PutObjectCommand({ Bucket, Key: "buffer", Body: Buffer.alloc(size, "x") }));
await s3.send(new PutObjectCommand(
  { Bucket, Key: "stream", Body: createReadStream(small), ContentLength: size }));
await new Upload({ client: s3, params: { Bucket, Key: "parts", Body: createReadStream(large) } })
  .done();
const found = {};
for (const Key of ["buffer", "stream", "parts"]) {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const body = await answer.Body.transformToByteArray();
  found[Key] = createHash("sha256").update(body).digest("hex");
}
const listed = await s3.send(new ListObjectsV2Command({ Bucket }));
console.log(JSON.stringify({ found, sizes: listed.Contents.map((each) => each.Size) }));
"""


def test_files_that_it_streams_are_stored_whole(
    modules: Path, cloud_environment: dict[str, str], tmp_path: Path
) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x" * 13_000)
    large.write_bytes(bytes(range(250)) * (_LARGE // 250))
    answer = run(modules, cloud_environment, FILES, str(small), str(large))
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (small, large)}
    assert answer["found"] == {
        "buffer": digests[small], "stream": digests[small], "parts": digests[large],
    }  # fmt: skip
    assert sorted(answer["sizes"]) == [13_000, 13_000, _LARGE]


SERVICES = """
import { SageMakerClient, DescribeTrainingJobCommand, waitUntilTrainingJobCompletedOrStopped,
  paginateListTrainingJobs } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient, InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand } from "@aws-sdk/client-sagemaker-runtime";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
const [, , TrainingJobName, EndpointName] = process.argv;
const client = new SageMakerClient({});
const patience = { client, minDelay: 1, maxWaitTime: 60 };
await waitUntilTrainingJobCompletedOrStopped(patience, { TrainingJobName });
const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName }));
let names = 0;
for await (const page of paginateListTrainingJobs({ client, pageSize: 1 },
    { NameContains: TrainingJobName })) names += page.TrainingJobSummaries.length;
const runtime = new SageMakerRuntimeClient({});
const asked = { EndpointName, ContentType: "text/csv", Body: "5.9,3.0,5.1,1.8" };
const invoked = await runtime.send(new InvokeEndpointCommand(asked));
const answer = new TextDecoder().decode(invoked.Body);
let streamed = "";
for await (const event of (await runtime.send(
    new InvokeEndpointWithResponseStreamCommand(asked))).Body)
  streamed += new TextDecoder().decode(event.PayloadPart.Bytes);
const streams = new Set();
for await (const page of paginateFilterLogEvents({ client: new CloudWatchLogsClient({}) },
    { logGroupName: "/aws/sagemaker/TrainingJobs", logStreamNamePrefix: `${TrainingJobName}/` }))
  for (const event of page.events) streams.add(event.logStreamName.split("/")[0]);
console.log(JSON.stringify({ image: job.AlgorithmSpecification.TrainingImage,
  status: job.TrainingJobStatus, names, answer, streamed, streams: [...streams] }));
"""


def test_it_waits_pages_streams_and_reads_logs(
    modules: Path, cloud_environment: dict[str, str], trained: dict[str, Any], endpoint: str
) -> None:
    name = trained["TrainingJobName"]
    found = run(modules, cloud_environment, SERVICES, name, endpoint)
    assert (found["image"], found["status"], found["names"]) == (IMAGE, "Completed", 1)
    assert found["answer"] == found["streamed"]
    assert len(found["answer"].split(",")) == 3
    assert found["streams"] == [name]
