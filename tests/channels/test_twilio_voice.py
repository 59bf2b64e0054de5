"""The channel for calls against the sandbox with the real SDK: a call is never placed twice, one that rings can be ended, a key is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from oncall.channels import ChannelError, Outgoing, ResultUnknown
from oncall.channels.twilio_account import TwilioAccount
from oncall.channels.twilio_voice import RING_S, TwilioVoice, hear, receipt
from oncall.sandbox import Sandbox
from tests.sandbox.standing import ANA, BEN, DANA, KEY, NIGHT, NUMBERS, recording, wait_for

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def page(url_key: str = "k" * 20, *, kind: str = "page", address: str = ANA.number, again: bool = False, known: str = "") -> Outgoing:
    """A call to Ana."""
    return Outgoing(
        order="1001/1/page/ana/voice", kind=kind, about="page", incident="1001", turn=1, url_key=url_key, line="staff", address=address,
        text="SEV1. Northwind. Down.", valid_for=timedelta(minutes=5), again=again, known_ids=frozenset({known} - {""}),
    )  # fmt: skip


def with_channel(story: Callable[[TwilioVoice, Sandbox], Awaitable[None]], *, base: str = "") -> None:
    """Runs `story` with a channel and the sandbox that it talks to."""

    async def run() -> None:
        async with recording() as daemon:
            sandbox = Sandbox(numbers=NUMBERS, people=[ANA, BEN], customer=DANA, api_key=KEY, now=lambda: NIGHT)
            url = await sandbox.start()
            account = TwilioAccount(
                account_sid=NUMBERS.account_sid, auth_token=NUMBERS.auth_token, staff_number=NUMBERS.staff, customers_number=NUMBERS.customers,
                api_base=base or url, public_url=daemon.url,
            )  # fmt: skip
            channel = TwilioVoice(account)
            try:
                await story(channel, sandbox)
            finally:
                await channel.close()
                await sandbox.stop()

    asyncio.run(run())


def test_a_call_rings_from_the_staff_number_shorter_than_a_mailbox_waits() -> None:
    """What it says and how it goes is asked of us, under the order's key."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        accepted = await channel.send(page())
        (call,) = sandbox.calls_to(ANA.number)
        assert (call.sid, call.sender, call.timeout_s, call.timeout_s < 25) == (accepted.provider_id, NUMBERS.staff, RING_S, True)
        assert call.url.partition("#")[0].endswith("/twilio/voice?o=" + "k" * 20)
        assert call.callback.url.partition("#")[0].endswith("/twilio/voice/status?o=" + "k" * 20)
        assert call.callback.events == {"initiated", "ringing", "answered", "completed"}

    with_channel(story)


@pytest.mark.parametrize(
    ("refusal", "permanent", "way_broken", "tell_admins"),
    [
        ((400, 21211), True, True, False),
        ((400, 21214), True, True, False),
        ((400, 21215), True, False, True),
        ((400, 21219), True, False, True),
        ((400, 13227), True, False, True),
        ((401, 20003), True, False, True),
        ((400, 99999), True, False, False),
        ((429, 20429), False, False, False),
    ],
)
def test_a_refusal_says_what_it_means(refusal: tuple[int, int], permanent: bool, way_broken: bool, tell_admins: bool) -> None:
    """Try again, another way, a broken number, or an account that an admin must mend."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        sandbox.call_misbehaviour.refuse = refusal
        with pytest.raises(ChannelError) as caught:
            await channel.send(page())
        error = caught.value
        assert (error.permanent, error.way_broken, error.tell_admins) == (permanent, way_broken, tell_admins)
        assert str(refusal[1]) in error.reason
        assert sandbox.calls_to(ANA.number) == []

    with_channel(story)


@pytest.mark.parametrize("fault", ["lost", "hangs"])
def test_a_lost_answer_is_looked_up_and_no_second_call_is_placed(fault: str) -> None:
    """Within the ten seconds of a send."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        sandbox.call_misbehaviour.lose_answer = fault == "lost"
        sandbox.call_misbehaviour.hang_s = 30 if fault == "hangs" else 0
        async with asyncio.timeout(10):
            accepted = await channel.send(page())
        assert [one.sid for one in sandbox.calls_to(ANA.number)] == [accepted.provider_id]

    with_channel(story)


