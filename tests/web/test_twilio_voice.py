"""Calls at the real doors: only a key in a call of ours acts, once; what is said is what was committed; a GET or a forged request does nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from sqlalchemy import Connection

from oncall.channels import Outgoing
from oncall.core.messages import Acknowledged, Incident, Resolved
from oncall.core.model import Handbook, ReachStep
from oncall.store import Lane, StoreUnavailable, incidents
from oncall.web.twilio_voice import voice_router
from tests.web.standing import ANA, BEN, REPORT_KEY, Carrier, Standing, handbook, logged_elsewhere, standing
from tests.web.test_twilio import ACCOUNT, REPORT

CALL_AT_ONCE = (ReachStep(ways=("voice", "sms"), after=timedelta(0)), ReachStep(ways=("voice",), after=timedelta(minutes=2)))


def called_at_once() -> Handbook:
    """Ana is called and texted at once, and called again two minutes later."""
    book = handbook()
    return replace(book, people={**book.people, "ana": replace(book.people["ana"], reach=CALL_AT_ONCE)})


class Telephone:
    """A handset at the other end of Twilio: follows our TwiML with signed requests, as Twilio does."""

    def __init__(self, doors: Standing, call: Outgoing, number: str = ANA) -> None:
        self._doors = doors
        self.call = call
        self._form = {"CallSid": "CA1", "AccountSid": ACCOUNT.account_sid, "From": ACCOUNT.staff_number, "To": number, "CallStatus": "in-progress"}

    async def post(self, path: str, more: dict[str, str] | None = None, *, token: str = ACCOUNT.auth_token) -> tuple[int, str]:
        """One signed webhook; status and body."""
        from twilio.request_validator import RequestValidator

        form = {**self._form, **(more or {})}
        signature = RequestValidator(token).compute_signature(ACCOUNT.public_url + path, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        async with aiohttp.ClientSession() as session, session.post(self._doors.url + path, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def follow(self, path: str, more: dict[str, str] | None = None) -> ET.Element:
        """One webhook that is answered with TwiML."""
        status, body = await self.post(path, more)
        assert status == 200, body
        return ET.fromstring(body)  # noqa: S314 -- our own answer

    async def answer(self) -> ET.Element:
        """Picks up."""
        return await self.follow(f"/twilio/voice?o={self.call.url_key}")

    async def press(self, heard: ET.Element, key: str) -> ET.Element:
        """Presses a key while `heard` asks for one."""
        gather = heard.find("Gather")
        assert gather is not None
        return await self.follow(gather.attrib["action"].removeprefix(ACCOUNT.public_url), {"Digits": key})

    async def silent(self, heard: ET.Element) -> ET.Element:
        """Presses nothing: the redirect is followed."""
        redirect = heard.find("Redirect")
        assert redirect is not None
        assert redirect.text is not None
        return await self.follow(redirect.text.removeprefix(ACCOUNT.public_url))


def words(heard: ET.Element) -> str:
    """All that is said."""
    return " ".join(one.text or "" for one in heard.iter("Say"))


def play(folder: Path, story: Callable[[Standing, Telephone], Awaitable[None]]) -> None:
    """Reports an emergency, waits for the call to Ana, and runs a story from there."""

    async def run() -> None:
        voice = Carrier(way="voice")
        async with standing(folder, webhooks=(voice_router(ACCOUNT),), handbook=called_at_once, more_channels={"voice": voice}) as doors:
            status, _ = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
            assert status == 202
            await story(doors, Telephone(doors, await voice.received(ANA)))

    with logged_elsewhere():
        asyncio.run(run())


async def now(doors: Standing) -> Incident:
    """The incident as it is now."""
    incident = await doors.store.tx(lambda conn: incidents.load(conn, "1001"))
    assert incident is not None
    return incident


def test_key_one_takes_it_and_the_answer_says_what_was_committed(tmp_path: Path) -> None:
    """The whole ordinary night."""

    async def story(doors: Standing, ana: Telephone) -> None:
        menu = await ana.answer()
        assert words(menu).startswith(
            "Emergency page from Example Ltd. Severity 1. Dana. Checkout is down. To take it, press 1. To pass it to Ben, press 2."
        )
        assert (await now(doors)).held_by == ""
        told = words(await ana.press(menu, "1"))
        assert told.startswith("You have it. The customer is told now. Call Dana by ")
        incident = await now(doors)
        assert (incident.held_by, incident.status.value) == ("ana", "acknowledged")

    play(tmp_path, story)


def test_an_answer_a_mailbox_and_every_status_acknowledge_nothing(tmp_path: Path) -> None:
    """What is played to a mailbox ends by itself; the statuses come late first, twice, and for calls we do not know."""

    async def story(doors: Standing, ana: Telephone) -> None:
        first = await ana.answer()
        second = await ana.silent(first)
        assert words(second).startswith("Are you there? To take it, press 1.")
        third = await ana.silent(second)
        assert words(third) == words(first)
        end = await ana.silent(third)
        assert words(end).startswith("No key pressed. I will call you again at ")
        assert "If nobody takes it, I call Ben." in words(end)
        assert end[-1].tag == "Hangup"
        for key, status in ((ana.call.url_key, "completed"), (ana.call.url_key, "ringing"), (ana.call.url_key, "completed"), ("0" * 20, "busy")):
            assert await ana.post(f"/twilio/voice/status?o={key}", {"CallStatus": status}) == (204, "")
        incident = await now(doors)
        assert (incident.held_by, incident.status.value) == ("", "open")
        assert [one.state.value for one in incident.pages[0].tries if one.way == "voice"] == ["unanswered"]

    play(tmp_path, story)


def test_key_two_passes_it_and_names_who_is_called_now(tmp_path: Path) -> None:
    """Ben is the next step."""

    async def story(doors: Standing, ana: Telephone) -> None:
        assert words(await ana.press(await ana.answer(), "2")) == "Passed on. I am calling Ben now. Good night."
        incident = await now(doors)
        assert (incident.held_by, incident.step) == ("", 1)

    play(tmp_path, story)


def test_other_keys_answer_and_ask_again_without_deciding_anything(tmp_path: Path) -> None:
    """Details, star, a wrong key, the key that closes with other pagers; then the same call takes it."""

    async def story(doors: Standing, ana: Telephone) -> None:
        heard = await ana.answer()
        before = (await now(doors)).turn
        for key, expected in (
            ("3", "Reported at"),
            ("7", "Not 7. To take it"),
            ("#", "Not that key. To take it"),
            ("6", "To close a case, reply to its text. To take it"),
            ("*", "Emergency page from Example Ltd."),
        ):
            heard = await ana.press(heard, key)
            assert words(heard).startswith(expected)
            assert (await now(doors)).turn == before
        assert words(await ana.press(heard, "4")).startswith("You have it.")
        assert (await now(doors)).held_by == "ana"

    play(tmp_path, story)


def test_the_same_key_of_the_same_call_acts_once(tmp_path: Path) -> None:
    """Twilio repeats webhooks whose answer it did not get."""

    async def story(doors: Standing, ana: Telephone) -> None:
        menu = await ana.answer()
        first, second = words(await ana.press(menu, "1")), words(await ana.press(menu, "1"))
        assert first == second
        assert (await now(doors)).turn == (await now(doors)).held_turn

    play(tmp_path, story)


@pytest.mark.parametrize("key", ["1", "2"])
def test_who_comes_too_late_is_told_who_has_it(tmp_path: Path, key: str) -> None:
    """Ben took it while Ana listened; a new call says so before it asks anything."""

    async def story(doors: Standing, ana: Telephone) -> None:
        menu = await ana.answer()
        await doors.parts.engine.take(Acknowledged(at=doors.parts.now(), incident="1001", by="ben", how="cli"))
        late = words(await ana.press(menu, key))
        assert late.startswith("Ben took this at ")
        assert late.endswith("Nothing for you to do. Good night.")
        assert words(await ana.answer()) == late
        assert (await now(doors)).held_by == "ben"

    play(tmp_path, story)


def test_a_closed_incident_is_said_to_be_closed(tmp_path: Path) -> None:
    """And a key on it opens nothing."""

    async def story(doors: Standing, ana: Telephone) -> None:
        menu = await ana.answer()
        await doors.parts.engine.take(Resolved(at=doors.parts.now(), incident="1001", by="ben", how="cli"))
        assert words(await ana.press(menu, "1")).startswith("Ben closed this at ")
        assert (await now(doors)).status.value == "resolved"

    play(tmp_path, story)


def test_a_forged_key_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Another token; and a GET is no way to act."""

    async def story(doors: Standing, ana: Telephone) -> None:
        for path in ("/twilio/voice", "/twilio/voice/keys", "/twilio/voice/status"):
            assert (await ana.post(f"{path}?o={ana.call.url_key}", {"Digits": "1"}, token="u" * 32))[0] == 403
            assert (await doors.call("GET", f"{path}?o={ana.call.url_key}&d=1", key=REPORT_KEY))[0] == 405
        assert (await now(doors)).held_by == ""

    play(tmp_path, story)


