"""What comes in by each door stays where it belongs, and what is inside is seen by nobody else."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import http.client
import io
import json
import os
import re
import secrets
import stat
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

import botocore.auth
import psutil
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from labcloud import launch
from labcloud.api.protocol import service_model
from labcloud.credentials import Credentials
from tests.e2e.conftest import IMAGE, ROLE, variant
from tests.e2e.test_durability import SLOW, Life

S3 = service_model("s3")
# A part of every name that a test tries to get out: wherever such a file lies, it has escaped.
TOKEN = f"escaped-{secrets.token_hex(4)}"
SECRET = f"secret-{secrets.token_hex(8)}"
_OBJECT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """One labcloud for this module, in whose environment there is a secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MY_TOKEN", SECRET)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        found = Life(tmp_path_factory.mktemp("doors") / "home")
        patch.delenv("AWS_SECRET_ACCESS_KEY")
        yield found
    launch.stop(found.home)


@pytest.fixture(scope="module")
def s3(life: Life) -> Any:
    return life.client("s3")


@pytest.fixture(scope="module")
def sagemaker(life: Life) -> Any:
    return life.client("sagemaker")


@pytest.fixture(autouse=True)
def nothing_escapes(life: Life) -> Iterator[None]:
    """After every test: no file outside, and the store's own names inside."""
    yield
    beside = [path for path in life.home.path.parent.iterdir() if path != life.home.path]
    above = [*life.home.path.parents, Path.cwd(), *Path.cwd().parents, Path.home(), Path("/etc")]
    outside = [
        path for folder in {*above, Path(tempfile.gettempdir())} for path in folder.glob("*")
    ]
    escaped = {*beside, *[path for path in outside if TOKEN in path.name]}
    for path in escaped:
        path.unlink()
    assert not escaped
    assert not [path for path in life.home.path.rglob("*") if TOKEN in path.name]
    objects = life.home.path / "objects"
    for path in objects.rglob("*"):
        if not path.is_dir():
            assert path.is_file() and not path.is_symlink()
            assert _OBJECT.fullmatch(str(path.relative_to(objects)))


# ---- S3's names ---------------------------------------------------------------------------------


def knock(
    life: Life, operation: str, path: str, query: str = "", body: bytes = b""
) -> tuple[int, dict[str, Any]]:
    """One signed request, its path exactly as given; the status, and what botocore reads."""
    model = S3.operation_model(operation)
    key = Credentials.load(life.home)
    assert key
    method = model.http["method"]
    target = path + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=life.running.url + target, data=body)
    S3SigV4Auth(Key(key.access_key, key.secret_key), "s3", "us-east-1").add_auth(request)
    address = urlsplit(life.running.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if body or method != "GET":
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = {
        "status_code": response.status,
        "headers": {name.lower(): value for name, value in response.getheaders()},
        "body": response.read(),
    }
    connection.close()
    if response.status < 300 and model.has_streaming_output:
        return response.status, {"Body": answer["body"]}
    parsed: dict[str, Any] = create_parser("rest-xml").parse(answer, model.output_shape)
    return response.status, parsed


PATHS = [
    f"/../../{TOKEN}",
    f"/%2e%2e/%2e%2e/{TOKEN}",
    f"/..%2f..%2f{TOKEN}",
    f"/%2e%2e%2f{TOKEN}/key",
    f"/../{TOKEN}",
    f"/..%5c..%5c{TOKEN}",
    f"//{TOKEN}",
    f"///etc/{TOKEN}",
    f"/./{TOKEN}",
    f"/{TOKEN}%00",
    f"/%00{TOKEN}/key",
    f"/{TOKEN}%0a/key",
    f"/%ff%fe{TOKEN}/key",
    f"/{TOKEN}/%ff%fe",
    f"/{TOKEN.upper()}_X/key",
    f"/{'b' * 300}/{TOKEN}",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..",
    "/%2e%2e",
    "/.",
    "/%20",
]


@pytest.mark.parametrize("operation", ["CreateBucket", "PutObject", "GetObject", "DeleteObject"])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.replace(TOKEN, "x")[:40])
def test_odd_paths(life: Life, path: str, operation: str) -> None:
    status, answer = knock(life, operation, path)
    assert status < 500, answer
    if status >= 300:
        assert answer["Error"]["Code"], answer
    if operation == "GetObject" and status == 200:
        assert b"root:" not in answer["Body"]


