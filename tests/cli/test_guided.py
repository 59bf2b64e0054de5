"""`oncall show` prints what the handbook says to whoever handles it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from oncall.core.model import Handbook
from oncall.core.policy import Guideline
from tests.cli.test_talking import Terminal
from tests.web.standing import DESK_KEY, Standing, handbook, play

GUIDELINE = Guideline(file="shop.md", text="# Shop\n\n1. Roll back first.")


def guided() -> Handbook:
    """The handbook of the doors, with a guideline for the shop."""
    book = handbook()
    return replace(book, services={"shop": replace(book.services["shop"], guideline=GUIDELINE)})


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
