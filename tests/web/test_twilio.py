"""Twilio's webhooks at the real doors: forged ones change nothing, signed ones are taken once, and trouble makes Twilio come again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from oncall.channels.twilio_account import TwilioAccount
from oncall.store import incidents
from oncall.web.twilio import twilio_router
from tests.web.standing import ANA, REPORT_KEY, Standing, logged_elsewhere, standing

ACCOUNT = TwilioAccount(
    account_sid="AC" + "0" * 32, auth_token="t" * 32, staff_number="+15125550100", customers_number="+15125550101",
    api_base="http://127.0.0.1:9", public_url="https://oncall.example.com",
)  # fmt: skip
REPORT = {"summary": "Checkout is down", "contact": {"name": "Dana", "phone": "+15125550199"}}


class Twilio:
    """Calls the webhooks as Twilio does, signed for our public address."""

    def __init__(self, doors: Standing) -> None:
        self._doors = doors

    async def post(
        self, path: str, form: dict[str, str], *, token: str = ACCOUNT.auth_token, base: str = ACCOUNT.public_url, raw: bytes | None = None
    ) -> int:  # fmt: skip
        """One webhook; the HTTP status."""
        from twilio.request_validator import RequestValidator

        signature = RequestValidator(token).compute_signature(base + path, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode() if raw is None else raw
        async with aiohttp.ClientSession() as session, session.post(self._doors.url + path, data=body, headers=headers) as answer:
            return answer.status

    async def text(self, words: str, sid: str = "SM1", sender: str = ANA, **more: str) -> int:
        """A text to the staff number."""
        form = {"MessageSid": sid, "AccountSid": ACCOUNT.account_sid, "From": sender, "To": ACCOUNT.staff_number, "Body": words, "FromCity": ""}
        return await self.post("/twilio/sms", {**form, **more})


def play(folder: Path, story: Callable[[Standing, Twilio], Awaitable[None]]) -> None:
    """Runs a story against the doors with Twilio's routes."""

    async def run() -> None:
        async with standing(folder, webhooks=(twilio_router(ACCOUNT),)) as doors:
            await story(doors, Twilio(doors))

    with logged_elsewhere():
        asyncio.run(run())


async def paged(doors: Standing) -> str:
    """Reports an emergency and waits for Ana's page; the code in it."""
    status, _ = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
    assert status == 202
    page = await doors.carrier.received(ANA)
    return page.text.partition("Reply ")[2].partition(" ")[0]


async def held_by(doors: Standing) -> str:
    """Who holds the first incident."""
    incident = await doors.store.tx(lambda conn: incidents.load(conn, "1001"))
    assert incident is not None
    return incident.held_by


def test_a_signed_reply_takes_the_page_and_its_repetition_changes_nothing(tmp_path: Path) -> None:
    """Twilio repeats webhooks; the message id makes it one."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        code = await paged(doors)
        assert [await twilio.text(code), await twilio.text(code)] == [200, 200]
        assert await held_by(doors) == "ana"
        assert [one.order.split("/")[2] for one in doors.carrier.sent if one.order.endswith("/ana/sms")].count("already_yours") == 0

    play(tmp_path, story)


@pytest.mark.parametrize(("token", "base"), [("u" * 32, ACCOUNT.public_url), (ACCOUNT.auth_token, "http://oncall.example.com")])
def test_a_forged_reply_is_refused_and_changes_nothing(tmp_path: Path, token: str, base: str) -> None:
    """Another token, or a signature over another address than our public one."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        code = await paged(doors)
        form = {"MessageSid": "SM1", "AccountSid": ACCOUNT.account_sid, "From": ANA, "To": ACCOUNT.staff_number, "Body": code}
        assert await twilio.post("/twilio/sms", form, token=token, base=base) == 403
        assert await twilio.post("/twilio/sms/status?o=abc", form, token=token, base=base) == 403
        assert await held_by(doors) == ""

    play(tmp_path, story)


def test_a_request_of_another_account_is_refused(tmp_path: Path) -> None:
    """Even if somebody has the same token."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        assert await twilio.text("47", AccountSid="AC" + "1" * 32) == 403

    play(tmp_path, story)


def test_a_body_that_is_no_form_is_refused_before_anything_else(tmp_path: Path) -> None:
    """Not UTF-8, too many fields, too large."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        for raw, status in ((b"Body=%ff%fe", 400), (b"\xff\xfe", 400), (b"&".join(b"f%d=1" % one for one in range(200)), 400), (b"x" * 70_000, 413)):
            assert await twilio.post("/twilio/sms", {}, raw=raw) == status

    play(tmp_path, story)


def test_a_get_never_acts(tmp_path: Path) -> None:
    """Link previews fetch addresses."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        status, _ = await doors.call("GET", "/twilio/sms", key=REPORT_KEY)
        assert status == 405

    play(tmp_path, story)


def test_receipts_come_in_any_order_and_for_texts_we_do_not_know(tmp_path: Path) -> None:
    """Delivered then sent, twice, and for a key that nobody has: all are taken, none acknowledges."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        await paged(doors)
        page = await doors.carrier.received(ANA)
        form = {"MessageSid": "SM1", "AccountSid": ACCOUNT.account_sid, "To": ANA, "From": ACCOUNT.staff_number}
        for key, status in ((page.url_key, "delivered"), (page.url_key, "sent"), (page.url_key, "delivered"), ("0" * 20, "delivered")):
            assert await twilio.post(f"/twilio/sms/status?o={key}", {**form, "MessageStatus": status}) == 204
        incident = await doors.store.tx(lambda conn: incidents.load(conn, "1001"))
        assert incident is not None
        assert (incident.status.value, incident.pages[0].tries[0].state.value) == ("open", "delivered")

    play(tmp_path, story)


def test_an_undelivered_page_moves_on_at_once(tmp_path: Path) -> None:
    """A landline will not ring later: the next step is paged, the way is marked broken, the admin is told."""

    async def story(doors: Standing, twilio: Twilio) -> None:
        await paged(doors)
        page = await doors.carrier.received(ANA)
        form = {"MessageSid": "SM1", "AccountSid": ACCOUNT.account_sid, "To": ANA, "From": ACCOUNT.staff_number, "ErrorCode": "30006"}
        assert await twilio.post(f"/twilio/sms/status?o={page.url_key}", {**form, "MessageStatus": "undelivered"}) == 204
        text = (await doors.carrier.received("+15125550105")).text
        assert "Ana" in text
        incident = await doors.store.tx(lambda conn: incidents.load(conn, "1001"))
        assert incident is not None
        assert incident.step == 1

    play(tmp_path, story)
