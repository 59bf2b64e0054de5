"""`oncall forget`: what would go, what went, what it cannot reach; and how the story reads afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_talking import Terminal
from tests.web.standing import Standing, play
from tests.web.test_forgetting import PHONE, REPORT, emergency, found_in


def test_a_customer_is_forgotten_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        await emergency(doors)
        terminal = Terminal(doors, capsys, monkeypatch)
        case = str((await doors.call("GET", "/v1/incidents/1001"))[1]["case"])
        counts = (await doors.call("POST", "/v1/forget", {"forget": "1001", "by": "ben", "dry_run": True}))[1]["cases"]
        assert isinstance(counts, list)
        story_of = f"{counts[0]['lines']} lines of its story, {counts[0]['messages']} messages, {counts[0]['bodies']} reports and replies"
        code, said, _ = await terminal.types("forget", "+31 6 5550 1234", "--dry-run", "--as", "ben")
        assert (code, said.splitlines()) == (
            0,
            [
                f"would be forgotten: case {case} (incident 1001): {story_of}",
                "would be forgotten: 1 message and 0 reports of no case",
                "Nothing was changed.",
            ],
        )
        code, said, _ = await terminal.types("forget", PHONE, "--as", "ben")
        assert (code, said.splitlines()[:2]) == (
            0, [f"forgotten: case {case} (incident 1001): {story_of}", "forgotten: 1 message and 0 reports of no case"],
        )  # fmt: skip
        assert "This cannot reach what is elsewhere: logs of Twilio and Slack" in said
        assert found_in(tmp_path) == set()
        code, said, _ = await terminal.types("forget", PHONE, "--as", "ben")
        assert (code, said.splitlines()[0]) == (0, "nothing here speaks of them (any more)")
        _, said, _ = await terminal.types("explain", "1001")
        for words in (
            "by ben: names, numbers and words are gone, the figures stay",
            "  Reported: forgotten\n",
            "  Resolved: forgotten\n",
            "Forgotten by ben (cli): forgotten",
            "page to ana ... by sms: sent",
        ):
            assert words in said, said

    play(tmp_path, story)


def test_an_open_case_is_named_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        await doors.call("POST", "/v1/emergencies", REPORT)
        terminal = Terminal(doors, capsys, monkeypatch)
        code, _, said = await terminal.types("forget", "northwind traders", "--as", "ben")
        assert (code, "(incident 1001) is not over; close it first: oncall resolve 1001" in said) == (2, True), said

    play(tmp_path, story)
