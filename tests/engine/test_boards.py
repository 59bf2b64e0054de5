"""Slack's channel: one message for each incident, edited in place, its timeline in the thread; Slack may fail as it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from oncall.channels import ChannelError, slack_api
from oncall.channels.slack_api import SlackApi
from oncall.core.board import Board, board
from oncall.core.messages import ACTS, Incident
from oncall.core.model import Handbook
from oncall.engine import boards
from oncall.engine.boards import Boards
from oncall.sandbox import Sandbox, SlackMessage
from oncall.store import StoreUnavailable
from oncall.store import boards as store_boards
from tests.sandbox import standing as sandboxes
from tests.sandbox.standing import WORKSPACE
from tests.web.standing import DESK_KEY, REPORT_KEY, Carrier, Standing, logged_elsewhere, standing, wait_for

REPORT = {"summary": "Checkout is down", "details": "Cards are <b>refused</b> & <!channel>", "contact": {"name": "M. Visser"}}


@dataclass
class Room:
    """A daemon's doors, the sandbox's workspace, and the part that looks after the channel."""

    doors: Standing
    sandbox: Sandbox
    boards: Boards

    @property
    def messages(self) -> list[SlackMessage]:
        """The channel's own messages, the oldest first."""
        return [one for one in self.sandbox.slack_messages(WORKSPACE.channel) if not one.thread_ts or one.thread_ts == one.ts]

    @property
    def thread(self) -> list[SlackMessage]:
        """What stands in threads."""
        return [one for one in self.sandbox.slack_messages(WORKSPACE.channel) if one.thread_ts and one.thread_ts != one.ts]

    async def report(self) -> None:
        """An emergency comes in."""
        status, _ = await self.doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
        assert status == 202

    async def act(self, verb: str, by: str = "ana") -> None:
        """Somebody acts at the desk."""
        fact = ACTS[verb](at=self.doors.parts.now(), incident="1001", by=by, how="api")
        await self.doors.parts.engine.take(fact)


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """A room that runs."""
    async with sandboxes.standing() as there, standing(folder, more_channels={"slack": Carrier(way="slack")}) as doors:
        api = SlackApi(WORKSPACE.bot_token, f"{there.url}/api")
        parts = doors.parts
        one = Boards(store=doors.store, clock=Ticking(parts), handbook=parts.handbook, api=api, channel=WORKSPACE.channel)
        task = asyncio.create_task(one.run())
        try:
            yield Room(doors=doors, sandbox=there.sandbox, boards=one)
        finally:
            one.stop()
            await task
            await api.close()


class Ticking:
    """The doors' clock."""

    speed = 1.0

    def __init__(self, parts: object) -> None:
        self.now = parts.now  # type: ignore[attr-defined]  # the doors' parts have it


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same order of things at a hundred times the pace."""
    monkeypatch.setattr(boards, "PACE_S", 0.01)
    monkeypatch.setattr(boards, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(boards, "THREAD_EVERY", boards.THREAD_EVERY / 20)
    monkeypatch.setattr(boards, "BACKOFF", boards.BACKOFF / 20)


def play(folder: Path, story: Callable[[Room], Awaitable[None]]) -> None:
    """Runs a test's story."""

    async def run() -> None:
        async with room(folder) as here:
            await story(here)

    with logged_elsewhere():
        asyncio.run(run())


def header(message: SlackMessage) -> str:
    """The state that a message shows."""
    return str(message.blocks[0]["text"]["text"])


def test_an_incident_is_one_message_that_changes_with_it(tmp_path: Path) -> None:
    async def story(here: Room) -> None:
        await here.report()
        await wait_for(lambda: here.messages and "NOT TAKEN" in header(here.messages[0]))
        await here.act("acknowledge")
        await wait_for(lambda: "TAKEN by Ana" in header(here.messages[0]))
        await here.act("resolve")
        await wait_for(lambda: "RESOLVED" in header(here.messages[0]))
        assert len(here.messages) == 1
        assert "&lt;!channel&gt;" in str(here.messages[0].blocks) and "<!channel>" not in str(here.messages[0].blocks)  # noqa: PT018 -- two sides of one thing

    play(tmp_path, story)


def test_the_message_of_a_forgotten_case_says_nothing_of_its_customer(tmp_path: Path) -> None:
    """It is edited in place."""

    async def story(here: Room) -> None:
        await here.report()
        await here.act("acknowledge")
        await here.act("resolve")
        await wait_for(lambda: here.messages and "RESOLVED" in header(here.messages[0]))
        assert "M. Visser" in str(here.messages[0].blocks)
        await forgotten(here)
        await wait_for(lambda: "(forgotten)" in str(here.messages[0].blocks))
        shown = f"{here.messages[0].text} {here.messages[0].blocks}"
        assert [word for word in ("Visser", "Checkout", "Cards") if word in shown] == []
        assert len(here.messages) == 1

    play(tmp_path, story)


async def forgotten(here: Room) -> None:
    """Once nothing is on its way any more, Ben has it forgotten."""
    async with asyncio.timeout(10):
        while (await here.doors.call("POST", "/v1/forget", {"forget": "1001", "by": "ben"}))[0] != 200:  # noqa: ASYNC110 -- as a person would
            await asyncio.sleep(0.02)


