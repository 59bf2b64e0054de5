"""A headless Chromium for the browser tests; ./dev test and ./dev browser say where one is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for this file; ./dev test and ./dev browser say where one is."""
    path = os.environ.get("ONCALL_CHROMIUM")
    assert path, "ONCALL_CHROMIUM is not set; run: env $(./dev browser) .venv/bin/pytest tests/browser"
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as chromium:
        yield chromium
