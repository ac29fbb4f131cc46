"""Steps with objects of S3: put, put in parts, copied, deleted, with versions and without."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from .expected import Version
from .ground import PICK, Ground, Material

VERSIONED = "versions"
KEYS = ("a", "b/c", "d e&<ü", "w0", "w1")

BUCKET = st.integers(0, 1)
KEY = st.sampled_from(KEYS[:3])
SIZE = st.sampled_from([0, 1, 1000, 300_000])


class ObjectSteps(Ground):
    """Two buckets, one of them with versions, and what they must hold."""

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        self.buckets = (material.bucket, VERSIONED)
        self.objects: dict[str, dict[str, list[Version]]] = {name: {} for name in self.buckets}

    @rule(which=BUCKET, key=KEY, size=SIZE)
    def put(self, which: int, key: str, size: int) -> None:
        self._put(self.buckets[which], key, self.random.randbytes(size))

    @rule(which=BUCKET, key=KEY, whole=st.booleans())
    def put_in_parts(self, which: int, key: str, whole: bool) -> None:
        s3, bucket = self.cloud.s3, self.buckets[which]
        parts = [b"the only one"] if whole else [self.random.randbytes(5 * 1024**2), b"the rest"]
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        place = {"Bucket": bucket, "Key": key, "UploadId": upload}
        sent = [
            {"PartNumber": n, "ETag": s3.upload_part(**place, PartNumber=n, Body=part)["ETag"]}
            for n, part in enumerate(parts, 1)
        ]
        answer = s3.complete_multipart_upload(**place, MultipartUpload={"Parts": sent})
        digests = b"".join(hashlib.md5(part).digest() for part in parts)
        assert answer["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-{len(parts)}"'
        self._holds(bucket, key, answer, b"".join(parts))

    @rule(source=PICK, which=BUCKET, key=KEY)
    def copy(self, source: int, which: int, key: str) -> None:
        found = [
            (bucket, name, versions[-1].body)
            for bucket, keys in self.objects.items()
            for name, versions in keys.items()
            if versions[-1].body is not None and (bucket, name) != (self.buckets[which], key)
        ]
        bucket, name, body = found[source % len(found)]
        answer = self.cloud.s3.copy_object(
            Bucket=self.buckets[which], Key=key, CopySource={"Bucket": bucket, "Key": name}
        )
        etag = answer["CopyObjectResult"]["ETag"]
        self._holds(self.buckets[which], key, answer | {"ETag": etag}, body)

    @rule(which=BUCKET, key=KEY)
    def delete_object(self, which: int, key: str) -> None:
        bucket = self.buckets[which]
        if key not in self.objects[bucket]:
            return
        answer = self.cloud.s3.delete_object(Bucket=bucket, Key=key)
        if bucket == VERSIONED:
            self.objects[bucket][key].append(Version(answer["VersionId"], "", None))
        else:
            del self.objects[bucket][key]

    @rule(key=KEY, which=PICK)
    def delete_version(self, key: str, which: int) -> None:
        versions = self.objects[VERSIONED].get(key)
        if not versions:
            return
        gone = versions.pop(which % len(versions))
        self.cloud.s3.delete_object(Bucket=VERSIONED, Key=key, VersionId=gone.id)
        if not versions:
            del self.objects[VERSIONED][key]

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        answer = self.cloud.s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        self._holds(bucket, key, answer, body)

    def _holds(self, bucket: str, key: str, answer: dict[str, Any], body: bytes | None) -> None:
        """Notes what has been acknowledged."""
        before = self.objects[bucket].get(key, []) if bucket == VERSIONED else []
        version = Version(answer.get("VersionId", "null"), answer["ETag"], body)
        self.objects[bucket][key] = [*before, version]

    @invariant()
    def objects_are_there(self) -> None:
        s3 = self.cloud.s3
        for bucket, keys in self.objects.items():
            latest = {name: versions[-1] for name, versions in keys.items()}
            listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
            assert {each["Key"]: (each["ETag"], each["Size"]) for each in listed} == {
                name: (version.etag, len(version.body))
                for name, version in latest.items()
                if version.body is not None
            }
            for each in listed:
                answer = s3.get_object(Bucket=bucket, Key=each["Key"])
                assert answer["Body"].read() == latest[each["Key"]].body, each["Key"]
                assert answer["ETag"] == latest[each["Key"]].etag
        self._versions_are_there()

    def _versions_are_there(self) -> None:
        s3 = self.cloud.s3
        listed = s3.list_object_versions(Bucket=VERSIONED)
        found = {
            (each["Key"], each["VersionId"]): (each["IsLatest"], each.get("ETag", ""))
            for each in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        }
        assert found == {
            (name, version.id): (version is versions[-1], version.etag)
            for name, versions in self.objects[VERSIONED].items()
            for version in versions
        }
        for name, versions in self.objects[VERSIONED].items():
            for version in versions:
                if version.body is not None:
                    answer = s3.get_object(Bucket=VERSIONED, Key=name, VersionId=version.id)
                    assert answer["Body"].read() == version.body, name
