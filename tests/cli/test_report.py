"""`oncall report`: a month for reading, a page, a table or data, and a week in a few lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_talking import Terminal
from tests.web.standing import Standing, play
from tests.web.test_measured import november

SAID = "8 of 9 emergencies were contacted in time; the one miss was 4 min late."


def test_a_report_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        await november(doors)
        terminal = Terminal(doors, capsys, monkeypatch)
        code, said, _ = await terminal.types("report", "2024-11")
        assert (code, said.splitlines()[:3]) == (0, ["# Example Ltd, after hours, November 2024", "", SAID])
        assert (await terminal.types("report", "2024-11", "--format", "html"))[1].startswith("<!doctype html>")
        assert len((await terminal.types("report", "2024-11", "--format", "csv"))[1].splitlines()) == 10
        for arguments, as_json in ((("--format", "json"), False), ((), True), (("--format", "md"), True)):
            assert json.loads((await terminal.types("report", "2024-11", *arguments, as_json=as_json))[1])["headline"] == SAID
        code, said, _ = await terminal.types("report", "2024-W47", "--week")
        assert (code, said.splitlines()[0]) == (0, "After hours, week 47 of 2024 (18 Nov to 24 Nov)")
        assert (await terminal.types("report", "--week"))[1].startswith("After hours, week ")
        assert "No emergency was reported." in (await terminal.types("report"))[1]

    play(tmp_path, story)


def test_what_cannot_be_reported_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        code, _, said = await terminal.types("report", "november")
        assert (code, "'november' is no period; write a month (2026-11)" in said) == (2, True)
        code, _, said = await terminal.types("report", "../status")
        assert (code, "there is nothing here" in said) == (1, True), said
        code, _, said = await terminal.types("report", "--format", "pdf")
        assert (code, "no format 'pdf'" in said, "one of md, html, csv, json" in said) == (2, True, True)

    play(tmp_path, story)
