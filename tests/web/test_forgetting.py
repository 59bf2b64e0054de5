"""Forgetting over real sockets and a real file: nothing of a customer is left in it, while figures, the log's chain and the story stay."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from oncall.core.messages import Heard
from oncall.core.publishing import Ways
from oncall.store import log
from oncall.store.tables import METADATA
from tests.web.standing import ADMIN_KEY, ANA, DESK_KEY, REPORT_KEY, Standing, play, wait_for

PHONE, EMAIL = "+31655501234", "m.visser@northwind.example.com"
REPORT = {
    "summary": "Kassa seventeen burns",
    "details": "Smoke in the Rotterdam store, ask for Mrs Visser on +31 6 5550 1234",
    "customer": "Northwind Traders",
    "contact": {"name": "Mathilde Visser", "phone": "+31 6 5550 1234", "email": EMAIL},
}
THEIRS = (
    "kassa seventeen", "rotterdam", "visser", "northwind", "31655501234", "6 5550 1234", "the fire brigade", "smells of plastic", "we are there at",
    "order-31655501234", "burnt out",
)  # fmt: skip
"""Words of theirs, and of ours to them and about them, in small letters."""
WAYS = Ways(phone="+15125550101", url="https://oncall.example.com")


async def emergency(doors: Standing, report: Mapping[str, object] = REPORT, *, key: str = f"order-{PHONE[1:]}") -> str:
    """A whole emergency of a customer who texts too, from the report to its close; its number. Every message of it is settled."""
    _, answer = await doors.call("POST", "/v1/emergencies", report, key=REPORT_KEY, headers={"Idempotency-Key": key})
    number = str(answer["incident"])
    await doors.carrier.received(ANA)
    await texts(doors, PHONE, "It smells of plastic", "SM91")
    for verb, more in (
        ("acknowledge", {}),
        ("note", {"text": "called the fire brigade"}),
        ("update", {"text": "We are there at four"}),
        ("contacted", {}),
        ("resolve", {"text": "the till was burnt out"}),
    ):
        await doors.call("POST", f"/v1/incidents/{number}/{verb}", {"by": "ana", **more}, key=DESK_KEY)
    page = next(one.text for one in doors.carrier.sent if one.address == ANA)
    await texts(doors, ANA, f"{page.split('Reply ')[1][:2]}?", "SM92", line="staff")
    await settled(doors)
    return number


async def texts(doors: Standing, sender: str, words: str, reference: str, *, line: str = "customers") -> None:
    """Somebody texts."""
    heard = Heard(at=doors.parts.now(), seed="cd" * 16, way="sms", sender=sender, line=line, text=words, reference=reference)
    await doors.parts.engine.take(heard, key=f"sms:{reference}")


async def settled(doors: Standing) -> None:
    """Waits until no message is on its way."""
    async with asyncio.timeout(10):
        while await sql(doors, "SELECT 1 FROM outbox WHERE state IN ('due', 'sending')"):  # noqa: ASYNC110 -- as somebody with the file would
            await asyncio.sleep(0.02)


async def sql(doors: Standing, words: str) -> list[tuple[object, ...]]:
    """Somebody looks into the file."""
    return [tuple(row) for row in await doors.store.tx(lambda conn: conn.execute(text(words)).all())]


async def forget(doors: Standing, whom: str, *, key: str = "", **more: object) -> tuple[int, dict[str, object]]:
    """An admin has somebody forgotten."""
    return await doors.call("POST", "/v1/forget", {"forget": whom, "by": "ben", **more}, key=key)


def found_in(folder: Path) -> set[str]:
    """What of theirs stands in the raw files of the store, in whatever unused corner of them."""
    raw = b"".join(path.read_bytes() for path in sorted(folder.glob("oncall.db*"))).lower()
    return {word for word in THEIRS if word.encode() in raw}


@pytest.mark.parametrize("whom", ["+31 6 5550 1234", EMAIL.upper(), "northwind traders", "1001"])
def test_after_it_the_raw_file_has_nothing_of_theirs(tmp_path: Path, whom: str) -> None:
    """Whichever way they are named, while the daemon runs: in no table, no free page and no write-ahead log."""

    async def story(doors: Standing) -> None:
        await emergency(doors)
        assert found_in(tmp_path) == set(THEIRS)
        status, answer = await forget(doors, whom)
        assert (status, answer["clean"]) == (200, True)
        assert found_in(tmp_path) == set()
        tables = {name: await sql(doors, f'SELECT * FROM "{name}"') for name in METADATA.tables}  # noqa: S608 -- names of our own tables
        assert [name for name, rows in tables.items() if any(word in json.dumps(rows).casefold() for word in THEIRS)] == []

    play(tmp_path, story)
    assert found_in(tmp_path) == set()


def test_answers_to_questions_about_a_case_go_with_it_though_they_name_no_number(tmp_path: Path) -> None:
    """They belong to no case, so they are known by their time."""

    async def story(doors: Standing) -> None:
        await doors.call("POST", "/v1/emergencies", {"summary": "It burns", "details": "Smoke in Rotterdam", "contact": {"name": "Visser"}})
        page = (await doors.carrier.received(ANA)).text
        await texts(doors, ANA, f"{page.split('Reply ')[1][:2]}?", "SM92", line="staff")
        await wait_for(lambda: any("Rotterdam" in one.text for one in doors.carrier.sent))
        await doors.call("POST", "/v1/incidents/1001/resolve", {"by": "ana"})
        await settled(doors)
        assert found_in(tmp_path) == {"rotterdam", "visser"}
        await forget(doors, "1001")
        assert found_in(tmp_path) == set()

    play(tmp_path, story)


def test_the_chain_is_whole_and_the_story_says_when_and_by_whom(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await emergency(doors)
        _, before = await doors.call("GET", "/v1/incidents/1001")
        await forget(doors, PHONE)
        _, after = await doors.call("GET", "/v1/incidents/1001")
        timeline, gone = after["timeline"], after["forgotten"]
        assert isinstance(timeline, list)
        assert isinstance(gone, list)
        assert [(one["fact"], one["by"], one["how"]) for one in timeline] == [("Forgotten", "ben", "cli")]
        assert [(one["at"], one["fact"]) for one in gone] == [(one["at"], one["fact"]) for one in before["timeline"]]  # type: ignore[attr-defined]  # a list
        assert (after["forgotten_by"], after["forgotten_at"]) == ("ben", timeline[0]["at"])
        assert (after["summary"], after["customer"], after["contact"]) == ("(forgotten)", "", {"name": "", "phone": "", "email": ""})
        kept = ("case", "severity", "status", "opened_at", "contacted_at", "resolved_at", "resolved_by", "pages")
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
        turn = len(gone) + 1
        assert await doors.store.tx(lambda conn: log.verify(conn, "1001", turn)) == []
        assert await sql(doors, "SELECT count(*) FROM log WHERE incident = '1001' AND entry IS NULL AND salt = ''") == [(len(gone),)]

    play(tmp_path, story)


def test_a_dry_run_says_what_would_go_and_touches_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await emergency(doors)
        status, answer = await forget(doors, PHONE, dry_run=True)
        assert status == 200
        cases = answer["cases"]
        assert isinstance(cases, list)
        counts = await sql(
            doors,
            "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM outbox WHERE incident = '1001'), "
            "(SELECT count(*) FROM inbox WHERE incident = '1001')",
        )
        assert [(one["incident"], (one["lines"], one["messages"], one["bodies"])) for one in cases] == [("1001", counts[0])]
        assert answer["beside"] == {"messages": 1, "bodies": 0, "handbooks": 0}, "the answer to '47?' has the caller and the words"
        assert found_in(tmp_path) == set(THEIRS)
        _, real = await forget(doors, PHONE)
        assert real == {**answer, "dry_run": False}
        assert (await forget(doors, PHONE))[1]["cases"] == [], "a second time nothing is left to do"
        assert await sql(doors, "SELECT count(*) FROM log WHERE kind = 'Forgotten'") == [(1,)]

    play(tmp_path, story)


def test_while_a_case_of_theirs_is_open_nothing_is_forgotten_and_it_is_named(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await emergency(doors)
        _, second = await doors.call("POST", "/v1/emergencies", {**REPORT, "summary": "again"}, key=REPORT_KEY)
        status, answer = await forget(doors, PHONE)
        detail = f"nothing was forgotten: case {second['case']} (incident 1002) is not over; close it first: oncall resolve 1002"
        assert (status, answer["detail"]) == (409, detail)
        assert found_in(tmp_path) == set(THEIRS)
        await doors.call("POST", "/v1/incidents/1002/resolve", {"by": "ana"}, key=DESK_KEY)
        await settled(doors)
        assert [one["incident"] for one in (await forget(doors, PHONE))[1]["cases"]] == ["1001", "1002"]  # type: ignore[attr-defined]  # a list

    play(tmp_path, story)


def test_figures_of_reports_stay_as_they_were(tmp_path: Path) -> None:
    """Also when the case was not measured yet, when definitions change afterwards, and when receipts come late."""

    async def story(doors: Standing) -> None:
        number = await emergency(doors)
        month = f"{doors.parts.now():%Y-%m}"
        await forget(doors, "1001", dry_run=True)
        assert await sql(doors, "SELECT * FROM cases") == [], "nothing has measured it so far"
        await forget(doors, number)
        _, after = await doors.call("GET", f"/v1/reports/{month}")
        assert (after["headline"], len(str(after))) != ("", 0)
        body = await sql(doors, "SELECT body FROM cases")
        assert '"contacted_at":"2' in str(body)
        await doors.store.tx(lambda conn: conn.execute(text("UPDATE cases SET definitions = 0")))
        await doors.call("POST", f"/v1/incidents/{number}/note", {"by": "ana", "text": "x"}, key=DESK_KEY)
        _, again = await doors.call("GET", f"/v1/reports/{month}")
        assert {**again, "until": ""} == {**after, "until": ""}
        assert await sql(doors, "SELECT body FROM cases") == body

    play(tmp_path, story)


def test_a_forgotten_case_has_no_page_and_takes_no_acts(tmp_path: Path) -> None:
    """Whoever has its old address is told how to reach us; whoever wants to open it again, to report anew."""

    async def story(doors: Standing) -> None:
        _, answer = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
        page = str(answer["status_url"]).removeprefix("https://oncall.example.com")
        await doors.carrier.received(ANA)
        await doors.call("POST", "/v1/incidents/1001/resolve", {"by": "ana"}, key=DESK_KEY)
        await settled(doors)
        async with doors.public.get(doors.url + page) as response:
            assert (response.status, "Kassa seventeen burns" in await response.text()) == (200, True)
        await forget(doors, "1001")
        async with doors.public.get(doors.url + page) as response:
            assert (response.status, "+15125550101" in await response.text()) == (404, True)
        sent = len(doors.carrier.sent)
        _, refused = await doors.call("POST", "/v1/incidents/1001/reopen", {"by": "ana"}, key=DESK_KEY)
        assert (refused["result"], refused["status"]) == ("forgotten", "resolved")
        assert "report what is wrong as a new emergency" in str(refused["because"])
        assert len(doors.carrier.sent) == sent

    play(tmp_path, story, ways=WAYS)


def test_the_same_report_sent_again_is_still_known(tmp_path: Path) -> None:
    """A program that repeats its request must not wake anybody for what is over and forgotten."""

    async def story(doors: Standing) -> None:
        await emergency(doors, key="order-4711")
        await forget(doors, PHONE)
        _, again = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY, headers={"Idempotency-Key": "order-4711"})
        assert again["incident"] == "1001"
        assert await sql(doors, "SELECT count(*) FROM incidents") == [(1,)]

    play(tmp_path, story)


def test_whoever_names_a_forgotten_case_in_a_text_is_not_sent_away(tmp_path: Path) -> None:
    """Nobody knows what it was, but somebody says that something is wrong: it is an emergency of its own."""

    async def story(doors: Standing) -> None:
        await emergency(doors)
        case = str((await doors.call("GET", "/v1/incidents/1001"))[1]["case"])
        await forget(doors, "1001")
        await texts(doors, PHONE, f"REOPEN {case}", "SM95")
        _, fresh = await doors.call("GET", "/v1/incidents/1002")
        assert (fresh["status"], fresh["summary"]) == ("open", f"REOPEN {case}")

    play(tmp_path, story)


def test_a_stranger_who_only_texted_is_forgotten_too(tmp_path: Path) -> None:
    """What came in on the staff number belongs to no case; the admins were shown it in a text."""

    async def story(doors: Standing) -> None:
        await texts(doors, "+447700900123", "my name is Visser", "SM77", line="staff")
        await wait_for(lambda: any("Visser" in one.text for one in doors.carrier.sent))
        await settled(doors)
        assert found_in(tmp_path) == {"visser"}
        _, answer = await forget(doors, "+44 7700 900123")
        assert (answer["cases"], answer["beside"]) == ([], {"messages": 1, "bodies": 1, "handbooks": 0})
        assert found_in(tmp_path) == set()

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("whom", "status", "words"),
    [
        ("0655 501234", 422, "'0655 501234' is no telephone number in international form; write for example +31655501234"),
        (" ", 422, "nobody is named"),
        (ANA, 409, "this is Ana's, who is paged; `forget` is for customers"),
    ],
)
def test_whom_it_cannot_mean_is_refused_in_words(tmp_path: Path, whom: str, status: int, words: str) -> None:
    async def story(doors: Standing) -> None:
        given, answer = await forget(doors, whom)
        assert (given, words in str(answer["detail"])) == (status, True), answer

    play(tmp_path, story)


def test_a_key_needs_the_scope_admin(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await emergency(doors)
        status, answer = await forget(doors, PHONE, key=DESK_KEY)
        assert (status, "lacks the scope 'admin'" in str(answer["detail"])) == (403, True)
        assert found_in(tmp_path) == set(THEIRS)
        status, answer = await forget(doors, PHONE, key=ADMIN_KEY)
        assert (status, found_in(tmp_path)) == (200, set())
        assert (await forget(doors, PHONE, key=ADMIN_KEY, by=""))[0] == 422, "somebody says so by name"

    play(tmp_path, story)
