"""The API of the sandbox, by the real SDK: what it takes, what it refuses and in which words, and what it brings to the handset."""

from __future__ import annotations

import asyncio
from base64 import b64encode

import pytest
from requests.exceptions import ConnectionError as Cut
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.sandbox.standing import ANA, BEN, DANA, NUMBERS, Standing, play, wait_for

STATUS = "/twilio/sms/status"


def test_a_message_is_taken_and_reaches_the_handset() -> None:
    async def story(here: Standing) -> None:
        message = await here.send()
        assert (message.status, message.to, message.from_, message.body) == ("queued", ANA.number, NUMBERS.staff, "Checkout is down")
        assert message.sid.startswith("SM")
        await wait_for(lambda: here.sandbox.texts_to(ANA.number)[0].status == "delivered")
        assert [text.body for text in here.sandbox.texts_to(ANA.number)] == ["Checkout is down"]
        assert here.sandbox.texts_to(BEN.number) == []
        again = await asyncio.to_thread(here.client().messages(message.sid).fetch)
        assert (again.sid, again.status) == (message.sid, "delivered")

    play(story)


def test_messages_are_listed_by_both_numbers_with_the_newest_first() -> None:
    async def story(here: Standing) -> None:
        for to, body in ((ANA, "one"), (BEN, "two"), (ANA, "three")):
            await here.send(to.number, body)
        await here.send(ANA.number, "four", NUMBERS.customers)
        messages = here.client().messages
        found = await asyncio.to_thread(messages.list, to=ANA.number, from_=NUMBERS.staff)
        assert [message.body for message in found] == ["three", "one"]
        found = await asyncio.to_thread(messages.list, to=ANA.number, limit=1, page_size=1)
        assert [message.body for message in found] == ["four"]

    play(story)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        (21211, {"To": "512 555 0104", "From": NUMBERS.staff, "Body": "x"}),
        (21602, {"To": ANA.number, "From": NUMBERS.staff}),
        (21603, {"To": ANA.number, "Body": "x"}),
        (21606, {"To": ANA.number, "From": BEN.number, "Body": "x"}),
        (21617, {"To": ANA.number, "From": NUMBERS.staff, "Body": "x" * 1601}),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code_and_its_fields(code: int, form: dict[str, str]) -> None:
    async def story(here: Standing) -> None:
        status, body = await post(here, form)
        assert (status, body["code"], body["status"]) == (400, code, 400)
        assert set(body) == {"code", "message", "more_info", "status"}
        assert here.sandbox.texts_to(ANA.number) == []

    play(story)


def test_the_longest_body_is_taken() -> None:
    async def story(here: Standing) -> None:
        await here.send(body="x" * 1600)
        assert len(here.sandbox.texts_to(ANA.number)) == 1

    play(story)


def test_a_wrong_token_gets_nothing() -> None:
    async def story(here: Standing) -> None:
        with pytest.raises(TwilioRestException) as refused:
            await asyncio.to_thread(here.client("w" * 32).messages("SM" + "0" * 32).fetch)
        assert (refused.value.status, refused.value.code) == (401, 20003)
        with pytest.raises(TwilioException, match="20003"):
            await asyncio.to_thread(here.client("w" * 32).messages.list)
        with pytest.raises(TwilioRestException):
            await asyncio.to_thread(here.client("w" * 32).messages.create, to=ANA.number, from_=NUMBERS.staff, body="x")
        assert here.sandbox.texts_to(ANA.number) == []

    play(story)


def test_after_stop_nothing_more_is_sent_until_start() -> None:
    async def story(here: Standing) -> None:
        await here.sandbox.reply(ANA.number, "Stop")
        with pytest.raises(TwilioRestException) as refused:
            await here.send()
        assert refused.value.code == 21610
        await here.send(sender=NUMBERS.customers, body="the other number is not meant")
        await here.sandbox.reply(ANA.number, "START")
        await here.send(body="again")
        bodies = [text.body for text in here.sandbox.texts_to(ANA.number)]
        assert "unsubscribed" in bodies[0]
        assert bodies[1] == "the other number is not meant"
        assert "re-subscribed" in bodies[2]
        assert bodies[3] == "again"
        heard = await here.daemon.heard(2, "/twilio/sms")
        assert [call.body["Body"] for call in heard] == ["Stop", "START"]

    play(story)


def test_receipts_are_signed_and_leave_the_fragment_at_home() -> None:
    async def story(here: Standing) -> None:
        message = await here.send(status_callback=f"{here.daemon.url}{STATUS}?o=abc123#rc=2&rp=5xx,ct,rt")
        calls = await here.daemon.heard(2, STATUS)
        assert [call.body["MessageStatus"] for call in calls] == ["sent", "delivered"]
        assert {call.path for call in calls} == {f"{STATUS}?o=abc123"}
        assert all(call.signed for call in calls)
        assert calls[0].body["MessageSid"] == message.sid
        assert calls[0].body["AccountSid"] == NUMBERS.account_sid

    play(story)


