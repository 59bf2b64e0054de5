"""The pulse from the question to the answers: one answer for each address, nothing that says whose, and nothing shown before five."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from oncall.core.model import Handbook, Person
from oncall.store.tables import OUTBOX, PULSE_ANSWERS, PULSE_TOKENS
from tests.cli.test_talking import Terminal
from tests.web.public.browsing import WAYS, contents, look, send
from tests.web.standing import DESK_KEY, HERE, REPORT_KEY, Standing, handbook, play

FOUR = {"q0": "1", "q1": "2", "q2": "3", "q3": "4", "q4": "5"}


def team() -> Handbook:
    """Six people."""
    book = handbook()
    more = {
        name: Person(id=name, name=name.title(), phones=(f"+1512555011{number}",), email=None, slack=None, language="en", timezone="UTC", place=HERE)
        for number, name in enumerate(("chloe", "dev", "mats", "priya"))
    }
    return replace(book, people={**book.people, **more})


async def asked(doors: Standing) -> list[str]:
    """Everybody is asked; their pages. By night the texts wait for the morning, so they are read from the store."""
    status, answer = await doors.call("POST", "/v1/pulse", {"by": "ben"}, key=DESK_KEY)
    assert (status, answer["asked"]) == (200, ["ana", "ben", "chloe", "dev", "mats", "priya"])
    texts = await doors.store.tx(lambda conn: list(conn.execute(select(OUTBOX.c.text).where(OUTBOX.c.about == "pulse")).scalars()))
    assert all(len(text) <= 160 for text in texts)
    return [found[1] for text in texts if (found := re.search(r"https://oncall\.example\.com(/pulse/[0-9a-f]{32})$", text))]


def test_six_are_asked_once_and_five_answers_are_shown_without_whose_they_are(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        pages = await asked(doors)
        assert len(set(pages)) == 6
        _, answer = await doors.call("POST", "/v1/pulse", {"by": "ben"}, key=DESK_KEY)
        assert answer["asked"] == []
        for path in pages[:4]:
            assert "Your answers are kept" in (await send(doors, path, FOUR)).text
        _, answer = await doors.call("GET", "/v1/pulse/now", key=DESK_KEY)
        assert (answer["asked"], answer["answers"], answer["questions"]) == (6, None, [])
        await send(doors, pages[4], {**FOUR, "q0": "5"})
        _, answer = await doors.call("GET", "/v1/pulse/now", key=DESK_KEY)
        questions = answer["questions"]
        assert isinstance(questions, list)
        assert (answer["answers"], questions[0]["counts"], questions[4]["counts"]) == (5, [4, 0, 0, 0, 1], [0, 0, 0, 0, 5])

    play(tmp_path, story, ways=WAYS, handbook=team)


def test_an_address_is_worth_one_answer_and_an_incomplete_one_costs_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        path = (await asked(doors))[0]
        page = await look(doors, path)
        assert (page.status, page.headers["Cache-Control"], page.has_form("Send my answers")) == (200, "private, no-store", True)
        for values in ({"q0": "1"}, {**FOUR, "q4": "6"}, {}):
            page = await send(doors, path, values)
            assert (page.status, "Answer all five questions." in page.text) == (422, True)
        assert (await send(doors, path, FOUR)).status == 200
        assert (await look(doors, path)).status == 404
        assert (await send(doors, path, FOUR, follow=False)).status == 404
        assert (await look(doors, "/pulse/none")).status == 404
        assert len(await doors.store.tx(lambda conn: list(conn.execute(select(PULSE_ANSWERS.c.id)).scalars()))) == 1

    play(tmp_path, story, ways=WAYS, handbook=team)


def test_nothing_in_the_store_joins_an_answer_to_somebody(tmp_path: Path) -> None:
    """No token, no time and no order beside an answer; and tokens are kept only as hashes."""

    async def story(doors: Standing) -> None:
        pages = await asked(doors)
        tokens = [path.rpartition("/")[2] for path in pages]
        kept = await doors.store.tx(lambda conn: list(conn.execute(select(PULSE_TOKENS.c.digest)).scalars()))
        assert not set(tokens) & set(kept)
        await send(doors, pages[0], FOUR)
        everything = await contents(doors)
        (answer,) = everything["pulse_answers"]
        assert list(PULSE_ANSWERS.c.keys()) == ["id", "quarter", "fair", "rested", "prepared", "supported", "recommend"]
        others = str({name: rows for name, rows in everything.items() if name != "pulse_answers"})
        assert str(answer[0]) not in others
        assert len(everything["pulse_tokens"]) == 5
        made = await doors.store.tx(
            lambda conn: [str(row[0]) for row in conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name LIKE 'pulse_%' AND type = 'table'")]
        )
        assert sum("WITHOUT ROWID" in one for one in made) == 2

    play(tmp_path, story, ways=WAYS, handbook=team)


def test_a_team_that_is_too_small_or_has_no_address_is_told_so_and_a_key_must_be_allowed(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await doors.call("POST", "/v1/pulse", {"by": "ben"}, key=DESK_KEY)
        assert (status, answer["detail"]) == (409, "the pulse is shown from 5 answers on, and the handbook has 2 people")
        doors.app.state.parts = replace(doors.parts, ways=replace(WAYS, url=""))
        status, answer = await doors.call("POST", "/v1/pulse", {"by": "ben"}, key=DESK_KEY)
        assert (status, "an admin sets public_url" in str(answer["detail"])) == (409, True)
        assert (await doors.call("POST", "/v1/pulse", {"by": "ben"}, key=REPORT_KEY))[0] == 403
        assert (await doors.call("GET", "/v1/pulse/now", key=REPORT_KEY))[0] == 403
        assert (await doors.call("GET", "/v1/pulse/2026-Q5", key=DESK_KEY))[0] == 422

    play(tmp_path, story, ways=WAYS)


def test_the_pulse_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        code, said, _ = await terminal.types("pulse", "ask", "--as", "ben")
        assert (code, said.partition(": ")[2]) == (0, "asked ana, ben, chloe, dev, mats, priya.\n")
        assert (await terminal.types("pulse", "ask", "--as", "ben"))[1].endswith(": everybody was asked already.\n")
        code, said, _ = await terminal.types("pulse")
        assert (code, said.partition(": ")[2]) == (0, "6 were asked, fewer than 5 have answered. Nothing is shown.\n")
        assert json.loads((await terminal.types("pulse", as_json=True))[1])["answers"] is None

    play(tmp_path, story, ways=WAYS, handbook=team)
