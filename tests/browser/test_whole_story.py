"""A person at the browser plays a whole emergency against the real daemon: reports it, is paged, replies, and sees it end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 15_000


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The page of `oncall run --sandbox` on the example handbook, in a state folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONCALL_")}
    environment = {**kept, "STATE_DIRECTORY": str(tmp_path), "RUNTIME_DIRECTORY": str(tmp_path), "ONCALL_LISTEN": "127.0.0.1:0"}
    command = [sys.executable, "-m", "oncall", "run", "--sandbox", "--speed", "30"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stderr is not None
        lines = []
        for line in daemon.stderr:
            lines.append(line)
            if '"ready"' in line or re.search(r"\bready\b", line):
                break
        found = re.search(r"The handsets are at (http://\S+)", "".join(lines))
        assert found, lines
        try:
            yield found.group(1)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.stderr.read()
            assert daemon.wait(10) == 0


def first_paged(page: Page) -> tuple[str, str]:
    """The first person whose handset shows a page, and the code in it."""
    text = page.locator(".handset:not(.customer) .text.theirs .words").filter(has_text=re.compile(r"Reply \d+ = take it")).first
    expect(text).to_be_visible(timeout=PATIENCE_MS)
    found = re.search(r"Reply (\d+) =", text.inner_text())
    assert found
    thread = text.locator("xpath=ancestor::*[@role='log']").get_attribute("data-testid")
    assert thread
    return thread.removeprefix("thread-"), found.group(1)


def test_an_emergency_is_reported_taken_and_told_in_the_browser(browser: Browser, address: str) -> None:
    """Report as the customer, reply with the code as whoever was paged; the timeline ends in acknowledged, the customer knows who has it."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address)
        page.get_by_test_id("report-summary").fill("Checkout is down in all stores")
        page.get_by_test_id("report-send").click()
        who, code = first_paged(page)
        expect(page.get_by_test_id("thread-customer")).to_contain_text("We are calling our on-call engineer", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("status")).to_have_text("open", timeout=PATIENCE_MS)
        page.get_by_test_id(f"reply-{who}").fill(code)
        page.get_by_test_id(f"send-{who}").click()
        expect(page.get_by_test_id("status")).to_have_text("acknowledged", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("timeline")).to_contain_text("took it by sms")
        expect(page.get_by_test_id("thread-customer")).to_contain_text("has your case and will contact you by", timeout=PATIENCE_MS)
        expect(page.get_by_test_id(f"thread-{who}")).to_contain_text("Yours: SEV1")
    finally:
        context.close()
