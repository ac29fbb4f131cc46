"""Chromium, as the tests of pages start it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, expect, sync_playwright

from .needs import unavailable

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# How long what a page is to show may take (milliseconds).
_PATIENCE = 60_000
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Where there is none, the test that asks is skipped."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        unavailable(f"no Chromium on the PATH (looked for {', '.join(_CHROMIUM)})")
    # Playwright's own 5 s are for a machine that does nothing else.
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()
