"""What all tests of the repository share, the notebooks among them."""

from __future__ import annotations

pytest_plugins = ["tests.labs.plugin", "tests.lanes"]