@pytest.mark.parametrize("name", ["..", ".", "../x", "..%2fx", "x%00", "%00", "-", "x" * 64, "X"])
def test_bucket_names_that_s3_does_not_take(life: Life, name: str) -> None:
    status, answer = knock(life, "CreateBucket", f"/{name}")
    assert 400 <= status < 500, answer
    assert answer["Error"]["Code"], answer


@pytest.mark.parametrize("body", [b"content", b"<a>", b"<a/>", b"\xff\xfe", b"<a><b></a>"])
@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("CreateBucket", ""),
        ("DeleteObjects", "delete"),
        ("PutBucketTagging", "tagging"),
        ("PutBucketVersioning", "versioning"),
        ("PutBucketLifecycleConfiguration", "lifecycle"),
        ("PutBucketCors", "cors"),
        ("PutPublicAccessBlock", "publicAccessBlock"),
    ],
)
def test_a_body_that_is_not_what_s3_expects(
    life: Life, s3: Any, operation: str, query: str, body: bytes
) -> None:
    if operation != "CreateBucket":
        s3.create_bucket(Bucket="no-xml")
    status, answer = knock(life, operation, "/no-xml", query, body)
    assert status < 500, answer
    if status >= 300:
        assert answer["Error"]["Code"], answer


KEYS = [
    f"../../{TOKEN}",
    f"/{TOKEN}",
    f"/etc/{TOKEN}",
    f"//{TOKEN}//x//",
    f"a/../../../{TOKEN}",
    f"a/./{TOKEN}",
    f"..\\..\\{TOKEN}",
    f"{TOKEN}\nand\r\nmore",
    f"{TOKEN}\ttab and \x01 and \x7f",
    f"{TOKEN}?versionId=x&uploads#part",
    f"{TOKEN}%2e%2e%2f%00",
    f"{TOKEN}+plus and space ",
    f" {TOKEN}",
    f"{TOKEN}<Key>&amp;</Key>",
    "..",
    ".",
    "../",
    "/",
    "//",
    "🙂" * 256,
    "é",
    "e\u0301",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key.replace(TOKEN, "x"))[:40])
def test_any_key_reads_back(life: Life, s3: Any, key: str) -> None:
    bucket = f"key-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    body = os.urandom(64)
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert body in stored(life)
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert body not in stored(life)


def stored(life: Life) -> list[bytes]:
    """What the files of the object store hold."""
    files = (life.home.path / "objects").rglob("*")
    return [path.read_bytes() for path in files if path.is_file()]


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Life]:
    """A labcloud that may be killed."""
    found = Life(tmp_path / "home")
    yield found
    launch.stop(found.home)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key.replace(TOKEN, "x"))[:40])
def test_any_key_is_another_than_any_other(s3: Any, key: str) -> None:
    """What a key means once it is decoded is not looked at: `a%2Fb` is not `a/b`."""
    bucket = f"two-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    others = {unquote(key), key.split("?")[0], key.strip(), key.replace("//", "/"), f"{key}/"}
    bodies = {name: os.urandom(16) for name in {key, *others} if 0 < len(name.encode()) <= 1024}
    for name, body in bodies.items():
        s3.put_object(Bucket=bucket, Key=name, Body=body)
    found = {n: s3.get_object(Bucket=bucket, Key=n)["Body"].read() for n in bodies}
    assert found == bodies


def test_all_keys_survive_a_restart(another: Life) -> None:
    s3 = another.client("s3")
    s3.create_bucket(Bucket="many")
    kept: dict[str, bytes] = {}
    for key in KEYS:
        with contextlib.suppress(ClientError):
            s3.put_object(Bucket="many", Key=key, Body=key.encode())
            kept[key] = key.encode()
    another.kill()
    another.begin()
    s3 = another.client("s3")
    listed = s3.list_objects_v2(Bucket="many")["Contents"]
    found = {i["Key"]: s3.get_object(Bucket="many", Key=i["Key"])["Body"].read() for i in listed}
    assert found == kept