def test_a_key_in_a_call_that_we_did_not_place_acts_on_nothing(tmp_path: Path) -> None:
    """An unknown key of the address, none, the key of a text, and ours pressed on another number (decisions.md 34)."""

    async def story(doors: Standing, ana: Telephone) -> None:
        page = await doors.carrier.received(ANA)
        for number, url_key in ((ANA, "0" * 20), (ANA, ""), (ANA, page.url_key), (BEN, ana.call.url_key)):
            other = Telephone(doors, replace(ana.call, url_key=url_key), number)
            heard = await other.follow(f"/twilio/voice/keys?o={url_key}&n=1&k=0", {"Digits": "1", "CallSid": f"CA{number}{url_key}"})
            assert words(heard) == "This is the on-call line of Example Ltd. I do not know this call. Goodbye."
        assert (await now(doors)).held_by == ""

    play(tmp_path, story)


def test_somebody_who_calls_us_is_greeted_and_learns_nothing(tmp_path: Path) -> None:
    """Calls to our number are no calls of ours, whoever they say they are from (decisions.md 34)."""

    async def story(doors: Standing, ana: Telephone) -> None:
        heard = await ana.follow("/twilio/voice", {"From": ANA, "To": ACCOUNT.staff_number, "Direction": "inbound", "CallStatus": "ringing"})
        assert words(heard) == "This is the on-call line of Example Ltd. I do not know this call. Goodbye."
        assert heard.find("Gather") is None

    play(tmp_path, story)


