"""The form: one emergency comes in once, whatever is clicked; mistakes keep what was typed; every limit says how else to reach us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection

from oncall.core.messages import Incident, Status
from oncall.core.publishing import Ways
from oncall.core.replies import CASE_ALPHABET, draw_secret
from oncall.store import StoreUnavailable, incidents
from oncall.web.public.answering import NOT_STORED
from tests.core.publishing.policies import example
from tests.web.public.browsing import WAYS, contents, look, send
from tests.web.standing import ANA, REPORT_KEY, Standing, play

FILLED = {"what": "Checkout is down\nsince ten", "name": "Dana", "phone": "+1 512 555 0199", "severity": "sev1", "service": "shop"}
HOSTILE = "\"'><script>alert(1)</script></textarea>&amp;{{7*7}}"


async def form(doors: Standing, **change: str) -> dict[str, str]:
    """The form as it comes, filled in."""
    page = await look(doors, "/report")
    return {**page.form("Send the report").values, **FILLED, **change}


async def all_incidents(doors: Standing) -> list[Incident]:
    """Every incident, the newest first."""

    def read(conn: Connection) -> list[Incident]:
        return incidents.listing(conn, tuple(Status), 100)

    return await doors.store.tx(read)


def test_a_form_pages_who_is_on_call_and_leads_to_the_page_of_the_case(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        answer = await send(doors, "/report", await form(doors), follow=False)
        (incident,) = await all_incidents(doors)
        assert answer.status == 303
        assert answer.headers["Location"] == f"c/{incident.case}-{draw_secret(incident.seed)}"
        assert re.fullmatch(rf"c/[{CASE_ALPHABET}]{{4}}-[{CASE_ALPHABET}]{{8}}", answer.headers["Location"])
        assert (incident.summary, incident.details) == ("Checkout is down since ten", "Checkout is down\nsince ten")
        assert (incident.channel, incident.source, incident.severity, incident.service) == ("form", "form", "sev1", "shop")
        assert incident.contact.phone == "+15125550199"
        assert "Checkout is down" in (await doors.carrier.received(ANA)).text

    play(tmp_path, story, ways=WAYS)


def test_a_second_click_is_the_same_report_and_changed_words_are_another(tmp_path: Path) -> None:
    """Whoever goes back, adds a sentence and sends again must not be told that it was taken when only the first was."""

    async def story(doors: Standing) -> None:
        filled = await form(doors)
        first, second = [await send(doors, "/report", filled, follow=False) for _ in range(2)]
        assert first.headers["Location"] == second.headers["Location"]
        assert [one.reports for one in await all_incidents(doors)] == [1]
        more = await send(doors, "/report", {**filled, "what": "Checkout is down, and the tills too"})
        (incident,) = await all_incidents(doors)
        assert (incident.reports, "and the tills too" in incident.details) == (2, True)
        assert "It was added to a case of yours that is open already." in more.text

    play(tmp_path, story, ways=WAYS)


def test_without_a_token_each_form_is_a_report(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for phone in ("+15125550198", "+15125550199"):
            await send(doors, "/report", {**FILLED, "phone": phone}, follow=False)
        assert len(await all_incidents(doors)) == 2

    play(tmp_path, story, ways=WAYS)


def test_whoever_types_anothers_number_does_not_get_to_their_case(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await send(doors, "/report", await form(doors), follow=False)
        (incident,) = await all_incidents(doors)
        stranger = await send(doors, "/report", await form(doors, what="What do they say?", name="Eve"), follow=False)
        assert stranger.headers["Location"] == "report/added"
        page = await look(doors, "/report/added")
        assert incident.case not in page.html
        assert draw_secret(incident.seed) not in page.html

    play(tmp_path, story, ways=WAYS)


def test_a_mistake_keeps_what_was_typed_and_leads_to_its_field(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        filled = await form(doors, what="", phone="06 5550 1234", company="Northwind")
        page = await send(doors, "/report", filled)
        assert page.status == 422
        assert "Error: Report an emergency to Example Ltd" in page.text
        links = [given["href"] for tag, given in page.read.tags if tag == "a" and given["href"].startswith("#")]
        assert links == ["#main", "#what", "#phone"]
        fields = {given["name"]: given for tag, given in page.read.tags if tag in {"input", "textarea"} and given["name"] != "severity"}
        assert (fields["what"]["aria-describedby"], fields["what"]["aria-invalid"]) == ("what-hint what-error", "true")
        assert fields["phone"]["aria-describedby"] == "phone-hint phone-error"
        assert "aria-invalid" not in fields["name"]
        again = page.form("Send the report").values
        assert {name: value.strip() for name, value in again.items()} == filled
        assert await all_incidents(doors) == []

    play(tmp_path, story, ways=WAYS)


@pytest.mark.parametrize("name", ["what", "company", "name", "phone", "email", "website", "severity", "service", "token"])
def test_hostile_words_in_any_field_stay_words(name: str, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await send(doors, "/report", {**await form(doors), "phone": "", name: HOSTILE})
        assert page.status == 422
        assert "<script" not in page.html
        again = page.form("Send the report").values
        if name not in {"severity", "service"}:
            assert again[name].strip() == HOSTILE

    play(tmp_path, story, ways=WAYS)


def test_a_page_with_everything_as_long_as_it_may_be_is_still_small(tmp_path: Path) -> None:
    hard = "\"'<>&"

    async def story(doors: Standing) -> None:
        page = await send(
            doors, "/report", {"what": hard * 800, **dict.fromkeys(("company", "name", "phone", "email", "website", "token"), hard * 100)}
        )
        assert page.status == 422
        assert 20_000 < len(page.html.encode()) < 50_000

    play(tmp_path, story, handbook=example, ways=WAYS)


def test_a_program_that_fills_the_trap_is_told_and_a_person_can_mend_it(tmp_path: Path) -> None:
    """Nothing is dropped in silence: a browser may have filled it in by itself."""

    async def story(doors: Standing) -> None:
        page = await send(doors, "/report", await form(doors, website="https://spam.example"))
        assert (page.status, "Leave this field empty." in page.text) == (422, True)
        (trap,) = [given for _, given in page.read.tags if given.get("name") == "website"]
        assert "tabindex" not in trap
        assert await all_incidents(doors) == []
        assert (await send(doors, "/report", {**page.form("Send the report").values, "website": ""}, follow=False)).status == 303

    play(tmp_path, story, ways=WAYS)


def test_what_happens_is_said_for_each_answer(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await look(doors, "/report")
        assert re.search(r"A product is down or losing data.*? We (wake|alert) an engineer now. A person contacts you within 15 minutes.", page.text)
        assert "Not handled after hours: Invoices and contracts." in page.text
        assert "I am not sure We decide by your words." in page.text
        form = page.form("Send the report")
        assert (form.action, form.method, form.values["severity"], form.values["service"]) == ("report", "post", "", "")
        options = [given["value"] for tag, given in page.read.tags if tag == "option"]
        assert options == ["", "checkout", "reports"]

    play(tmp_path, story, handbook=example, ways=WAYS)


@pytest.mark.parametrize("phone", ["+15125550101", ""])
def test_texts_are_promised_only_where_there_are_any(phone: str, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        assert ("We text you what happens." in (await look(doors, "/report")).text) == bool(phone)

    play(tmp_path, story, ways=Ways(phone=phone, url=WAYS.url))


def test_too_many_reports_are_told_how_else_to_reach_us(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for number in range(10):
            answer = await send(doors, "/report", await form(doors, phone=f"+151255501{number:02}"), follow=False)
            assert answer.status == 303
        page = await send(doors, "/report", await form(doors, phone="+15125550150"))
        assert page.status == 429
        assert 50 < int(page.headers["Retry-After"]) <= 60
        assert "Your report was not taken Many came from your connection or for your number. Nobody is woken by this one." in page.text
        assert "Or send a text message to +15125550101." in page.text
        assert page.form("Send the report").values["phone"] == "+15125550150"
        other = await send(doors, "/report", await form(doors, phone="+15125550151"), follow=False, headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
        assert other.status == 303
        assert len(await all_incidents(doors)) == 11

    play(tmp_path, story, ways=WAYS)


def test_one_number_cannot_be_reported_for_without_end(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        statuses = []
        for number in range(6):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            statuses.append((await send(doors, "/report", await form(doors), follow=False, headers=headers)).status)
        assert statuses == [303] * 5 + [429]

    play(tmp_path, story, ways=WAYS)


@pytest.mark.parametrize("phone", ["+15125550101", ""])
def test_a_store_that_is_down_is_said_with_what_was_typed(phone: str, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        filled = await form(doors)

        async def full(*_args: object, **_more: object) -> None:
            raise StoreUnavailable("the disk is full")

        take, doors.parts.engine.take = doors.parts.engine.take, full  # type: ignore[method-assign, assignment]  # the engine of a full disk
        page = await send(doors, "/report", filled)
        assert (page.status, page.headers["Retry-After"]) == (503, "5")
        assert "We cannot say that your report is stored Send it again now: the same report counts once." in page.text
        assert ("Or send a text message to" in page.text) == bool(phone)
        again = page.form("Send the report").values
        assert {name: value.strip() for name, value in again.items()} == {**filled, "company": "", "email": "", "website": ""}
        doors.parts.engine.take = take  # type: ignore[method-assign]  # the disk has room again
        assert (await send(doors, "/report", again, follow=False)).status == 303
        assert len(await all_incidents(doors)) == 1

    play(tmp_path, story, ways=Ways(phone=phone, url=WAYS.url))


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403, "This was not sent from our page"),
        ({"Sec-Fetch-Site": "same-site"}, 403, "This was not sent from our page"),
        ({"Content-Type": "text/plain"}, 415, "That does not work here"),
        ({"Content-Encoding": "gzip"}, 415, "That does not work here"),
    ],
)
def test_what_does_not_come_from_our_form_is_not_taken(headers: dict[str, str], status: int, words: str, tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await send(doors, "/report", await form(doors), headers=headers)
        assert (page.status, words in page.text, NOT_STORED in page.text) == (status, True, True)
        assert await all_incidents(doors) == []

    play(tmp_path, story, ways=WAYS)


def test_our_own_page_in_any_browser_may_send(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for number, site in enumerate(("same-origin", "none")):
            answer = await send(doors, "/report", await form(doors, phone=f"+1512555010{number}"), follow=False, headers={"Sec-Fetch-Site": site})
            assert answer.status == 303

    play(tmp_path, story, ways=WAYS)


def test_too_much_text_is_answered_with_a_page(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        before = await contents(doors)
        page = await send(doors, "/report", {"what": "x" * 70_000})
        assert (page.status, "That is too long" in page.text, NOT_STORED in page.text) == (413, True, True)
        many = await send(doors, "/report", {f"f{number}": "x" for number in range(40)})
        assert (many.status, "That does not work here" in many.text) == (400, True)
        assert await contents(doors) == before

    play(tmp_path, story, ways=WAYS)


def test_a_program_that_opens_a_case_is_given_its_page_and_one_that_adds_to_it_is_not(tmp_path: Path) -> None:
    report = {"summary": "Checkout is down", "contact": {"phone": "+15125550199"}, "channel": "portal"}

    async def story(doors: Standing) -> None:
        _, first = await doors.call("POST", "/v1/emergencies", report, key=REPORT_KEY)
        (incident,) = await all_incidents(doors)
        assert first["status_url"] == f"https://oncall.example.com/c/{incident.case}-{draw_secret(incident.seed)}"
        _, again = await doors.call("POST", "/v1/emergencies", report, key=REPORT_KEY)
        assert again == first
        status, added = await doors.call("POST", "/v1/emergencies", {**report, "summary": "Still down"}, key=REPORT_KEY)
        assert (status, added["status"], added["incident"], "status_url" in added) == (202, "folded", incident.id, False)

    play(tmp_path, story, ways=WAYS)


def test_without_a_public_address_no_page_is_named(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, answer = await doors.call("POST", "/v1/emergencies", {"summary": "Checkout is down"}, key=REPORT_KEY)
        assert "status_url" not in answer

    play(tmp_path, story, ways=Ways(phone="+15125550101"))


@pytest.mark.parametrize("mail", [True, False])
def test_that_an_address_is_written_to_is_said_only_where_it_is(tmp_path: Path, *, mail: bool) -> None:
    async def story(doors: Standing) -> None:
        assert ("Without one we write to you what happens." in (await look(doors, "/report")).text) == mail

    play(tmp_path, story, ways=Ways(phone="+15125550101", url=WAYS.url, mail=mail))
