"""The page's calls, its Slack section and what goes wrong on purpose, over HTTP: what is shown, and which forms change what."""

from __future__ import annotations

import asyncio

import pytest
from twilio.base.exceptions import TwilioRestException

from oncall.sandbox import Misbehaviour
from tests.sandbox.standing import ANA, BEN, Standing, play, wait_for
from tests.sandbox.test_slack_api import BLOCKS, CHANNEL, PLAIN, web

MENU = "<Response><Gather numDigits='1' timeout='600' action='/twilio/voice/keys'><Say>Press &lt;1&gt; to take it.</Say></Gather></Response>"


def test_a_call_is_answered_and_a_key_is_pressed_by_forms_alone() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents |= {"/twilio/voice": MENU, "/twilio/voice/keys *": "<Response><Say>Again.</Say><Pause length='600'/></Response>"}
        assert 'data-testid="answer-ana"' not in await here.page()
        await here.call(timeout=600)
        await here.rings()
        page = await here.page()
        for name in ("call-ana", "answer-ana", "decline-ana", "captions-ana"):
            assert page.count(f'data-testid="{name}"') == 1
        assert 'data-testid="answer-ben"' not in page
        assert await here.post("/call/answer/ana") == 303
        await wait_for(lambda: here.sandbox.calls_to(ANA.number)[0].listening)
        page = await here.page()
        assert "Press &lt;1&gt; to take it." in page
        for name in (*"1234567890", "star", "hash"):
            assert page.count(f'data-testid="key-ana-{name}"') == 1
        assert await here.post("/key/ana", key="*") == 303
        assert (await here.daemon.heard(1, "/twilio/voice/keys"))[0].body["Digits"] == "*"
        await wait_for(lambda: "Again." in here.sandbox.calls_to(ANA.number)[0].said)
        assert await here.post("/call/hang-up/ana") == 303
        assert here.status() == "completed"
        page = await here.page()
        assert page.index("Press &lt;1&gt; to take it.") < page.index("Ana pressed <b>*</b>") < page.index("Again.")
        assert 'data-testid="hangup-ana"' not in page

    play(story, 60)


def test_a_form_that_comes_too_late_changes_nothing_and_one_that_means_nothing_is_refused() -> None:
    async def story(here: Standing) -> None:
        for act in ("answer", "decline", "hang-up"):
            assert await here.post(f"/call/{act}/ana") == 303
            assert await here.post(f"/call/{act}/nobody") == 404
        assert await here.post("/call/redial/ana") == 404
        assert await here.post("/key/ana", key="1") == 303
        assert await here.post("/key/ana", key="12") == 404
        assert await here.post("/behaviour/ana", behaviour="sings") == 404
        assert await here.post("/fault/text", fault="explodes") == 404
        assert await here.post("/fault/fax", fault="works") == 404
        assert await here.post("/slack/click", by=BEN.slack, click="x") == 400
        assert await here.post("/slack/click", by=BEN.slack, click=f"{CHANNEL}|1.1|b|a|0") == 404

    play(story)


@pytest.mark.parametrize("path", ["/call/answer/ana", "/key/ana", "/behaviour/ana", "/fault/call", "/slack/click"])
def test_every_form_is_ours_alone_and_a_post(path: str) -> None:
    async def story(here: Standing) -> None:
        form = {"key": "1", "behaviour": "off", "fault": "refuses", "by": BEN.slack, "click": "x"}
        for headers in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            async with here.session.post(here.url + path, data=form, headers=headers) as answer:
                assert answer.status == 403
        async with here.session.get(here.url + path) as answer:
            assert answer.status == 405
        assert here.sandbox.call_misbehaviour == Misbehaviour()

    play(story)


def test_a_telephone_behaves_as_the_page_says() -> None:
    async def story(here: Standing) -> None:
        assert await here.post("/behaviour/ana", behaviour="declines") == 303
        assert '<option value="declines" selected>' in await here.page()
        await here.call()
        await wait_for(lambda: here.status() == "busy")

    play(story, 60)


def test_what_goes_wrong_with_calls_leaves_texts_alone() -> None:
    async def story(here: Standing) -> None:
        assert await here.post("/fault/call", fault="refuses") == 303
        with pytest.raises(TwilioRestException) as refused:
            await here.call()
        assert refused.value.status == 503
        await here.send()
        assert len(here.sandbox.texts_to(ANA.number)) == 1
        assert await here.post("/fault/call", fault="works") == 303
        await here.call()
        here.sandbox.misbehaviour.receipts_times = 3
        assert "Now: goes wrong in a way of its own" in await here.page()

    play(story)


