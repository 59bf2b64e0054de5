"""A person texts from a handset in the browser: the page shows it by itself, loses nothing that is being typed, and fits a telephone."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.beside import Beside
from tests.sandbox.standing import ANA, INCIDENT, LINE, NUMBERS


def test_a_reply_is_seen_in_the_thread_and_heard_by_the_daemon(page: Page, sandbox: Beside) -> None:
    page.get_by_test_id("reply-ana").fill("42")
    page.get_by_test_id("send-ana").click()
    expect(page.get_by_test_id("thread-ana")).to_contain_text("42")
    expect(page.get_by_test_id("reply-ana")).to_have_value("")
    (call,) = sandbox.here.daemon.to("/twilio/sms")
    assert (call.body["From"], call.body["To"], call.body["Body"], call.signed) == (ANA.number, NUMBERS.staff, "42", True)


def test_a_page_comes_by_itself_and_what_is_half_typed_stays(page: Page, sandbox: Beside) -> None:
    reply = page.get_by_test_id("reply-ana")
    reply.focus()
    page.keyboard.type("4")
    sandbox.send(ANA.number, "Checkout is down. Reply 42 to take it.")
    expect(page.get_by_test_id("thread-ana")).to_contain_text("Reply 42 to take it")
    expect(reply).to_be_focused()
    # Typed on without a click, as somebody does who did not even notice.
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("thread-ana").locator(".mine")).to_contain_text("42")
    assert sandbox.here.daemon.to("/twilio/sms")[0].body["Body"] == "42"


def test_the_timeline_follows_the_daemon(page: Page, sandbox: Beside) -> None:
    expect(page.get_by_test_id("timeline")).to_contain_text("No emergencies yet")
    sandbox.here.daemon.incidents = [INCIDENT]
    expect(page.get_by_test_id("status")).to_have_text("open")
    expect(page.get_by_test_id("timeline")).to_contain_text("Ana has the shift")
    sandbox.here.daemon.incidents = [{**INCIDENT, "status": "acknowledged", "held_by": "ana", "timeline": [LINE, {**LINE, "result": "taken"}]}]
    expect(page.get_by_test_id("status")).to_have_text("acknowledged")
    expect(page.get_by_test_id("timeline")).to_contain_text("Ana has it")


def test_the_customer_reports_and_is_told_what_came_of_it(page: Page, sandbox: Beside) -> None:
    page.get_by_test_id("report-summary").fill("Nobody can pay")
    page.get_by_test_id("report-send").click()
    expect(page.get_by_test_id("report-said")).to_contain_text("incident 1001")
    (call,) = sandbox.here.daemon.to("/v1/emergencies")
    assert call.body["summary"] == "Nobody can pay"


def test_a_text_with_markup_runs_nothing(page: Page, sandbox: Beside) -> None:
    sandbox.send(ANA.number, "<img src=x onerror=\"document.title='taken over'\"><script>document.title='taken over'</script>")
    expect(page.get_by_test_id("thread-ana")).to_contain_text("<script>")
    assert page.title() == "On-call sandbox"


def test_it_works_without_a_script(browser: Browser, sandbox: Beside) -> None:
    with ExitStack() as stack:
        context = browser.new_context(java_script_enabled=False)
        stack.callback(context.close)
        page = context.new_page()
        page.goto(sandbox.here.url)
        page.get_by_test_id("reply-ana").fill("42")
        page.get_by_test_id("send-ana").click()
        expect(page.get_by_test_id("thread-ana")).to_contain_text("42")
        assert len(sandbox.here.daemon.to("/twilio/sms")) == 1


def test_everything_can_be_reached_by_keyboard(page: Page) -> None:
    seen = []
    for _ in range(13):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.testid || ''"))
    assert seen[:4] == ["report-summary", "report-reach", "report-name", "report-send"]
    assert seen[4:13] == [f"{name}-{person}" for person in ("ana", "ben", "customer") for name in ("thread", "reply", "send")]


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_it_fits_without_scrolling_sideways_and_its_buttons_can_be_hit(page: Page, sandbox: Beside, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sandbox.here.daemon.incidents = [{**INCIDENT, "summary": "x" * 300}]
    sandbox.send(ANA.number, "y" * 300)
    expect(page.get_by_test_id("thread-ana")).to_contain_text("yyy")
    expect(page.get_by_test_id("timeline")).to_contain_text("xxx")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, input").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["width"] >= 48