def test_the_thread_tells_the_story_in_few_replies_and_mentions_nobody(tmp_path: Path) -> None:
    async def story(here: Room) -> None:
        await here.report()
        await here.act("acknowledge")
        await here.act("contacted")
        await here.act("resolve")
        await wait_for(lambda: "closed by Ana" in "".join(one.text for one in here.thread))
        words = "\n".join(one.text for one in here.thread)
        assert [part for part in ("paging Ana", "Ana took it", "reached the customer", "closed by Ana") if part not in words] == []
        assert "<@" not in words
        lines = len(words.splitlines())
        assert len(here.thread) < lines

    play(tmp_path, story)


def test_after_slack_was_down_the_message_shows_only_how_it_stands_now(tmp_path: Path) -> None:
    async def story(here: Room) -> None:
        here.sandbox.slack_misbehaviour.refuse = (503, 0)
        await here.report()
        await here.doors.carrier.received("+15125550104")
        await here.act("acknowledge")
        await asyncio.sleep(0.3)
        assert here.messages == []
        here.sandbox.slack_misbehaviour.refuse = None
        await wait_for(lambda: here.messages and "TAKEN by Ana" in header(here.messages[0]))
        assert len(here.messages) == 1

    play(tmp_path, story)


def test_a_lost_answer_is_found_again_and_posted_once(tmp_path: Path) -> None:
    async def story(here: Room) -> None:
        here.sandbox.slack_misbehaviour.lose_answer = True
        await here.report()
        await wait_for(lambda: here.messages)
        await asyncio.sleep(0.3)
        here.sandbox.slack_misbehaviour.lose_answer = False
        await here.act("acknowledge")
        await wait_for(lambda: "TAKEN by Ana" in header(here.messages[0]))
        assert len(here.messages) == 1

    play(tmp_path, story)


def test_a_slack_that_hangs_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_api, "CALL_WITHIN_S", 0.3)

    async def story(here: Room) -> None:
        here.sandbox.slack_misbehaviour.hang_s = 30
        await here.report()
        await here.doors.carrier.received("+15125550104")
        status, _ = await here.doors.call("POST", "/v1/incidents/1001/acknowledge", {"by": "ana"}, key=DESK_KEY)
        assert status == 200

    play(tmp_path, story)


def test_an_incident_that_cannot_be_shown_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again later, less and less often."""
    rendered = list[str]()

    def unlucky(incident: Incident, handbook: Handbook, at: datetime) -> Board:
        rendered.append(incident.id)
        if incident.id == "1001":
            raise ValueError("a mistake of ours")
        return board(incident, handbook, at)

    monkeypatch.setattr(boards, "board", unlucky)

    async def story(here: Room) -> None:
        await here.report()
        await wait_for(lambda: rendered)
        await here.doors.call("POST", "/v1/emergencies", {**REPORT, "summary": "Tills are down"}, key=REPORT_KEY)
        await wait_for(lambda: here.messages and "Tills are down" in here.messages[0].text)
        await asyncio.sleep(0.5)
        assert rendered.count("1001") < 6

    play(tmp_path, story)


def test_a_message_that_was_posted_just_before_the_end_is_not_posted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may die, or the disk be full, after Slack has the message and before we have its id."""
    remember, lost = store_boards.posted, list[str]()

    def forgetful(conn: Connection, incident: str, message: str) -> None:
        if not lost:
            lost.append(message)
            raise StoreUnavailable("the disk is full")
        remember(conn, incident, message)

    monkeypatch.setattr(store_boards, "posted", forgetful)

    async def story(here: Room) -> None:
        await here.report()
        await wait_for(lambda: lost)
        await here.act("acknowledge")
        await wait_for(lambda: "TAKEN by Ana" in header(here.messages[0]))
        assert len(here.messages) == 1

    play(tmp_path, story)


def test_a_deleted_message_is_posted_anew_with_its_whole_timeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update, gone = SlackApi.update, list[str]()

    async def refused_once(api: SlackApi, posted: str, message: SlackMessage) -> None:
        if not gone:
            gone.append(posted)
            raise ChannelError("Slack refuses it: message_not_found", permanent=True)
        await update(api, posted, message)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(SlackApi, "update", refused_once)

    async def story(here: Room) -> None:
        await here.report()
        await wait_for(lambda: here.thread)
        await here.act("acknowledge")
        await wait_for(lambda: len(here.messages) == 2 and "TAKEN by Ana" in header(here.messages[1]))
        await wait_for(lambda: "paging Ana" in "".join(one.text for one in here.thread if one.thread_ts == here.messages[1].ts))

    play(tmp_path, story)


def test_each_look_says_one_thing_to_slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message and its thread are two posts, and Slack takes one a second in a channel (telephony.md 5)."""
    monkeypatch.setattr(boards, "PACE_S", 60.0)

    async def story(here: Room) -> None:
        await here.report()
        await wait_for(lambda: here.messages)
        await asyncio.sleep(0.3)
        assert here.thread == []

    play(tmp_path, story)
