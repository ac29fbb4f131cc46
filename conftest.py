"""What all tests of the repository share, the notebooks among them."""

from __future__ import annotations

pytest_plugins = [
    "tests.garbage", "tests.labs.plugin", "tests.lanes", "labcloud_support.names",
]  # fmt: skip
