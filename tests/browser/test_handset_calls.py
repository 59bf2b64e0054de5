"""A person at the browser answers a call, presses keys, clicks in Slack and makes things go wrong; everything fits and can be hit."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.beside import Beside
from tests.sandbox.standing import BEN, WORKSPACE
from tests.sandbox.test_slack_api import BLOCKS, PLAIN, web

MENU = "<Response><Gather numDigits='1' timeout='600' action='/twilio/voice/keys'><Say>To take it, press 1.</Say></Gather></Response>"
TAKEN = "<Response><Say>You have it.</Say><Pause length='600'/></Response>"


@pytest.fixture
def menu(sandbox: Beside) -> Beside:
    """A daemon that asks for a key."""
    sandbox.here.daemon.documents |= {"/twilio/voice": MENU, "/twilio/voice/keys 1": TAKEN}
    return sandbox


def post(sandbox: Beside, **more: Any) -> str:
    """A message in the channel; its time."""
    return str(sandbox.run(web(sandbox.here).chat_postMessage(**{"channel": WORKSPACE.channel, "text": "SEV1", "blocks": BLOCKS, **more}))["ts"])


def test_a_call_comes_by_itself_is_answered_and_a_key_takes_it(page: Page, menu: Beside) -> None:
    expect(page.get_by_test_id("call-ana")).to_be_empty()
    menu.run(menu.here.call(timeout=600))
    expect(page.get_by_test_id("call-ana")).to_contain_text("rings")
    page.get_by_test_id("answer-ana").click()
    expect(page.get_by_test_id("captions-ana")).to_have_text("To take it, press 1.")
    page.get_by_test_id("key-ana-1").click()
    captions = page.get_by_test_id("captions-ana").locator("p")
    expect(captions).to_have_text(["To take it, press 1.", "Ana pressed 1", "You have it."])
    (key,) = menu.here.daemon.to("/twilio/voice/keys")
    assert (key.body["Digits"], key.signed) == ("1", True)
    # The key that was pressed keeps the focus, so that the next can be pressed.
    expect(page.get_by_test_id("key-ana-1")).to_be_focused()
    page.get_by_test_id("hangup-ana").click()
    expect(page.get_by_test_id("call-ana")).to_contain_text("was on the line")
    expect(page.get_by_test_id("key-ana-1")).to_have_count(0)


def test_a_call_is_declined(page: Page, menu: Beside) -> None:
    menu.run(menu.here.call(timeout=600))
    page.get_by_test_id("decline-ana").click()
    expect(page.get_by_test_id("call-ana")).to_contain_text("was declined")
    assert menu.here.status() == "busy"


def test_a_call_is_taken_without_a_script(browser: Browser, menu: Beside) -> None:
    with ExitStack() as stack:
        context = browser.new_context(java_script_enabled=False)
        stack.callback(context.close)
        page = context.new_page()
        menu.run(menu.here.call(timeout=600))
        menu.run(menu.here.rings())
        page.goto(menu.here.url)
        page.get_by_test_id("answer-ana").click()
        page.reload()
        expect(page.get_by_test_id("captions-ana")).to_contain_text("To take it, press 1.")
        page.get_by_test_id("key-ana-1").click()
        expect(page.get_by_test_id("captions-ana")).to_contain_text("Ana pressed 1")
        post(menu)
        page.reload()
        page.get_by_test_id("slack-as").select_option("Ben")
        page.get_by_test_id("slack-oncall_take").click()
        assert menu.here.daemon.to("/slack/interactivity")[0].body["user"]["id"] == BEN.slack


def test_a_voicemail_answers_as_the_page_says_and_presses_nothing(page: Page, menu: Beside) -> None:
    page.get_by_test_id("behaviour-ana").select_option("voicemail answers")
    page.get_by_test_id("set-behaviour-ana").click()
    expect(page.locator("#behaves-ana")).to_have_text("Now: voicemail answers")
    menu.run(menu.here.call())
    expect(page.get_by_test_id("captions-ana")).to_contain_text("This is the voicemail of Ana.")
    expect(page.get_by_test_id("captions-ana")).to_contain_text("To take it, press 1.")
    assert menu.here.daemon.to("/twilio/voice/keys") == []


def test_a_button_in_slack_is_clicked_by_whoever_was_chosen(page: Page, sandbox: Beside) -> None:
    page.get_by_test_id("slack-as").select_option("Ben")
    ts = post(sandbox)
    page.get_by_test_id("slack-oncall_take").click()
    expect(page.get_by_test_id("slack-message")).to_contain_text("SEV1 NOT TAKEN")
    (call,) = sandbox.here.daemon.to("/slack/interactivity")
    assert call.body["user"]["id"] == BEN.slack
    sandbox.run(web(sandbox.here).chat_update(channel=WORKSPACE.channel, ts=ts, text="Taken by Ben", blocks=[]))
    sandbox.run(sandbox.here.session.post(call.body["response_url"], json={"text": "It is yours"}))
    expect(page.get_by_test_id("slack-message")).to_contain_text("Taken by Ben")
    expect(page.get_by_test_id("slack-ephemeral")).to_contain_text("only you can see this (Ben)")
    expect(page.get_by_test_id("slack-oncall_take")).to_have_count(0)
    # Who was chosen stays chosen.
    expect(page.get_by_test_id("slack-as")).to_have_value(BEN.slack)


def test_a_question_before_a_click_stays_open_while_other_messages_come(page: Page, sandbox: Beside) -> None:
    confirm = {"title": PLAIN, "text": {"type": "mrkdwn", "text": "7 people will be woken"}, "confirm": PLAIN, "deny": PLAIN}
    post(sandbox, blocks=[{"type": "actions", "elements": [{"type": "button", "action_id": "all", "text": PLAIN, "confirm": confirm}]}])
    page.get_by_test_id("slack-all").click()
    expect(page.get_by_text("7 people will be woken")).to_be_visible()
    post(sandbox, channel=BEN.slack)
    expect(page.get_by_test_id("slack-dm-ben")).to_contain_text("SEV1")
    page.get_by_test_id("slack-all-confirm").click()
    expect(page.get_by_test_id("slack-all")).to_be_visible()
    assert len(sandbox.run(sandbox.here.daemon.heard(1, "/slack/interactivity"))) == 1


def test_a_fault_is_switched_on_and_off(page: Page, sandbox: Beside) -> None:
    for kind in ("text", "call", "slack"):
        page.get_by_test_id(f"fault-{kind}").select_option("refuses")
        page.get_by_test_id(f"set-fault-{kind}").click()
        expect(page.get_by_test_id(f"fault-now-{kind}")).to_have_text("Now: refuses")
    refusals = [
        wrong.refuse for wrong in (sandbox.here.sandbox.misbehaviour, sandbox.here.sandbox.call_misbehaviour, sandbox.here.sandbox.slack_misbehaviour)
    ]
    assert refusals == [(503, 20503)] * 3
    page.get_by_test_id("fault-call").select_option("works")
    page.get_by_test_id("set-fault-call").click()
    expect(page.get_by_test_id("fault-now-call")).to_have_text("Now: works")
    assert sandbox.here.sandbox.call_misbehaviour.refuse is None
    assert sandbox.here.sandbox.misbehaviour.refuse is not None


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (360, "dark"), (1280, "dark")])
def test_calls_and_slack_fit_a_telephone_and_can_be_hit(page: Page, menu: Beside, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "z" * 300}}
    buttons = [{"type": "button", "action_id": f"b{n}", "text": {"type": "plain_text", "text": "w" * 75}} for n in range(3)]
    post(menu, blocks=[long, {"type": "actions", "elements": buttons}])
    menu.run(menu.here.call(timeout=600))
    page.get_by_test_id("answer-ana").click()
    expect(page.get_by_test_id("key-ana-hash")).to_be_visible()
    menu.run(menu.here.call(BEN.number, timeout=600))
    expect(page.get_by_test_id("answer-ben")).to_be_visible()
    expect(page.get_by_test_id("slack-b2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, input, select, summary").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["width"] >= 48


def test_it_prints_what_was_said_without_buttons(page: Page, menu: Beside) -> None:
    post(menu)
    menu.run(menu.here.call(timeout=600))
    page.get_by_test_id("answer-ana").click()
    expect(page.get_by_test_id("captions-ana")).to_contain_text("To take it, press 1.")
    page.emulate_media(media="print")
    expect(page.get_by_test_id("captions-ana")).to_be_visible()
    expect(page.get_by_test_id("slack-message")).to_be_visible()
    expect(page.get_by_test_id("slack-oncall_take")).to_be_hidden()
    expect(page.get_by_test_id("key-ana-1")).to_be_hidden()
    expect(page.get_by_test_id("fault-call")).to_be_hidden()
