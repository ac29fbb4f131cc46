"""Build contexts, pushed to labcloud's ECR with boto3 alone."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import Any

from labcloud.client.push import MEDIA_TYPE

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
CONTEXT = {
    "Dockerfile": "FROM scratch\nCOPY train /opt/program/\nENV PATH=/opt/program:$PATH\n",
    "train": '#!/bin/sh\necho "It trains in $PWD with $(ls /opt/ml/input/config | wc -l) files"\n',
}
# A model server that waits until the test has made the file GO. Then it serves, or ends with END.
HELD = {
    "Dockerfile": "FROM scratch\nCOPY serve /opt/program/\nENV PATH=/opt/program:$PATH\n",
    "serve": """\
#!/usr/bin/env python3
import http.server, os, time
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.01)
if "END" in os.environ:
    raise SystemExit(int(os.environ["END"]))
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Answers).serve_forever()
""",
}


def context(files: dict[str, str]) -> bytes:
    """A build context as it is pushed."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            member.mode = 0o755 if text.startswith("#!") else 0o644
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(content.getvalue(), mtime=0)


def push(ecr: Any, name: str, files: dict[str, str] = CONTEXT, tag: str = "latest") -> str:
    """Pushes a build context to a repository and returns the image's URI."""
    layer = context(files)
    digest = upload(ecr, name, layer)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                   "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}"},
        "layers": [{"mediaType": MEDIA_TYPE, "digest": digest, "size": len(layer)}],
    }  # fmt: skip
    ecr.put_image(repositoryName=name, imageTag=tag, imageManifest=json.dumps(manifest))
    return f"{REGISTRY}/{name}:{tag}"


def upload(ecr: Any, name: str, layer: bytes, digest: str = "") -> str:
    digest = digest or f"sha256:{hashlib.sha256(layer).hexdigest()}"
    begun = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=name, uploadId=begun, layerPartBlob=layer,
        partFirstByte=0, partLastByte=len(layer) - 1,
    )  # fmt: skip
    ecr.complete_layer_upload(repositoryName=name, uploadId=begun, layerDigests=[digest])
    return digest
