"""Commands that talk to the daemon: what they print, and exit codes that say what really happened."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from oncall.cli.program import run
from oncall.core.asks import Ask, Span, Topic
from oncall.store import asks, requests
from tests.web.standing import ANA, Standing, play


class Terminal:
    """Types commands against standing doors and reads what they print."""

    def __init__(self, doors: Standing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("ONCALL_SOCKET", str(doors.socket))

    async def types(self, *arguments: str, as_json: bool = False) -> tuple[int, str, str]:
        """The exit code, standard output and standard error of a command."""
        self._monkeypatch.setattr("oncall.cli.output.out.json", as_json)
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, list(arguments))
        said = self._capsys.readouterr()
        return code, said.out, said.err


def test_a_night_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        assert (await terminal.types("list"))[:2] == (0, "Nothing is open.\n")
        code, said, _ = await terminal.types("page", "Checkout is down", "--customer", "Northwind", "--phone", "+15125550199", "--yes")
        assert (code, "paging" in said, "oncall explain 1001" in said) == (0, True, True)
        await doors.carrier.received(ANA)
        assert "Northwind" in (await terminal.types("list"))[1]
        assert (await terminal.types("ack", "1001", "--as", "ana"))[0] == 0
        code, said, _ = await terminal.types("ack", "1001", "--as", "ben")
        assert (code, said.startswith("taken by other: Ana had taken it already")) == (1, True)
        assert (await terminal.types("reclassify", "1001", "sev1", "--as", "ana"))[0] == 1
        code, said, error = await terminal.types("reclassify", "1001", "sev7", "--as", "ana")
        assert (code, "is none of the policy; known: sev1" in said + error) == (2, True), (code, said, error)
        assert (await terminal.types("contacted", "1001", "--as", "ana"))[0] == 0
        assert "reached" in (await terminal.types("show", "1001"))[1]
        assert (await terminal.types("note", "1001", "restarted", "--as", "ana"))[0] == 0
        assert (await terminal.types("snooze", "1001", "--minutes", "5", "--as", "ana"))[0] == 0
        assert (await terminal.types("escalate", "1001", "--as", "ana"))[0] == 0
        assert (await terminal.types("resolve", "1001", "--as", "ana", "--note", "fixed"))[0] == 0
        assert (await terminal.types("pass", "1001", "--as", "ana"))[0] == 1
        assert (await terminal.types("reopen", "1001", "--as", "ben"))[0] == 0

    play(tmp_path, story)


def test_a_change_of_the_night_is_taken_listed_exported_and_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The standing handbook keeps ana on call for ever, in UTC."""

    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        assert (await terminal.types("changes", "list"))[:2] == (0, "no changes were taken beside those in the files\n")
        code, _, refusal = await terminal.types("cover", "support", "ana", "ben", "--as", "ben")
        assert (code, "say until when" in refusal, 'give --to, e.g. --to "Mon 08:00"' in refusal) == (2, True, True)
        night = ("--from", "2036-03-01T20:00:00Z", "--to", "2036-03-02 06:00")
        code, said, _ = await terminal.types("cover", "support", "ana", "ben", *night, "--why", "it's a wedding", "--as", "ben")
        assert (code, said) == (0, "change 1 is in force; both sides are told.\nSat 01 Mar 20:00 to Sun 02 Mar 06:00: ben instead of ana\n")
        assert (await terminal.types("changes", "list"))[1] == "1\tsupport\tSat 01 Mar 20:00\tSun 02 Mar 06:00\tcover: ana, by: ben\tby ben\n"
        assert (await terminal.types("changes", "export"))[1] == (
            "version: 1\nchanges:\n"
            "  - {rotation: support, from: 2036-03-01 20:00, to: 2036-03-02 06:00, cover: ana, by: ben, why: 'it''s a wedding'}\n"
        )
        code, _, refusal = await terminal.types("swap", "support", "ben", "ben", *night, "--as", "ben")
        assert (code, "between two different people" in refusal) == (2, True)
        code, said, _ = await terminal.types("changes", "end", "1", "--as", "ana")
        assert (code, said) == (0, "change 1 has ended; both sides are told.\nSat 01 Mar 20:00 to Sun 02 Mar 06:00: ana instead of ben\n")
        code, _, refusal = await terminal.types("changes", "end", "1", "--as", "ana")
        assert (code, "there is no change 1 that could be ended" in refusal) == (2, True)

    play(tmp_path, story)