def test_a_delete_of_many_finds_every_key(another: Life) -> None:
    # The ones that XML 1.0 can hold: a request to delete many is XML.
    keys = [key for key in KEYS if not re.search(r"[\x00-\x1f?%]", key)]
    s3 = another.client("s3")
    s3.create_bucket(Bucket="many")
    for key in keys:
        s3.put_object(Bucket="many", Key=key, Body=key.encode())
    first, others = keys[0], keys[1:]
    answer = s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": k} for k in others]})
    assert "Errors" not in answer
    assert {item["Key"] for item in answer["Deleted"]} == set(others)
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="many")["Contents"]] == [first]
    another.kill()
    another.begin()
    listed = another.client("s3").list_objects_v2(Bucket="many")["Contents"]
    assert [item["Key"] for item in listed] == [first]
    assert stored(another) == [first.encode()]


@pytest.mark.parametrize("key", ["k" * 1025, "🙂" * 256 + "k"], ids=["letters", "emoji"])
def test_a_key_that_is_too_long_is_refused(s3: Any, key: str) -> None:
    s3.create_bucket(Bucket="long-keys")
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object(Bucket="long-keys", Key=key, Body=b"x"),
        lambda: s3.create_multipart_upload(Bucket="long-keys", Key=key),
    ]
    for call in calls:
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "KeyTooLongError"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Contents" not in s3.list_objects_v2(Bucket="long-keys")


# ---- a channel's keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        [f"../{TOKEN}"],
        [f"../../../../../../{TOKEN}"],
        [f"x/../../{TOKEN}"],
        [f"/{TOKEN}"],
        [f"x//{TOKEN}"],
        [f"./{TOKEN}"],
        [".."],
        ["n" * 300],
        ["🙂" * 64],
        ["file", "file/below"],
    ],
    ids=lambda keys: ascii(keys[-1].replace(TOKEN, "x"))[:30],
)
def test_keys_that_cannot_be_files_fail_the_job(
    life: Life, s3: Any, sagemaker: Any, golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]], keys: list[str],
) -> None:  # fmt: skip
    job = f"job-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=job)
    for key in keys:
        s3.put_object(Bucket=job, Key=f"train/{key}", Body=b"1,2\n")
    request = request_of(job, golden["softprob"])
    request["InputDataConfig"] = request["InputDataConfig"][:1]
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = f"s3://{job}/train/"
    request["OutputDataConfig"] = {"S3OutputPath": f"s3://{job}/output"}
    sagemaker.create_training_job(**request)
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=job)
    reason = sagemaker.describe_training_job(TrainingJobName=job)["FailureReason"]
    assert reason.startswith("ClientError: "), reason
    assert not (life.home.jobs / "training" / job).exists()


# ---- model archives -----------------------------------------------------------------------------


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


