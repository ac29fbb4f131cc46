"""Runs a handler on awslambdaric, AWS's own runtime: `python -S start.py HANDLER DESCRIPTOR`.

The function finds its own files first, then boto3 and what else lies beside this file, then the
standard library. Nothing of labcloud's is there.
"""

import importlib
import os
import site
import sys
from typing import Any


def main() -> None:
    handler, descriptor = sys.argv[1], int(sys.argv[2])
    runtime = os.path.dirname(os.path.abspath(__file__))
    if runtime not in sys.path:
        sys.path.insert(0, runtime)
    sys.argv[:] = [f"{runtime}/bootstrap"]
    # As every interpreter has them, and one that is started with -S has not.
    site.setquit()
    site.sethelper()

    # Before the function's own files are found: none of them is to stand in for these.
    client: Any = importlib.import_module("runtime_client")
    client.connect(descriptor)
    bootstrap: Any = importlib.import_module("awslambdaric.bootstrap")
    found: Any = importlib.import_module("awslambdaric.lambda_runtime_client")

    class Client(found.LambdaRuntimeClient):  # type: ignore[misc]
        """awslambdaric's, which has a connection of its own for some calls."""

        def call_rapid(
            self,
            http_method: str,
            endpoint: str,
            expected_http_code: int,
            payload: object = None,
            headers: dict[str, str] | None = None,
        ) -> None:
            body = b"" if http_method == "GET" else found.to_json(payload).encode()
            status, said, _ = client.request(http_method, endpoint, body, headers)
            if status != expected_http_code:
                raise found.LambdaRuntimeClientError(endpoint, status, said)

    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    bootstrap.run(handler, Client("runtime"))


if __name__ == "__main__":
    main()
