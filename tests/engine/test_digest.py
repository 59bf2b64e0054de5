"""The week in Slack's channel: on Monday at half past eight there, once, whatever Slack and restarts do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.channels import ChannelError
from oncall.channels.slack_api import SlackApi
from oncall.engine.digest import WeeklyDigest, due_before
from oncall.sandbox import SlackMessage
from oncall.store import open_store
from tests.core.rotas import utc
from tests.engine.test_reporting import BOOK, Desktop
from tests.sandbox import standing as sandboxes
from tests.sandbox.standing import WORKSPACE

MONDAY = "2026-11-30T07:30"
"""Half past eight in Berlin."""


class Office(Desktop):
    """The desktop beside a Slack, with the chore over both."""

    slack: sandboxes.Standing
    api: SlackApi
    weekly: WeeklyDigest

    def start(self) -> None:
        """The chore as a start of the daemon makes it."""
        self.weekly = WeeklyDigest(
            store=self.store, clock=self, handbook=lambda: BOOK, reporting=self.reporting, api=self.api, channel=WORKSPACE.channel
        )  # fmt: skip

    async def comes(self, time: str) -> None:
        """It is `time`, and the chore runs."""
        self.at = utc(time)
        await self.weekly.tell()

    @property
    def messages(self) -> list[SlackMessage]:
        """What stands in the channel."""
        return self.slack.sandbox.slack_messages(WORKSPACE.channel)


def live(tmp_path: Path, story: Callable[[Office], Awaitable[None]]) -> None:
    """Runs a story on a new store, in which the chore has run on the Friday before."""

    async def run() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        async with sandboxes.standing() as there:
            office = Office(store)
            office.slack, office.api = there, SlackApi(WORKSPACE.bot_token, f"{there.url}/api")
            office.start()
            try:
                await office.comes("2026-11-27T12:00")
                await story(office)
            finally:
                await office.api.close()
                await store.close()

    asyncio.run(run())


def test_the_week_is_told_on_monday_morning_and_once(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        await office.night(1001)
        await office.night(1002, late=True)
        await office.comes("2026-11-30T07:29")
        assert office.messages == []
        for time in (MONDAY, "2026-11-30T07:31", "2026-12-01T07:31"):
            await office.comes(time)
        (message,) = office.messages
        assert message.text == "After hours, week 48 of 2026 (23 Nov to 29 Nov)"
        lines = message.blocks[0]["text"]["text"].splitlines()
        assert lines[0] == "*After hours, week 48 of 2026 (23 Nov to 29 Nov)*"
        assert lines[1:3] == ["Emergencies: 2 (SEV1 2)", "Contacted in time: 1 of 2."]
        assert lines[3].endswith(" Northwind, 4 min late: late contact (Ben)")
        assert lines[-1] == "More: oncall report 2026-W48"
        await office.comes("2026-12-07T07:30")
        assert [one.text.partition(" (")[0] for one in office.messages] == ["After hours, week 48 of 2026", "After hours, week 49 of 2026"]

    live(tmp_path, story)


def test_over_a_restart_it_is_told_once_and_not_forgotten(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        office.start()
        await office.comes("2026-11-30T09:00")
        office.start()
        await office.comes("2026-11-30T09:01")
        assert len(office.messages) == 1

    live(tmp_path, story)


def test_a_new_daemon_tells_nothing_of_a_week_it_has_not_seen(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        await office.sql("DELETE FROM chores")
        for time in (MONDAY, "2026-11-30T07:31"):
            await office.comes(time)
        assert office.messages == []

    live(tmp_path, story)


def test_after_half_a_day_it_is_old_news(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        for time in ("2026-11-30T19:31", "2026-11-30T19:32"):
            await office.comes(time)
        assert office.messages == []
        await office.comes("2026-12-07T07:30")
        assert len(office.messages) == 1

    live(tmp_path, story)


def test_while_slack_refuses_it_is_tried_again(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        office.slack.sandbox.slack_misbehaviour.refuse_as = "ratelimited"
        await office.comes(MONDAY)
        assert office.messages == []
        office.slack.sandbox.slack_misbehaviour.refuse_as = ""
        await office.comes("2026-11-30T07:31")
        assert len(office.messages) == 1

    live(tmp_path, story)


@pytest.mark.parametrize("restarts", [False, True], ids=["the same daemon", "after a restart"])
def test_when_the_answer_is_lost_it_is_looked_for_before_it_is_posted_again(tmp_path: Path, restarts: bool) -> None:
    async def story(office: Office) -> None:
        office.slack.sandbox.slack_misbehaviour.lose_answer = True
        await office.comes(MONDAY)
        office.slack.sandbox.slack_misbehaviour.lose_answer = False
        if restarts:
            office.start()
        await office.comes("2026-11-30T07:31")
        assert len(office.messages) == 1
        await office.comes("2026-11-30T07:32")
        assert len(office.messages) == 1

    live(tmp_path, story)


def test_where_slack_lets_us_not_look_it_is_posted_once_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(office: Office) -> None:
        async def refused(channel: str, key: str) -> None:
            raise ChannelError("missing_scope", permanent=True)

        monkeypatch.setattr(office.api, "find", refused)
        for time in (MONDAY, "2026-11-30T07:31", "2026-11-30T07:32"):
            await office.comes(time)
        assert len(office.messages) == 1

    live(tmp_path, story)


def test_a_hostile_name_neither_mentions_nor_links(tmp_path: Path) -> None:
    async def story(office: Office) -> None:
        await office.night(1001, late=True)
        await office.sql("UPDATE incidents SET state = replace(state, 'Northwind', '<!channel> <http://example.com|x>')")
        await office.comes(MONDAY)
        (message,) = office.messages
        assert "&lt;!channel&gt; &lt;http://example.com|x&gt;" in message.blocks[0]["text"]["text"]
        assert "<!channel>" not in message.blocks[0]["text"]["text"]

    live(tmp_path, story)


def test_monday_is_the_companys() -> None:
    """Half past eight in Berlin is half past seven in UTC, in summer half past six."""
    assert due_before(utc("2026-11-30T07:29"), "Europe/Berlin") == utc("2026-11-23T07:30")
    assert due_before(utc(MONDAY), "Europe/Berlin") == utc(MONDAY)
    assert due_before(utc("2026-07-06T06:30"), "Europe/Berlin") == utc("2026-07-06T06:30")
    assert utc(MONDAY) - due_before(utc(MONDAY) - timedelta(seconds=1), "Europe/Berlin") == timedelta(days=7)