def test_a_call_of_another_order_is_never_taken_for_one_whose_answer_was_lost() -> None:
    """Calls carry no words to tell them apart: what this channel placed, what the outbox knows, and what is over are others'."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        first = await channel.send(page("a" * 20))
        sandbox.call_misbehaviour.refuse = (503, 20503)
        with pytest.raises(ResultUnknown):
            await channel.send(page("b" * 20))
        anew = TwilioVoice(channel._account)  # a daemon that was started again
        try:
            with pytest.raises(ResultUnknown):
                await anew.send(page("b" * 20, known=first.provider_id))
            await sandbox.decline(ANA.number)
            with pytest.raises(ResultUnknown):
                await anew.send(page("b" * 20))
        finally:
            await anew.close()

    with_channel(story)


def test_a_second_attempt_looks_first() -> None:
    """After a crash the telephone may ring already."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        first = await channel.send(page())
        anew = TwilioVoice(channel._account)
        try:
            assert await anew.send(page(again=True)) == first
        finally:
            await anew.close()
        assert len(sandbox.calls_to(ANA.number)) == 1

    with_channel(story)


def test_a_provider_that_cannot_be_reached_surely_did_not_take_it() -> None:
    """So it may be tried again."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        with pytest.raises(ChannelError) as caught:
            await channel.send(page())
        assert not caught.value.permanent

    with_channel(story, base="http://127.0.0.1:1")


def test_a_call_that_rings_is_ended_and_one_that_is_over_counts_as_ended() -> None:
    """Twice is once; a call that never was is no call either."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        accepted = await channel.send(page())
        (call,) = sandbox.calls_to(ANA.number)
        await wait_for(lambda: call.status == "ringing")
        for address in (accepted.provider_id, accepted.provider_id, "CA" + "0" * 32):
            assert (await channel.send(page(kind="hang_up", address=address))).provider_id == address
        assert call.status == "canceled"

    with_channel(story)


def test_a_refusal_to_end_a_call_for_another_reason_is_a_failure() -> None:
    """Credentials that are refused end nothing."""

    async def story(channel: TwilioVoice, sandbox: Sandbox) -> None:
        wrong = TwilioVoice(TwilioAccount(
            account_sid=NUMBERS.account_sid, auth_token="x" * 32, staff_number=NUMBERS.staff, customers_number=NUMBERS.customers,
            api_base=channel._account.api_base, public_url=channel._account.public_url,
        ))  # fmt: skip
        try:
            with pytest.raises(ChannelError) as caught:
                await wrong.send(page(kind="hang_up", address="CA1"))
            assert caught.value.tell_admins
        finally:
            await wrong.close()

    with_channel(story)


CALLED = {"CallSid": "CA1", "From": NUMBERS.staff, "To": ANA.number}


def test_a_key_is_heard_from_the_number_that_was_called() -> None:
    """Each key of a call has a reference of its own."""
    heard = hear(CALLED, at=AT, seed="ab", url_key="k", digits="1", press=2)
    assert (heard.way, heard.sender, heard.line, heard.text, heard.reference, heard.about) == ("voice", ANA.number, "staff", "1", "CA1:2", "k")


@pytest.mark.parametrize(
    ("form", "status", "reason", "way_broken"),
    [
        ({"CallStatus": "ringing"}, "ringing", "", False),
        ({"CallStatus": "in-progress", "SequenceNumber": "2"}, "in-progress", "", False),
        ({"CallStatus": "busy", "SipResponseCode": "486"}, "busy", "it was busy or turned away", False),
        ({"CallStatus": "no-answer"}, "no-answer", "nobody answered", False),
        ({"CallStatus": "completed", "CallDuration": "9"}, "completed", "it was answered, and ended without a key that takes it", False),
        ({"CallStatus": "failed", "SipResponseCode": "480"}, "no-answer", "the handset is off or out of reach (SIP 480)", False),
        ({"CallStatus": "failed", "SipResponseCode": "404"}, "failed", "this number does not exist (SIP 404)", True),
        ({"CallStatus": "failed", "SipResponseCode": "503"}, "failed", "the call could not be placed (SIP 503)", False),
        ({"CallStatus": "failed", "ErrorCode": "13224"}, "failed", "this is no telephone number (13224)", True),
        ({"CallStatus": "failed", "ErrorCode": "x²"}, "failed", "the call could not be placed", False),
        ({"CallStatus": "canceled"}, "canceled", "", False),
    ],
)
def test_what_a_status_says(form: dict[str, str], status: str, reason: str, way_broken: bool) -> None:
    """Completed is not heard, and the handset that is off is no failure (telephony.md 0.7 and 3)."""
    news = receipt({**CALLED, **form}, at=AT, url_key="k")
    assert (news.status, news.reason, news.way_broken, news.url_key) == (status, reason, way_broken, "k")
