"""Calls addressed to AWS go to labcloud; every other address is left alone."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSRequest

from labcloud.client.plugins.labcloud_botocore import readdress


@pytest.mark.parametrize(
    ("addressed", "sent"),
    [
        ("https://sts.us-east-1.amazonaws.com/", "http://127.0.0.1:8462/"),
        ("https://sts.us-east-1.amazonaws.com", "http://127.0.0.1:8462/"),
        ("https://api.sagemaker.eu-west-1.amazonaws.com/?a=b", "http://127.0.0.1:8462/?a=b"),
        (
            "https://bucket.s3.eu-west-1.amazonaws.com/a%20key",
            "http://127.0.0.1:8462/bucket/a%20key",
        ),
        ("https://my.bucket.s3.amazonaws.com/k", "http://127.0.0.1:8462/my.bucket/k"),
        ("https://s3.amazonaws.com/bucket/k", "http://127.0.0.1:8462/bucket/k"),
        ("http://127.0.0.1:8000/table", "http://127.0.0.1:8000/table"),
        ("https://amazonaws.com.example/x", "https://amazonaws.com.example/x"),
    ],
)
def test_where_a_request_goes(monkeypatch: pytest.MonkeyPatch, addressed: str, sent: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8462")
    request = AWSRequest(method="POST", url=addressed)
    readdress(request)
    assert request.url == sent