def packed(*members: tarfile.TarInfo) -> bytes:
    """An archive of these headers; what a small member holds is `x`, a large one nothing."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for info in members:
            # addfile would ask for as many bytes as the header claims.
            header = info.tobuf(tarfile.GNU_FORMAT)
            archive.fileobj.write(header)
            if 0 < info.size <= 512:
                archive.fileobj.write(b"x" * info.size + bytes(-info.size % 512))
    return file.getvalue()


# From a model's folder, <home>/jobs/endpoints/<name>/<fleet>/<variant>/<number>/model, to where
# nothing but <home> may be.
_UP = 8


def deep_link() -> bytes:
    """CVE-2025-4517: links so deep that realpath stops looking, and a file behind them."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        part, path = "d" * 247, ""
        for letter in "abcdefghijklmnop":
            archive.addfile(member(path + part, tarfile.DIRTYPE))
            archive.addfile(member(path + letter, tarfile.SYMTYPE, part))
            path += part + "/"
        short = "/".join("abcdefghijklmnop") + "/" + "l" * 254
        archive.addfile(member(short, tarfile.SYMTYPE, "../" * 16))
        archive.addfile(member("escape", tarfile.SYMTYPE, short + "/.." * _UP))
        archive.addfile(member(f"escape/{TOKEN}", size=1), io.BytesIO(b"x"))
    return file.getvalue()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "up": lambda: packed(member(f"../../../{TOKEN}", size=1)),
    "far up": lambda: packed(member("../" * 30 + f"tmp/{TOKEN}", size=1)),
    "absolute": lambda: packed(member(f"/tmp/{TOKEN}", size=1)),
    "link out": lambda: packed(member("l", tarfile.SYMTYPE, "/tmp"), member(f"l/{TOKEN}", size=1)),
    "link up": lambda: packed(
        member("l", tarfile.SYMTYPE, "../../.."), member(f"l/{TOKEN}", size=1)
    ),
    "link by link": lambda: packed(
        member("a", tarfile.DIRTYPE),
        member("a/b", tarfile.SYMTYPE, "."),
        member("c", tarfile.SYMTYPE, "a/b/../.."),
        member(f"c/../../{TOKEN}", size=1),
    ),
    "hard link out": lambda: packed(member("h", tarfile.LNKTYPE, "/etc/passwd")),
    "hard link up": lambda: packed(member("h", tarfile.LNKTYPE, "../../../credentials.json")),
    "deep link": deep_link,
    "character device": lambda: packed(member("xgboost-model", tarfile.CHRTYPE)),
    "block device": lambda: packed(member("xgboost-model", tarfile.BLKTYPE)),
    "fifo": lambda: packed(member("xgboost-model", tarfile.FIFOTYPE)),
    "long name": lambda: packed(member("n" * 300, size=1)),
    "claims 30 GB": lambda: packed(member("xgboost-model", size=30 * 1024**3)),
    "claims 30 GB in two": lambda: packed(
        member("a", size=1), member("xgboost-model", size=30 * 1024**3)
    ),
    "claims less than nothing": lambda: packed(member("xgboost-model", size=-1024)),
    "zeros": lambda: gzip.compress(bytes(200 * 1024**2)),
    "cut off": lambda: cut(packed(member("xgboost-model", size=512))),
    "no archive": lambda: b"no archive",
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("archive", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_a_bad_model_archive_fails_the_endpoint(
    life: Life, s3: Any, sagemaker: Any, archive: Callable[[], bytes]
) -> None:
    name = f"bad-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="model.tar.gz", Body=archive())
    container = {"Image": IMAGE, "ModelDataUrl": f"s3://{name}/model.tar.gz"}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 2}
        )
    reason = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert re.match("Failed to extract model data archive|The primary container", reason), reason
    assert life.home.credentials.stat().st_nlink == 1
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)


def test_an_endpoint_that_failed_leaves_no_files(life: Life, s3: Any, sagemaker: Any) -> None:
    """A good member and a bad one: what had been brought and unpacked is gone with the fleet."""
    archive = packed(member("large", size=512), member(f"../{TOKEN}", size=1))
    s3.create_bucket(Bucket="leaves")
    s3.put_object(Bucket="leaves", Key="model.tar.gz", Body=archive)
    container = {"Image": IMAGE, "ModelDataUrl": "s3://leaves/model.tar.gz"}
    sagemaker.create_model(ModelName="leaves", PrimaryContainer=container)
    sagemaker.create_endpoint_config(
        EndpointConfigName="leaves", ProductionVariants=[variant("leaves")]
    )
    sagemaker.create_endpoint(EndpointName="leaves", EndpointConfigName="leaves")
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="leaves")
    sagemaker.delete_endpoint(EndpointName="leaves")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="leaves")
    left = [path for path in (life.home.jobs / "endpoints").rglob("*") if path.is_file()]
    assert not [path for path in left if "leaves" in path.parts]


# ---- what runs, and what it sees ----------------------------------------------------------------