def test_a_store_in_trouble_is_said_and_the_key_is_brought_again(tmp_path: Path) -> None:
    """One moment, three times; then the key is asked for as a text. Nothing is said to be taken that is not."""

    async def story(doors: Standing, ana: Telephone) -> None:
        menu, tx = await ana.answer(), doors.store.tx

        async def broken(unit: Callable[[Connection], object], *, lane: Lane = Lane.FIRST) -> object:
            raise StoreUnavailable("the disk is full")

        doors.store.tx = broken  # type: ignore[method-assign, assignment]  # the store's trouble is planted where the doors meet it
        try:
            heard = await ana.press(menu, "1")
            for _ in range(2):
                assert words(heard) == "One moment."
                heard = await ana.silent(heard)
            last = await ana.silent(heard)
        finally:
            doors.store.tx = tx  # type: ignore[method-assign]  # see above
        assert words(last).startswith("I cannot look this up now. To take it, send the code of your page as a text.")
        assert last[-1].tag == "Hangup"
        assert words(await ana.silent(heard)).startswith("You have it.")
        assert (await now(doors)).held_by == "ana"

    play(tmp_path, story)


def test_an_address_with_nonsense_for_numbers_still_asks(tmp_path: Path) -> None:
    """Only Twilio signs, so it is our own mistake; a page must not fail over it."""

    async def story(doors: Standing, ana: Telephone) -> None:
        heard = await ana.follow(f"/twilio/voice?o={ana.call.url_key}&n=x&k=-1&t=99999")
        assert "press 1" in words(heard)

    play(tmp_path, story)


def test_a_call_that_could_not_be_placed_brings_the_next_forward(tmp_path: Path) -> None:
    """Failed for good is not silence: the admin is told that the number does not work."""

    async def story(doors: Standing, ana: Telephone) -> None:
        status = {"CallStatus": "failed", "SipResponseCode": "404"}
        assert await ana.post(f"/twilio/voice/status?o={ana.call.url_key}", status) == (204, "")
        incident = await now(doors)
        assert [one.state.value for one in incident.pages[0].tries if one.way == "voice"] == ["failed"]
        assert "does not exist" in (await doors.carrier.received(BEN)).text

    play(tmp_path, story)
