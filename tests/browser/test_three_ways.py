"""A person at the browser takes a call on a handset by its keypad, and presses a button in Slack, against the real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_whole_story import PATIENCE_MS, address, first_paged

__all__ = ["address"]


@contextmanager
def reported(browser: Browser, address: str) -> Iterator[tuple[Page, str]]:
    """The page, in which an emergency was reported, and who was paged for it."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address)
        page.get_by_test_id("report-summary").fill("Checkout is down in all stores")
        page.get_by_test_id("report-send").click()
        who, _ = first_paged(page)
        yield page, who
    finally:
        context.close()


def test_a_call_is_answered_and_taken_by_the_keypad(browser: Browser, address: str) -> None:
    """Nobody texts back; the telephone rings, says what is broken, and one key takes it."""
    with reported(browser, address) as (page, who):
        ringing = page.get_by_test_id(f"answer-{who}")
        expect(ringing).to_be_visible(timeout=PATIENCE_MS)
        ringing.click()
        captions = page.get_by_test_id(f"captions-{who}")
        expect(captions).to_contain_text("Checkout is down in all stores", timeout=PATIENCE_MS)
        page.get_by_test_id(f"key-{who}-1").click()
        expect(page.get_by_test_id("status")).to_have_text("acknowledged", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("timeline")).to_contain_text("took it by voice")
        expect(page.get_by_test_id("thread-customer")).to_contain_text("has your case and will contact you by", timeout=PATIENCE_MS)


def test_a_button_in_slack_takes_it(browser: Browser, address: str) -> None:
    """The channel shows that nobody has it; whoever was paged presses Take it, and the same message says who has it."""
    with reported(browser, address) as (page, who):
        message = page.get_by_test_id("slack").get_by_test_id("slack-message").first
        expect(message).to_contain_text("NOT TAKEN", timeout=PATIENCE_MS)
        label = page.locator("[data-testid=slack-as] option").all_inner_texts()
        name = next(one for one in label if who in one.casefold())
        page.get_by_test_id("slack-as").first.select_option(label=name)
        page.get_by_test_id("slack-oncall_take").first.click()
        expect(page.get_by_test_id("status")).to_have_text("acknowledged", timeout=PATIENCE_MS)
        expect(page.get_by_test_id("timeline")).to_contain_text("took it by slack")
        expect(message).to_contain_text("TAKEN by", timeout=PATIENCE_MS)
