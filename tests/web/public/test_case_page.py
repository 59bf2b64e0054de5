"""The page of a case: only whoever has its secret sees it, it says what is so, and its three forms do what they say, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall.core.messages import Incident, Noted, Resolved, Status
from oncall.core.model import AfterHours, Handbook
from oncall.core.replies import CASE_ALPHABET, draw_secret
from oncall.core.rota import Hours, WeeklySpan
from oncall.web.public.answering import NOT_STORED
from tests.web.public.browsing import WAYS, Seen, contents, look, resolved, send
from tests.web.public.test_report_page import HOSTILE, all_incidents, form
from tests.web.standing import ANA, BEN, DESK_KEY, HERE, Standing, handbook, play, wait_for


def closed(after_hours: AfterHours) -> Handbook:
    """The office opens for a minute in three days; until then a 'sev2' waits, or is declined."""
    book, now = handbook(), datetime.now(UTC)
    minute = ((now.weekday() + 3) % 7 * 24 + now.hour) * 60 + now.minute
    (severity,) = book.severities.values()
    milder = replace(severity, id="sev2", rank=1, after_hours=after_hours, contact_within={}, contact_after_opening=timedelta(hours=1))
    office = Hours(name="office", spans=(WeeklySpan(opens_minute=minute, closes_minute=minute + 1),), inverted=False, place=HERE)
    return replace(book, severities={"sev1": severity, "sev2": milder}, office=office)


async def opened(doors: Standing, **change: str) -> tuple[Seen, Incident]:
    """A report by the form, the page it leads to, and its incident once the first page is out."""
    page = await send(doors, "/report", await form(doors, **change))
    (incident,) = await all_incidents(doors)
    return page, incident


def address(incident: Incident) -> str:
    """Where the page of a case is."""
    return f"/c/{incident.case}-{draw_secret(incident.seed)}"


async def acted(doors: Standing, incident: Incident, verb: str, by: str = "ana") -> None:
    """A responder does something."""
    status, _ = await doors.call("POST", f"/v1/incidents/{incident.id}/{verb}", {"by": by}, key=DESK_KEY)
    assert status == 200


async def until(doors: Standing, path: str, words: str) -> Seen:
    """The page once it says `words`."""
    async with asyncio.timeout(10):
        while words not in (page := await look(doors, path)).text:  # noqa: ASYNC110 -- it looks again, as a customer does
            await asyncio.sleep(0.02)
    return page


def test_a_case_is_followed_from_the_report_to_the_close(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, incident = await opened(doors)
        assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")
        assert f"Case {incident.case}" in page.text
        await doors.carrier.received(ANA)
        page = await until(doors, address(incident), "✓ We alerted our engineers at ")
        assert "We have alerted our engineers, and wait for one of them to take your case." in page.text
        assert "○ A person contacts you by " in page.text
        await acted(doors, incident, "acknowledge")
        page = await look(doors, address(incident))
        assert "Ana has your case." in page.text
        await acted(doors, incident, "contacted")
        await acted(doors, incident, "resolve")
        page = await look(doors, address(incident).lower().replace("/C/", "/c/"))
        assert "Ana closed your case at " in page.text
        assert "✓ A person contacted you at " in page.text
        assert (page.has_form("Still broken"), page.has_form("It cannot wait"), page.has_form("Send it")) == (True, False, False)

    play(tmp_path, story, ways=WAYS)


def test_nothing_of_ours_is_on_the_page(tmp_path: Path) -> None:
    """No number, no reply code, no attempt, no note, no reason, whatever happened."""

    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        page_of_ana = (await doors.carrier.received(ANA)).text
        status, _ = await doors.call("POST", f"/v1/incidents/{incident.id}/note", {"by": "ana", "text": "their own fault"}, key=DESK_KEY)
        assert status == 200
        await acted(doors, incident, "pass")
        await doors.carrier.received(BEN)
        await acted(doors, incident, "acknowledge", "ben")
        (now,) = await all_incidents(doors)
        page = await look(doors, address(incident))
        assert "Ben has your case." in page.text
        for secret in (ANA, BEN, ANA[-4:], "their own fault", page_of_ana, "SM1", "Ana", now.because, *(f" {one.code} " for one in now.pages)):
            assert secret not in page.text, secret

    play(tmp_path, story, ways=WAYS)


def test_only_the_right_secret_opens_it_and_a_wrong_one_looks_like_no_case(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        secret = draw_secret(incident.seed)
        nearly = secret[:-1] + next(char for char in CASE_ALPHABET if char != secret[-1])
        other = next(f"{char}{incident.case[1:]}" for char in CASE_ALPHABET if char != incident.case[0])
        for wrong in (
            f"{incident.case}-{nearly}",
            f"{other}-{secret}",
            f"{incident.id}-{secret}",
            incident.case,
            f"{incident.case}-",
            HOSTILE.replace("/", ""),
        ):
            page = await look(doors, f"/c/{wrong}")
            assert (page.status, "There is no such page" in page.text, "<script" in page.html) == (404, True, False), wrong
        before = await contents(doors)
        assert (await send(doors, f"/c/{incident.case}-{nearly}/add", {"words": "x"})).status == 404
        assert await contents(doors) == before

    play(tmp_path, story, ways=WAYS)


def test_guessing_is_stopped_for_whoever_guesses(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        guesser = {"X-Forwarded-For": "192.0.2.66"}
        statuses = [(await look(doors, f"/c/{incident.case}-2222222{char}", guesser)).status for char in CASE_ALPHABET[:11]]
        assert statuses == [404] * 10 + [429]
        right = await look(doors, address(incident), guesser)
        assert (right.status, "Too many at once" in right.text, "+15125550101" in right.text) == (429, True, True)
        assert (await look(doors, address(incident))).status == 200

    play(tmp_path, story, ways=WAYS)


def test_words_that_are_added_reach_whoever_has_it_once(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, incident = await opened(doors)
        await acted(doors, incident, "acknowledge")
        filled = {**page.form("Send it").values, "words": f"The tills too {HOSTILE}"}
        page = await send(doors, f"{address(incident)}/add", filled)
        assert f"The tills too {HOSTILE} We passed it on to Ana." in page.text
        assert "<script" not in page.html
        assert (await send(doors, f"{address(incident)}/add", filled)).text.count("The tills too") == 1
        await wait_for(lambda: any("Dana writes:" in one.text and "The tills too" in one.text for one in doors.carrier.sent))

    play(tmp_path, story, ways=WAYS)


def test_nothing_is_added_without_words_and_the_page_says_so_at_the_field(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, incident = await opened(doors)
        page = await send(doors, f"{address(incident)}/add", {**page.form("Send it").values, "words": " "})
        assert (page.status, "Tell us what you know." in page.text) == (422, True)
        again = page.form("Send it")
        page = await send(doors, resolved(f"{address(incident)}/add", again.action), {**again.values, "words": "tills"})
        assert "tills We added it to your case." in page.text

    play(tmp_path, story, ways=WAYS)


def test_what_we_write_to_the_customer_is_on_the_page_as_it_was_written(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        await acted(doors, incident, "acknowledge")
        for words in ("We found the cause.", f"Back at four {HOSTILE}"):
            status, _ = await doors.call("POST", f"/v1/incidents/{incident.id}/update", {"by": "ana", "text": words}, key=DESK_KEY)
            assert status == 200
        page = await look(doors, address(incident))
        assert page.text.index(f"Back at four {HOSTILE}") < page.text.index("We found the cause.")
        assert "<script" not in page.html

    play(tmp_path, story, ways=WAYS)


@pytest.mark.parametrize("kind", [AfterHours.WAIT, AfterHours.DECLINE])
def test_a_customer_overrules_a_case_that_waits_or_was_declined(kind: AfterHours, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, incident = await opened(doors, severity="sev2")
        assert incident.status is {AfterHours.WAIT: Status.WAITING, AfterHours.DECLINE: Status.DECLINED}[kind]
        assert ("Your case waits until we open" in page.text) == (kind is AfterHours.WAIT)
        assert ("so nobody is called for it" in page.text) == (kind is AfterHours.DECLINE)
        assert not [one for one in doors.carrier.sent if one.address == ANA]
        page = await send(doors, f"{address(incident)}/urgent", page.form("It cannot wait").values)
        assert "It cannot wait. We alert our engineers now." in page.text
        assert not page.has_form("It cannot wait")
        assert "Checkout is down" in (await doors.carrier.received(ANA)).text

    play(tmp_path, story, handbook=lambda: closed(kind), ways=WAYS)


def test_a_closed_case_is_opened_again_while_it_is_fresh(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        await acted(doors, incident, "resolve")
        page = await look(doors, address(incident))
        filled = page.form("Still broken").values
        page = await send(doors, f"{address(incident)}/broken", filled)
        assert "It is still broken. Your case is open again. We alert our engineers now." in page.text
        assert not page.has_form("Still broken")
        # The same click again, as a browser sends it that never saw the answer.
        await acted(doors, incident, "resolve")
        await send(doors, f"{address(incident)}/broken", filled)
        (now,) = await all_incidents(doors)
        assert now.status is Status.RESOLVED

    play(tmp_path, story, ways=WAYS)


def test_a_case_that_was_closed_long_ago_is_not_opened_by_an_old_link(tmp_path: Path) -> None:
    """Somebody may find the link in a year; what they report then is another emergency."""

    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        long_ago = doors.parts.now() - timedelta(days=8)
        await doors.parts.engine.take(Resolved(at=long_ago, incident=incident.id, by="ana", how="api"))
        page = await look(doors, address(incident))
        assert "This case was closed a while ago. Report it as a new one" in page.text
        assert not page.has_form("Still broken")
        before = await contents(doors)
        refused = await send(doors, f"{address(incident)}/broken", {"token": "t"})
        assert (refused.status, NOT_STORED in refused.text) == (404, True)
        assert await contents(doors) == before

    play(tmp_path, story, ways=WAYS)


def test_who_gave_no_number_is_told_that_there_will_be_no_texts(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, _ = await opened(doors, phone="06 5550 1234", email="dana@example.com")
        assert "We have no phone number of yours that we can use, so we cannot text you." in page.text

    play(tmp_path, story, ways=WAYS)


def test_who_gave_only_an_address_is_told_that_they_are_written_to_where_a_mail_server_is_set(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, _ = await opened(doors, phone="", email="dana@example.com")
        assert "so we write to your e-mail address. This page tells you the same." in page.text

    play(tmp_path, story, ways=replace(WAYS, mail=True))


def test_hostile_words_of_a_report_are_words_on_its_page(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page, _ = await opened(doors, what=HOSTILE, company=HOSTILE, name=HOSTILE)
        assert HOSTILE in page.text
        assert "<script" not in page.html

    play(tmp_path, story, ways=WAYS)


def test_writing_without_end_is_stopped_for_that_case(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        for number in range(10):
            assert (await send(doors, f"{address(incident)}/add", {"words": f"{number}"}, follow=False)).status == 303
        page = await send(doors, f"{address(incident)}/add", {"words": "more"})
        assert (page.status, NOT_STORED in page.text, "+15125550101" in page.text) == (429, True, True)

    play(tmp_path, story, ways=WAYS)


def test_a_page_of_many_words_is_still_small(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors, what="<" * 4000)
        for _ in range(6):
            await send(doors, f"{address(incident)}/add", {"words": "<" * 2000}, follow=False)
        page = await look(doors, address(incident))
        assert 10_000 < len(page.html.encode()) < 50_000

    play(tmp_path, story, ways=WAYS)


@pytest.mark.parametrize(
    ("verb", "headers", "status"),
    [("add", {"Sec-Fetch-Site": "cross-site"}, 403), ("urgent", {"Content-Type": "text/plain"}, 415), ("resolve", {}, 404), ("acknowledge", {}, 404)],
)
def test_other_sites_and_other_acts_change_nothing(verb: str, headers: dict[str, str], status: int, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        await until(doors, address(incident), "We alerted our engineers at ")
        before = await contents(doors)
        page = await send(doors, f"{address(incident)}/{verb}", {"words": "x"}, headers=headers)
        assert (page.status, NOT_STORED in page.text) == (status, True)
        assert await contents(doors) == before

    play(tmp_path, story, ways=WAYS)


def test_what_staff_write_is_not_what_the_customer_told_us(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, incident = await opened(doors)
        for by, words in (("customer", "first"), *(("ana", f"internal {number}") for number in range(8)), ("customer", "last")):
            await doors.parts.engine.take(Noted(at=doors.parts.now(), incident=incident.id, by=by, how="api", text=words))
        page = await look(doors, address(incident))
        assert "internal" not in page.text
        assert page.text.index("last We added") < page.text.index("first We added")

    play(tmp_path, story, ways=WAYS)
