"""Calls by the real SDK: what is taken and refused, every way in which a call ends, and what the daemon hears of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from oncall.sandbox import Behaviour, NoCall
from tests.sandbox.standing import ANA, BEN, NUMBERS, Standing, play, wait_for

STATUS = "/twilio/voice/status"
FAST = 60


def heard(here: Standing) -> list[tuple[str, str]]:
    """What the daemon was told, as (number, status), in the order of its events."""
    calls = sorted(here.daemon.to(STATUS), key=lambda call: int(call.body["SequenceNumber"]))
    return [(call.body["SequenceNumber"], call.body["CallStatus"]) for call in calls]


def test_an_answered_call_goes_through_every_status_and_the_daemon_hears_each_signed() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents["/twilio/voice"] = "<Response><Say>Checkout is down.</Say><Pause length='60'/></Response>"
        call = await here.call(status_callback=f"{here.daemon.url}{STATUS}?o=abc#rc=2&rp=5xx,ct,rt")
        assert (call.status, call.direction, call.to, call.sid[:2]) == ("queued", "outbound-api", ANA.number, "CA")
        await here.rings()
        await here.sandbox.answer(ANA.number)
        await wait_for(lambda: here.sandbox.calls_to(ANA.number)[0].said == ["Checkout is down."])
        await here.sandbox.hang_up(ANA.number)
        told = await here.daemon.heard(4, STATUS)
        assert heard(here) == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]
        assert {one.path for one in told} == {f"{STATUS}?o=abc"}
        assert all(one.signed for one in here.daemon.calls)
        last = max(told, key=lambda one: one.body["SequenceNumber"]).body
        wanted = {"CallSid", "AccountSid", "To", "From", "Direction", "ApiVersion", "Timestamp", "CallDuration"}
        assert wanted <= set(last)
        assert all("CallDuration" not in one.body for one in told if one.body is not last)
        again = await asyncio.to_thread(here.client().calls(call.sid).fetch)
        assert (again.status, again.duration) == ("completed", last["CallDuration"])

    play(story, FAST)


@pytest.mark.parametrize(
    ("behaviour", "status", "events"),
    [
        (Behaviour.DECLINES, "busy", ["initiated", "ringing", "busy"]),
        (Behaviour.NO_ANSWER, "no-answer", ["initiated", "ringing", "no-answer"]),
        (Behaviour.OFF, "failed", ["initiated", "failed"]),
    ],
)
def test_a_telephone_that_is_not_answered_says_how(behaviour: Behaviour, status: str, events: list[str]) -> None:
    async def story(here: Standing) -> None:
        here.sandbox.set_behaviour(ANA.number, behaviour)
        await here.call(timeout=20)
        await here.daemon.heard(len(events), STATUS)
        assert [each for _, each in heard(here)] == events
        assert here.status() == status
        assert here.daemon.to("/twilio/voice") == []

    play(story, FAST)


def test_a_person_declines_and_another_lets_it_ring() -> None:
    async def story(here: Standing) -> None:
        await here.call(timeout=600)
        await here.rings()
        await here.sandbox.decline(ANA.number)
        assert here.status() == "busy"
        await here.call(BEN.number, timeout=15)
        await wait_for(lambda: here.status(BEN.number) == "no-answer")

    play(story, FAST)


def test_the_voicemail_answers_by_itself_and_never_presses_a_key() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents["/twilio/voice"] = (
            "<Response><Gather action='/twilio/voice/keys'><Say>Press 1.</Say></Gather><Say>Goodbye.</Say></Response>"
        )
        here.sandbox.set_behaviour(ANA.number, "voicemail answers")
        await here.call()
        await wait_for(lambda: here.status() == "completed")
        (call,) = here.sandbox.calls_to(ANA.number)
        assert (call.said, call.keys) == (["Press 1.", "Goodbye."], [])
        assert "This is the voicemail of Ana." in await here.page()
        assert here.daemon.to("/twilio/voice/keys") == []

    play(story, FAST)


def test_a_voicemail_is_beaten_by_a_short_ring_and_nobody_else_can_answer_it() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.set_behaviour(ANA.number, Behaviour.VOICEMAIL)
        await here.call(timeout=4)
        await wait_for(lambda: here.status() == "no-answer")
        with pytest.raises(NoCall):
            await here.sandbox.answer(ANA.number)

    play(story, FAST)


def test_a_number_that_nobody_has_fails_and_a_telephone_in_use_is_busy() -> None:
    async def story(here: Standing) -> None:
        await here.call("+15125550177")
        await wait_for(lambda: here.status("+15125550177") == "failed")
        await here.call(timeout=600)
        await here.rings()
        await here.call()
        await wait_for(lambda: here.status() == "busy")
        assert here.sandbox.calls_to(ANA.number)[0].status == "ringing"

    play(story, FAST)


def test_a_ringing_call_is_cancelled_and_a_call_that_is_over_cannot_be() -> None:
    async def story(here: Standing) -> None:
        call = await here.call(timeout=600)
        await here.rings()
        ended = await asyncio.to_thread(call.update, status="canceled")
        assert ended.status == "canceled"
        await here.daemon.heard(3, STATUS)
        assert [status for _, status in heard(here)] == ["initiated", "ringing", "canceled"]
        with pytest.raises(TwilioRestException) as refused:
            await asyncio.to_thread(call.update, status="completed")
        assert (refused.value.status, refused.value.code) == (400, 21220)

    play(story, FAST)


def test_a_queued_call_is_cancelled_before_it_rings() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.call_misbehaviour.late_s = 600
        call = await here.call()
        assert (await asyncio.to_thread(call.update, status="canceled")).status == "canceled"
        await here.daemon.heard(1, STATUS)
        assert heard(here) == [("0", "canceled")]

    play(story)


def test_cancelling_leaves_a_conversation_alone_and_completing_ends_it() -> None:
    async def story(here: Standing) -> None:
        call = await here.call(url=None, twiml="<Response><Pause length='600'/></Response>")
        await here.rings()
        await here.sandbox.answer(ANA.number)
        assert (await asyncio.to_thread(call.update, status="canceled")).status == "in-progress"
        assert (await asyncio.to_thread(call.update, status="completed")).status == "completed"

    play(story, FAST)


def test_completing_a_ringing_call_ends_it_too() -> None:
    async def story(here: Standing) -> None:
        call = await here.call(timeout=600)
        await here.rings()
        assert (await asyncio.to_thread(call.update, status="completed")).status == "canceled"

    play(story, FAST)


def test_only_the_events_that_were_asked_for_are_told() -> None:
    async def story(here: Standing) -> None:
        await here.call(status_callback_event=None, url=None, twiml="<Response/>")
        await here.rings()
        await here.sandbox.answer(ANA.number)
        await here.daemon.heard(1, STATUS)
        assert heard(here) == [("0", "completed")]
        here.sandbox.set_behaviour(ANA.number, Behaviour.DECLINES)
        await here.call(status_callback_event=["ringing"])
        await wait_for(lambda: here.status() == "busy")
        await here.daemon.heard(2, STATUS)
        assert [call.body["CallStatus"] for call in here.daemon.to(STATUS)] == ["completed", "ringing"]

    play(story, FAST)


def test_calls_are_listed_by_number_and_status_with_the_newest_first() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.set_behaviour(ANA.number, Behaviour.OFF)
        sids = [(await here.call(to, timeout=600)).sid for to in (ANA.number, BEN.number, ANA.number)]
        await wait_for(lambda: here.status() == "failed" and here.status(BEN.number) == "ringing")
        calls = here.client().calls
        assert [call.sid for call in await asyncio.to_thread(calls.list, to=ANA.number)] == [sids[2], sids[0]]
        assert [call.sid for call in await asyncio.to_thread(calls.list, from_=NUMBERS.staff, status="ringing")] == [sids[1]]
        assert [call.sid for call in await asyncio.to_thread(calls.list, limit=1, page_size=1)] == [sids[2]]

    play(story, FAST)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (21211, {"to": "512 555 0104"}),
        (21212, {"from_": BEN.number}),
        (21205, {"url": None}),
        (21205, {"url": "voice.xml"}),
        (21205, {"url": None, "twiml": "<Response>" + "x" * 4000}),
        (21609, {"status_callback": "nowhere"}),
        (21626, {"status_callback_event": ["initiated ringing"]}),
        (20001, {"method": "PUT"}),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(code: int, wrong: dict[str, Any]) -> None:
    async def story(here: Standing) -> None:
        with pytest.raises(TwilioRestException) as refused:
            await here.call(**wrong)
        assert (refused.value.status, refused.value.code) == (400, code)
        assert here.sandbox.calls_to(ANA.number) == []

    play(story)


def test_a_wrong_token_gets_nothing_and_an_unknown_call_is_not_found() -> None:
    async def story(here: Standing) -> None:
        with pytest.raises(TwilioException, match="20003"):
            await asyncio.to_thread(here.client("w" * 32).calls.list)
        with pytest.raises(TwilioRestException) as refused:
            await asyncio.to_thread(here.client("w" * 32).calls.create, to=ANA.number, from_=NUMBERS.staff, twiml="<Response/>")
        assert refused.value.code == 20003
        with pytest.raises(TwilioRestException) as refused:
            await asyncio.to_thread(here.client().calls("CA" + "0" * 32).fetch)
        assert (refused.value.status, refused.value.code) == (404, 20404)

    play(story)


def test_it_stops_at_once_in_the_middle_of_a_call() -> None:
    async def story(here: Standing) -> None:
        await here.call(url=None, twiml="<Response><Pause length='600'/></Response>")
        await here.rings()
        await here.sandbox.answer(ANA.number)
        async with asyncio.timeout(2.5):
            await here.sandbox.stop()

    play(story)
