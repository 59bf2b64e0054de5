"""`oncall show` prints what the handbook says to whoever handles it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from oncall.core.model import Handbook
from oncall.core.policy import Authority, Customer, Guideline
from tests.cli.test_talking import Terminal
from tests.web.standing import DESK_KEY, HERE, Standing, handbook, play

GUIDELINE = Guideline(file="shop.md", text="# Shop\n\n1. Roll back first.")


def guided() -> Handbook:
    """The handbook of the doors, with a guideline for the shop."""
    book = handbook()
    shop = replace(book.services["shop"], guideline=GUIDELINE)
    gold = Customer(id="northwind", name="Northwind", contract=None, contacts=(), keys=(), place=HERE, language="en", prefers="", tier="gold")
    return replace(
        book, customers={"northwind": gold}, services={"shop": shop}, authority=Authority(responder=("Roll back.",), manager=("Call in a supplier.",))
    )


def test_the_guideline_is_shown_while_it_lasts(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        await terminal.types("page", "Checkout is down", "--service", "shop", "--yes")
        await terminal.types("page", "Something else", "--yes")
        assert "Guideline (config/guidelines/shop.md)\n  # Shop\n\n  1. Roll back first.\n" in (await terminal.types("show", "1001"))[1]
        assert "Guideline" not in (await terminal.types("show", "1002"))[1]
        _, answer = await doors.call("GET", "/v1/incidents/1001", key=DESK_KEY)
        assert answer["guideline"] == {"file": "shop.md", "text": GUIDELINE.text}
        await terminal.types("resolve", "1001", "--as", "ana")
        assert "Guideline" not in (await terminal.types("show", "1001"))[1]

    play(tmp_path, story, handbook=guided)


def test_a_decision_is_noted_shown_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        await terminal.types("page", "Checkout is down", "--service", "shop", "--yes")
        assert "You may decide\n  - Roll back.\n\nA manager may decide\n  - Call in a supplier.\n" in (await terminal.types("show", "1001"))[1]
        code, said, _ = await terminal.types("note", "1001", "--decision", "Credit of 100 EUR", "--as", "ana")
        assert (code, said.startswith("decided: Ana decided this by their own authority")) == (0, True), said
        for wrong in (["note", "1001"], ["note", "1001", "words", "--decision", "too"]):
            code, _, error = await terminal.types(*wrong, "--as", "ana")
            assert (code, "give either words, or --decision" in error) == (2, True)
        assert re.search(r"  decided   ana \d\d:\d\d:\d\d: Credit of 100 EUR\n", (await terminal.types("show", "1001"))[1])
        assert '"Credit of 100 EUR"' in (await terminal.types("explain", "1001"))[1].split("decision: ")[1]
        _, answer = await doors.call("GET", "/v1/incidents/1001", key=DESK_KEY)
        assert [line.get("decision") for line in answer["timeline"] if line["fact"] == "Noted"] == [True]  # type: ignore[attr-defined]  # plain JSON

    play(tmp_path, story, handbook=guided)


def test_the_tier_of_a_customer_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        await terminal.types("page", "Checkout is down", "--customer", "northwind", "--phone", "+15125550199", "--yes")
        await terminal.types("page", "Checkout is down", "--customer", "somebody", "--yes")
        assert "  customer  Northwind, gold (+15125550199)\n" in (await terminal.types("show", "1001"))[1]
        assert "  customer  somebody\n" in (await terminal.types("show", "1002"))[1]

    play(tmp_path, story, handbook=guided)