def test_what_is_being_asked_and_what_was_confirmed_is_listed_with_the_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any code: whoever reads the list must not answer for others."""
    span = Span(rotation="support", start=datetime(2036, 3, 1, 20, tzinfo=UTC), end=datetime(2036, 3, 2, 6, tzinfo=UTC))

    async def story(doors: Standing) -> None:
        now = doors.parts.now()

        def ask(conn: Connection) -> tuple[Ask, Ask]:
            number = requests.wish(conn, Topic.COVER, "ana", seed="ab" * 16, at=now)
            requests.open_(conn, number, span, span.start, None)
            asked = asks.add(conn, "ben", "ask_cover", span, request=number, until=span.start, seed="ab" * 16, now=now, at=now)
            own = asks.add(conn, "ana", "duty_tomorrow", span, request=0, until=span.start, seed="ab" * 16, now=now, at=now)
            asks.answer(conn, own.id, "yes", "sms", datetime(2036, 2, 29, 20, tzinfo=UTC))
            return asked, own

        codes = [one.code for one in await doors.store.tx(ask)]
        terminal = Terminal(doors, capsys, monkeypatch)
        assert (await terminal.types("changes", "list"))[1] == (
            "no changes were taken beside those in the files\n"
            "asked for cover of support Sat 01 Mar 20:00 to Sun 02 Mar 06:00 by ana: ben (no answer yet)\n"
            "ana confirmed support Sat 01 Mar 20:00 to Sun 02 Mar 06:00 at Fri 29 Feb 20:00 by sms\n"
        )
        listed = json.loads((await terminal.types("changes", "list", as_json=True))[1])
        assert (listed["requests"][0]["asked"], listed["confirmed"][0]["person"]) == ([{"person": "ben", "answer": ""}], "ana")
        assert not any(f'"{code}"' in json.dumps(listed) for code in codes)

    play(tmp_path, story)


def test_explain_tells_the_story_with_every_reason_and_attempt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        await terminal.types("page", "Checkout is down", "--yes")
        await doors.carrier.received(ANA)
        async with asyncio.timeout(10):
            while "handed over" not in (await terminal.types("show", "1001"))[1]:  # noqa: ASYNC110 -- it is asked over HTTP, as a person would
                await asyncio.sleep(0.01)
        await terminal.types("ack", "1001", "--as", "ana")
        _, said, _ = await terminal.types("explain", "1001")
        for words in (
            "Reported: paging",
            "because sev1: rule at",
            "Acknowledged by ana (cli): taken",
            "page to ana ...0104 by sms: sent",
            "provider's id SM1",
        ):
            assert words in said, said
        _, said, _ = await terminal.types("explain", "1001", as_json=True)
        assert json.loads(said)["incident"] == "1001"

    play(tmp_path, story)


def test_status_and_reload(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        code, said, _ = await terminal.types("status")
        assert (code, said.startswith("able to page\n  channel sms: on\n  handbook v1")) == (0, True)
        assert (await terminal.types("reload"))[:2] == (0, "version v1 is in force.\n")
        doors.problems.append("config/people.yaml:3:5: unknown key")
        code, said, _ = await terminal.types("reload")
        assert (code, said) == (1, "config/people.yaml:3:5: unknown key\nnot loaded; version v1 stays in force.\n")

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ack", "9999", "--as", "ana"], 1, "no incident '9999'"),
        (["ack", "1001", "--as", "nobody"], 2, "no person 'nobody'"),
        (["ack", "1001"], 2, "--as PERSON"),
        (["page", "--yes", "  "], 2, "summary string should have at least 1 character"),
        (["list", "--status", "odd"], 2, "no status 'odd'"),
    ],
)
def test_a_refusal_of_the_daemon_is_said_in_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        given, out, err = await terminal.types(*arguments, as_json=True)
        assert (given, words in err) == (code, True), err
        assert json.loads(out)["ok"] is False

    play(tmp_path, story)


def test_two_pages_with_the_same_words_are_two_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        answers = [json.loads((await terminal.types("page", "down", as_json=True))[1]) for _ in range(2)]
        assert answers[0]["incident"] != answers[1]["incident"]

    play(tmp_path, story)


class Keyboard:
    """A terminal at which somebody types one line."""

    def __init__(self, line: str) -> None:
        self._line = line

    def isatty(self) -> bool:
        """It is a terminal."""
        return True

    def readline(self) -> str:
        """What is typed."""
        return self._line


@pytest.mark.parametrize(("typed", "code", "paged"), [("n\n", 5, False), ("\n", 5, False), ("y\n", 0, True)])
def test_on_a_terminal_it_asks_before_it_wakes_somebody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str, code: int, paged: bool
) -> None:
    async def story(doors: Standing) -> None:
        terminal = Terminal(doors, capsys, monkeypatch)
        monkeypatch.setattr("sys.stdin", Keyboard(typed))
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        assert (await terminal.types("page", "Checkout is down"))[0] == code
        assert ("Checkout" in (await terminal.types("list"))[1]) is paged

    play(tmp_path, story)