@pytest.fixture(scope="module")
def busy(
    life: Life, s3: Any, sagemaker: Any, golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]], bucket: str,
) -> Iterator[list[psutil.Process]]:  # fmt: skip
    """The processes of a labcloud that trains and serves: the nursery, a worker, a server."""
    s3.create_bucket(Bucket=bucket)
    for file in golden["softprob"]["channels"].values():
        s3.put_object(Bucket=bucket, Key=f"{file}/data", Body=golden["files"][file].encode())
    sagemaker.create_training_job(**request_of("artifact", golden["softprob"]))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="artifact")
    artifact = sagemaker.describe_training_job(TrainingJobName="artifact")["ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": artifact["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    slow = golden["softprob"] | {"hyperparameters": SLOW}
    sagemaker.create_training_job(**request_of("slow", slow))
    server = psutil.Process(life.running.pid)
    deadline = time.monotonic() + 30
    while len(found := server.children(recursive=True)) < 3:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    yield found
    sagemaker.stop_training_job(TrainingJobName="slow")
    sagemaker.delete_endpoint(EndpointName="e")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="e")


def test_only_the_server_listens_and_on_loopback_only(
    life: Life, busy: list[psutil.Process]
) -> None:
    def listening(process: psutil.Process) -> list[tuple[str, int]]:
        return [
            tuple(connection.laddr)
            for connection in process.net_connections("inet")
            if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
        ]

    assert listening(psutil.Process(life.running.pid)) == [("127.0.0.1", life.running.port)]
    for process in busy:
        assert listening(process) == []


def test_no_container_sees_the_server_s_secrets(life: Life, busy: list[psutil.Process]) -> None:
    own = Credentials.load(life.home)
    assert own
    server = psutil.Process(life.running.pid)
    assert server.environ()["MY_TOKEN"] == SECRET
    for process in busy:
        seen = process.environ()
        assert not {"MY_TOKEN", "AWS_SECRET_ACCESS_KEY", "LABCLOUD_HOME"} & set(seen)
        raw = Path(f"/proc/{process.pid}/environ").read_bytes()
        raw += Path(f"/proc/{process.pid}/cmdline").read_bytes()
        for secret in (SECRET, own.secret_key, own.access_key):
            assert secret not in seen.values()
            assert secret.encode() not in raw


def test_no_container_holds_a_file_of_the_server_s(life: Life, busy: list[psutil.Process]) -> None:
    server = Path(f"/proc/{life.running.pid}/fd")
    (port,) = [
        os.readlink(server / str(connection.fd))
        for connection in psutil.Process(life.running.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    nursery = psutil.Process(life.running.pid).children()[0]
    for process in busy:
        links = {
            int(entry.name): os.readlink(entry)
            for entry in Path(f"/proc/{process.pid}/fd").iterdir()
        }
        assert port not in links.values()
        if process == nursery:
            # What it says of itself goes where the server's own first words went.
            links = {number: link for number, link in links.items() if number > 2}
        jobs = str(life.home.jobs)
        held = [link for link in links.values() if link.startswith(str(life.home.path))]
        assert not [link for link in held if not link.startswith(jobs)], links


# ---- who may read -------------------------------------------------------------------------------


def open_to_others(folder: Path) -> list[str]:
    """Paths at and below a folder that another user could read, write, or look into."""
    found: list[str] = []
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o066:
        found.append(f"{folder} {mode:o}")
    if not mode & 0o011:
        return found
    for path in folder.iterdir():
        if path.is_dir():
            found += open_to_others(path)
        elif stat.S_IMODE(path.stat().st_mode) & 0o066 and not path.is_socket():
            found.append(f"{path} {stat.S_IMODE(path.stat().st_mode):o}")
    return found


def test_the_state_directory_is_private(life: Life, busy: list[psutil.Process]) -> None:
    assert open_to_others(life.home.path) == []
    assert stat.S_IMODE(life.home.credentials.stat().st_mode) == 0o600
    for name in ("", "jobs", "objects"):
        assert stat.S_IMODE((life.home.path / name).stat().st_mode) == 0o700


def test_a_directory_that_was_there_before_is_made_private(tmp_path: Path) -> None:
    """As with LABCLOUD_HOME on a volume, or a folder that `mkdir` made: its mode is 0755."""
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    found = Life(folder)
    try:
        s3 = found.client("s3")
        s3.create_bucket(Bucket="private")
        s3.put_object(Bucket="private", Key="k", Body=b"x")
        # The folder itself may stay as its owner made it; what lies in it may not be read.
        readable = [path for path in open_to_others(folder) if path != f"{folder} 755"]
        assert readable == []
    finally:
        launch.stop(found.home)


# ---- clocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "said"), [(-16, "Signature expired: "), (16, "Signature not yet current: ")]
)
def test_a_clock_that_is_wrong_is_refused_in_aws_s_words(
    life: Life, minutes: int, said: str
) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    # The only thing that is set for the test is what time it is.
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: moment):
        with pytest.raises(ClientError) as refused:
            sagemaker.list_models()
        error = refused.value.response["Error"]
        assert error["Code"] == "InvalidSignatureException"
        assert error["Message"].startswith(said)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
        with pytest.raises(ClientError) as refused:
            s3.list_buckets()
        assert refused.value.response["Error"]["Code"] == "RequestTimeTooSkewed"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert json.dumps(sagemaker.list_models()["Models"], default=str)