def test_a_call_that_is_lost_never_rings_and_one_that_is_late_rings_later() -> None:
    async def story(here: Standing) -> None:
        await here.post("/fault/call", fault="delivers nothing")
        lost = await here.call()
        await here.post("/fault/call", fault="is late")
        await here.call(BEN.number, timeout=600)
        assert here.status(BEN.number) == "queued"
        await wait_for(lambda: here.status(BEN.number) == "ringing")
        assert (await asyncio.to_thread(here.client().calls(lost.sid).fetch)).status == "queued"
        assert 'data-testid="answer-ana"' not in await here.page()

    play(story, 60)


def test_the_events_of_a_call_come_twice_and_backwards_when_told_to() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.call_misbehaviour.receipts_times = 2
        here.sandbox.call_misbehaviour.receipts_reversed = True
        here.sandbox.set_behaviour(ANA.number, "declines")
        await here.call()
        told = await here.daemon.heard(6, "/twilio/voice/status")
        assert [call.body["SequenceNumber"] for call in told] == ["2", "2", "1", "1", "0", "0"]

    play(story, 60)


def test_a_late_text_is_seen_later_and_a_lost_one_never() -> None:
    async def story(here: Standing) -> None:
        await here.post("/fault/text", fault="is late")
        await here.send(body="late words")
        assert "late words" not in await here.page()
        await wait_for(lambda: here.sandbox.texts_to(ANA.number)[0].status == "delivered")
        assert "late words" in await here.page()
        await here.post("/fault/text", fault="delivers nothing")
        await here.send(body="lost words")
        await wait_for(lambda: here.sandbox.texts_to(ANA.number)[1].status == "sent")
        assert "lost words" not in await here.page()

    play(story, 60)


def test_slack_shows_every_block_as_plain_escaped_words() -> None:
    async def story(here: Standing) -> None:
        marks = f"*Bold* <@{BEN.slack}> <https://example.com/i/1|timeline> &lt;script&gt; <!here> snake_case_word"
        section = {"type": "section", "text": {"type": "mrkdwn", "text": marks}}
        head = await web(here).chat_postMessage(channel=CHANNEL, text="SEV1", blocks=[*BLOCKS, section])
        await web(here).chat_postMessage(channel=CHANNEL, text="&lt;b&gt;in the thread&lt;/b&gt;", thread_ts=head["ts"])
        await web(here).chat_postEphemeral(channel=CHANNEL, user=BEN.slack, text="Ana has it")
        await web(here).chat_postMessage(channel=BEN.slack, text="for Ben")
        page = await here.page()
        assert "Bold @Ben timeline (https://example.com/i/1) &lt;script&gt; @here snake_case_word" in page
        for words in (
            "&lt;b&gt;in the thread&lt;/b&gt;",
            "SEV1 NOT TAKEN",
            "Checkout is down",
            "by 03:17",
            "Case K7QM",
            "only you can see this (Ben)",
            'data-testid="slack-oncall_take"',
        ):
            assert words in page
        direct = page.partition('data-testid="slack-dm-ben"')[2]
        assert "for Ben" in direct
        assert "for Ben" not in page.partition('data-testid="slack-dm-ana"')[2].partition("</h3>")[0]

    play(story)


def test_a_click_on_the_page_is_by_whoever_was_chosen_and_a_question_comes_first() -> None:
    async def story(here: Standing) -> None:
        confirm = {"title": PLAIN, "text": {"type": "mrkdwn", "text": "7 people will be woken"}, "confirm": PLAIN, "deny": PLAIN}
        asked = {"type": "button", "action_id": "oncall_all", "text": PLAIN, "confirm": confirm}
        await web(here).chat_postMessage(channel=CHANNEL, text="SEV1", blocks=[{"type": "actions", "block_id": "a|b", "elements": [asked]}])
        page = await here.page()
        assert "7 people will be woken" in page
        click = page.partition('data-testid="slack-oncall_all-confirm"')[0].rpartition('value="')[2].partition('"')[0]
        assert await here.post("/slack/click", by=BEN.slack, click=click) == 303
        (call,) = here.daemon.to("/slack/interactivity")
        assert (call.body["user"]["id"], call.body["actions"][0]["block_id"]) == (BEN.slack, "a|b")
        assert await here.post("/slack/click", by="U0NOBODY00", click=click) == 404

    play(story)