def test_a_text_of_a_handset_comes_signed_with_its_empty_fields() -> None:
    async def story(here: Standing) -> None:
        assert await here.sandbox.reply(ANA.number, "42 é") == 200
        assert await here.sandbox.reply(DANA.number, "hello?", "customers") == 200
        first, second = await here.daemon.heard(2, "/twilio/sms")
        assert first.signed
        assert (first.body["From"], first.body["To"], first.body["Body"]) == (ANA.number, NUMBERS.staff, "42 é")
        assert (first.body["FromCity"], first.body["SmsStatus"], first.body["NumMedia"]) == ("", "received", "0")
        assert first.body["MessageSid"] == first.body["SmsSid"] == first.body["SmsMessageSid"]
        assert second.body["To"] == NUMBERS.customers

    play(story)


def test_a_text_that_the_daemon_did_not_take_says_so_on_the_handset() -> None:
    async def story(here: Standing) -> None:
        here.daemon.status = 503
        assert await here.sandbox.reply(ANA.number, "42") == 503
        here.sandbox.daemon_at("http://127.0.0.1:9")
        assert await here.sandbox.reply(ANA.number, "43") == 0
        page = await here.page()
        assert "not taken by the daemon (503)" in page
        assert "not taken: the daemon does not answer" in page

    play(story)


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (503, 20503), (400, 30034)])
def test_it_refuses_when_told_to_and_accepts_nothing(status: int, code: int) -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.refuse = (status, code)
        with pytest.raises(TwilioRestException) as refused:
            await here.send()
        assert (refused.value.status, refused.value.code) == (status, code)
        assert here.sandbox.texts_to(ANA.number) == []
        here.sandbox.misbehaviour.refuse = None
        await here.send()

    play(story)


def test_a_lost_answer_leaves_an_accepted_message() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.lose_answer = True
        with pytest.raises(Cut):
            await here.send()
        assert len(here.sandbox.texts_to(ANA.number)) == 1

    play(story)


def test_a_hanging_answer_leaves_an_accepted_message() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.hang_s = 30.0
        # Left to itself; the sandbox's stop must not wait for it.
        waiting = asyncio.create_task(post(here, {"To": ANA.number, "From": NUMBERS.staff, "Body": "x"}))
        await wait_for(lambda: here.sandbox.texts_to(ANA.number))
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    play(story)


async def post(here: Standing, form: dict[str, str]) -> tuple[int, dict[str, object]]:
    """A form without the SDK, which checks some things by itself and whose threads cannot be cancelled."""
    credentials = b64encode(f"{NUMBERS.account_sid}:{NUMBERS.auth_token}".encode()).decode()
    path = f"/2010-04-01/Accounts/{NUMBERS.account_sid}/Messages.json"
    async with here.session.post(here.url + path, data=form, headers={"Authorization": f"Basic {credentials}"}) as answer:
        return answer.status, await answer.json()


def test_receipts_come_repeatedly_and_in_the_wrong_order_when_told_to() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.receipts_times = 2
        here.sandbox.misbehaviour.receipts_reversed = True
        await here.send(status_callback=here.daemon.url + STATUS)
        calls = await here.daemon.heard(4, STATUS)
        assert [call.body["MessageStatus"] for call in calls] == ["delivered", "delivered", "sent", "sent"]
        assert here.sandbox.texts_to(ANA.number)[0].status == "delivered"

    play(story)


def test_a_message_fails_on_its_way_with_the_code_it_was_told() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.fail_later = 30003
        message = await here.send(status_callback=here.daemon.url + STATUS)
        calls = await here.daemon.heard(2, STATUS)
        assert (calls[1].body["MessageStatus"], calls[1].body["ErrorCode"]) == ("undelivered", "30003")
        assert "ErrorCode" not in calls[0].body
        again = await asyncio.to_thread(here.client().messages(message.sid).fetch)
        assert (again.status, again.error_code) == ("undelivered", 30003)

    play(story)


def test_a_message_stays_on_its_way_when_told_to() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.misbehaviour.deliver = False
        await here.send(status_callback=here.daemon.url + STATUS)
        await here.daemon.heard(1, STATUS)
        # A second message overtakes: had the first a second receipt, it would have come before this one's.
        here.sandbox.misbehaviour.deliver = True
        await here.send(BEN.number, status_callback=here.daemon.url + STATUS)
        calls = await here.daemon.heard(3, STATUS)
        assert [(call.body["To"], call.body["MessageStatus"]) for call in calls] == [
            (ANA.number, "sent"), (BEN.number, "sent"), (BEN.number, "delivered"),
        ]  # fmt: skip

    play(story)
