"""A headless Chromium for the browser tests; ./dev test and ./dev browser say where one is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.beside import Beside, beside

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


@pytest.fixture
def sandbox() -> Iterator[Beside]:
    """A sandbox whose daemon records."""
    with beside() as found:
        yield found


@pytest.fixture
def page(browser: Browser, sandbox: Beside) -> Iterator[Page]:
    """The page of the sandbox; whatever its console complains about is a failure."""
    complaints: list[str] = []
    with ExitStack() as stack:
        context = browser.new_context()
        stack.callback(context.close)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(sandbox.here.url)
        yield page
    assert complaints == []
