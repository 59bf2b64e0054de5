"""The channel against the sandbox with the real SDK: every misbehaviour has one outcome, and a text is never posted twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from oncall.channels import CHANNELS, ChannelError, Outgoing, ResultUnknown
from oncall.channels.twilio_account import TwilioAccount
from oncall.channels.twilio_signature import signed_by_twilio
from oncall.channels.twilio_sms import TwilioSms, hear, receipt
from oncall.sandbox import Sandbox
from oncall.settings import load_settings
from tests.sandbox.standing import ANA, DANA, KEY, NIGHT, NUMBERS

TOKEN = "t" * 32
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def text(words: str = "SEV1 Northwind: down. Reply 47 = take it", **more: object) -> Outgoing:
    """A message to Ana."""
    given = {"again": False, "known_ids": frozenset(), "line": "staff", "valid_for": timedelta(minutes=5), "kind": "page", "about": "page", **more}
    return Outgoing(order="1001/1/page/ana/sms", incident="1001", turn=1, url_key="k" * 20, address=ANA.number, text=words, **given)  # type: ignore[arg-type]  # named above


def with_channel(story: Callable[[TwilioSms, Sandbox], Awaitable[None]], *, base: str = "") -> None:
    """Runs `story` with a channel and the sandbox that it talks to."""

    async def run() -> None:
        sandbox = Sandbox(numbers=NUMBERS, people=[ANA], customer=DANA, api_key=KEY, now=lambda: NIGHT)
        url = await sandbox.start()
        account = TwilioAccount(
            account_sid=NUMBERS.account_sid, auth_token=NUMBERS.auth_token, staff_number=NUMBERS.staff, customers_number=NUMBERS.customers,
            api_base=base or url, public_url="http://127.0.0.1:9",
        )  # fmt: skip
        channel = TwilioSms(account)
        try:
            await story(channel, sandbox)
        finally:
            await channel.close()
            await sandbox.stop()

    asyncio.run(run())


def test_a_text_is_handed_over_from_the_number_of_its_line() -> None:
    """Staff and customers never share a number if there are two."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        assert (await channel.send(text())).provider_id.startswith("SM")
        await channel.send(text("hello", line="customers"))
        assert [(one.sender, one.body[:5]) for one in sandbox.texts_to(ANA.number)] == [(NUMBERS.staff, "SEV1 "), (NUMBERS.customers, "hello")]

    with_channel(story)


@pytest.mark.parametrize(
    ("refusal", "permanent", "way_broken", "tell_admins"),
    [
        ((400, 21610), True, True, False),
        ((400, 21211), True, True, False),
        ((400, 21614), True, True, False),
        ((400, 21606), True, False, True),
        ((401, 20003), True, False, True),
        ((400, 99999), True, False, False),
        ((429, 20429), False, False, False),
    ],
)
def test_a_refusal_says_what_it_means(refusal: tuple[int, int], permanent: bool, way_broken: bool, tell_admins: bool) -> None:
    """Try again, another way, a broken address, or an account that an admin must mend."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        sandbox.misbehaviour.refuse = refusal
        with pytest.raises(ChannelError) as caught:
            await channel.send(text())
        error = caught.value
        assert (error.permanent, error.way_broken, error.tell_admins) == (permanent, way_broken, tell_admins)
        assert str(refusal[1]) in error.reason
        assert ANA.number not in error.reason

    with_channel(story)


def test_a_lost_answer_is_looked_up_and_not_posted_again() -> None:
    """The provider has it once, and we know its id."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        sandbox.misbehaviour.lose_answer = True
        accepted = await channel.send(text())
        assert [one.sid for one in sandbox.texts_to(ANA.number)] == [accepted.provider_id]

    with_channel(story)


def test_a_provider_that_hangs_is_given_up_within_the_ten_seconds_of_a_send() -> None:
    """The SDK's client has no deadline of its own; ours does, and then looks."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        sandbox.misbehaviour.hang_s = 30
        async with asyncio.timeout(10):
            accepted = await channel.send(text())
        assert [one.sid for one in sandbox.texts_to(ANA.number)] == [accepted.provider_id]

    with_channel(story)


def test_a_server_error_is_unknown_and_posted_once() -> None:
    """It may have been taken; only the core may try again."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        sandbox.misbehaviour.refuse = (503, 20503)
        with pytest.raises(ResultUnknown):
            await channel.send(text())
        assert sandbox.texts_to(ANA.number) == []

    with_channel(story)


def test_a_provider_that_cannot_be_reached_surely_did_not_take_it() -> None:
    """So it may be tried again."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        with pytest.raises(ChannelError) as caught:
            await channel.send(text())
        assert not caught.value.permanent

    with_channel(story, base="http://127.0.0.1:1")


def test_a_second_attempt_looks_first_and_never_takes_another_message_for_its_own() -> None:
    """After a crash the same words may be there already; an earlier page with the same words is not this one."""

    async def story(channel: TwilioSms, sandbox: Sandbox) -> None:
        first = await channel.send(text())
        assert await channel.send(text(again=True)) == first
        assert len(sandbox.texts_to(ANA.number)) == 1
        other = await channel.send(text(again=True, known_ids=frozenset({first.provider_id})))
        assert other != first
        assert len(sandbox.texts_to(ANA.number)) == 2

    with_channel(story)


def test_a_channel_without_credentials_is_off() -> None:
    """Every channel of the registry says so by being None."""
    assert {way: make(load_settings()) for way, make in CHANNELS.items()} == dict.fromkeys(CHANNELS)


URL = "https://oncall.example.com/twilio/sms?o=1"
FORM = [("From", ANA.number), ("Body", "47"), ("ToCity", ""), ("Media", "a"), ("Media", "b")]


def test_only_twilios_signature_over_our_public_address_is_good() -> None:
    """Another scheme, field, value or token is another signature; empty and repeated fields are signed too."""
    from twilio.request_validator import RequestValidator

    from oncall.channels.twilio_signature import Multi

    fields: dict[str, list[str]] = {}
    for name, value in FORM:
        fields.setdefault(name, []).append(value)
    good = RequestValidator(TOKEN).compute_signature(URL, Multi(fields))
    assert signed_by_twilio(TOKEN, URL, FORM, good)
    assert not signed_by_twilio(TOKEN, URL.replace("https", "http"), FORM, good)
    assert not signed_by_twilio(TOKEN, URL, FORM[:-1], good)
    assert not signed_by_twilio(TOKEN, URL, [*FORM[:1], ("Body", "52"), *FORM[2:]], good)
    assert not signed_by_twilio("u" * 32, URL, FORM, good)
    for bad in ("", None, "ü", good[:-2]):
        assert not signed_by_twilio(TOKEN, URL, FORM, bad)


def test_what_a_webhook_says_becomes_facts() -> None:
    """Pure: the time and the seed are given."""
    heard = hear({"From": ANA.number, "Body": "47", "MessageSid": "SM1"}, at=AT, seed="ab", line="staff")
    assert (heard.sender, heard.text, heard.reference, heard.way) == (ANA.number, "47", "SM1", "sms")
    failed = receipt({"MessageStatus": "undelivered", "ErrorCode": "30006"}, at=AT, url_key="k")
    assert (failed.status, failed.way_broken) == ("undelivered", True)
    assert "landline" in failed.reason
    assert receipt({"MessageStatus": "delivered"}, at=AT, url_key="k").reason == ""
