"""Who clicked: found by e-mail once, in turns where there are many, without asking Slack again and again for a stranger; junk is no click."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aiohttp import web

from oncall.channels.slack_api import SlackApi
from oncall.core.messages import Heard
from oncall.core.model import Handbook
from oncall.engine import Engine, Outcome
from oncall.web.slack_clicks import LOOKED_UP_AT_ONCE, Clicks, click_of
from tests.web.standing import handbook, logged_elsewhere

NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@dataclass
class Room:
    """A handbook with so many people, all known by e-mail; Slack's side; and what the engine was given."""

    people: int
    now: datetime = NIGHT
    asked: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    trouble: str = ""
    hanging: str = ""

    def book(self) -> Handbook:
        """Person 7 has the e-mail p7@example.com, and is the member U7."""
        ana = handbook().people["ana"]
        people = {f"p{n}": replace(ana, id=f"p{n}", slack=None, email=f"p{n}@example.com", phones=(f"+1512555{n:04d}",)) for n in range(self.people)}
        return replace(handbook(), people=people)

    async def look_up(self, request: web.Request) -> web.Response:
        """users.lookupByEmail: everybody but p0 is in the workspace."""
        email = str(request.query.get("email") or (await request.post()).get("email"))
        self.asked.append(email)
        if email == self.hanging:
            await asyncio.sleep(30)
        if self.trouble or email == "p0@example.com":
            return web.json_response({"ok": False, "error": self.trouble or "users_not_found"})
        return web.json_response({"ok": True, "user": {"id": "U" + email.partition("@")[0][1:]}})

    async def take(self, heard: Heard, *, key: str) -> Outcome:
        """What stands in the engine's place."""
        self.heard.append(heard)
        return Outcome(result="taken", because="")


@asynccontextmanager
async def clicking(room: Room) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Somebody clicks; the sentence that they are told."""
    app = web.Application()
    app.router.add_route("*", "/api/users.lookupByEmail", room.look_up)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api = SlackApi("xoxb-test", f"http://127.0.0.1:{runner.addresses[0][1]}/api")
    clicks = Clicks(engine=cast("Engine", room), handbook=room.book, now=lambda: room.now, api=api)

    async def click(member: str) -> str:
        return await clicks.clicked(payload(member))

    try:
        yield click
    finally:
        await api.close()
        await runner.cleanup()


def play(room: Room, story: Callable[[Callable[[str], Awaitable[str]]], Awaitable[None]]) -> None:
    """Runs a test's story."""

    async def run() -> None:
        async with clicking(room) as click:
            await story(click)

    with logged_elsewhere():
        asyncio.run(run())


def payload(member: object = "U1", value: object = '{"i": "1001", "v": 3}', **action: object) -> Mapping[str, Any]:
    """A click on "Take it"."""
    one = {"action_id": "oncall_take", "action_ts": "1.0", "value": value, **action}
    return {"type": "block_actions", "user": {"id": member}, "actions": [one]}


def test_in_a_large_team_everybody_is_found_within_a_few_clicks() -> None:
    """Slack allows about fifty look-ups a minute, so they are made in turns."""
    room = Room(people=LOOKED_UP_AT_ONCE + 10)

    async def story(click: Callable[[str], Awaitable[str]]) -> None:
        last = f"U{LOOKED_UP_AT_ONCE + 9}"
        assert "belongs to no responder" in await click(last)
        assert await click(last) == "It is yours."
        assert len(room.asked) == LOOKED_UP_AT_ONCE + 10
        assert [heard.sender for heard in room.heard] == [f"p{LOOKED_UP_AT_ONCE + 9}"]

    play(room, story)


def test_a_stranger_who_clicks_again_and_again_costs_no_more_look_ups() -> None:
    """They would use up what direct messages need; after a while an account that is new in Slack is found all the same."""
    room = Room(people=3)

    async def story(click: Callable[[str], Awaitable[str]]) -> None:
        for _ in range(5):
            assert "slack: U99" in await click("U99")
        assert sorted(room.asked) == ["p0@example.com", "p1@example.com", "p2@example.com"]
        room.now += timedelta(minutes=11)
        await click("U99")
        assert room.asked[3:] == ["p0@example.com"]
        assert room.heard == []

    play(room, story)


def test_trouble_of_slack_is_not_remembered_as_nobody() -> None:
    room = Room(people=3, trouble="service_unavailable")

    async def story(click: Callable[[str], Awaitable[str]]) -> None:
        assert "belongs to no responder" in await click("U2")
        room.trouble = ""
        assert await click("U2") == "It is yours."

    play(room, story)


def test_a_look_up_that_hangs_keeps_nobody_else_from_acting() -> None:
    """Slack shows a failure after three seconds; whoever was found by then may act."""
    room = Room(people=3, hanging="p1@example.com")

    async def story(click: Callable[[str], Awaitable[str]]) -> None:
        async with asyncio.timeout(3):
            assert await click("U2") == "It is yours."

    play(room, story)


@pytest.mark.parametrize(
    "junk",
    [
        payload(value="[" * 1900),
        payload(value='{"i": "1001", "v": "²"}'),
        payload(value='{"i": "\\ud800", "v": 3}'),
        payload(value='{"i": {"a": 1}, "v": 3}'),
        payload(value='{"i": "1001", "v": -3}'),
        payload(value='{"i": "1001", "v": 99999999999999999999}'),
        payload(value=None),
        payload(value=7),
        payload(member="\ud800"),
        payload(member=""),
        payload(member={"id": 1}),
        payload(action_ts="\x00\ud800"),
        payload(action_id=["oncall_take"]),
        {"type": "block_actions", "user": {"id": "U1"}, "actions": [None]},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": {"0": 1}},
        {"type": "block_actions"},
        {"type": "view_submission"},
        {},
    ],
)
def test_what_is_no_click_of_ours_is_none(junk: Mapping[str, Any]) -> None:
    assert click_of(junk) is None


def test_a_click_says_who_on_what_and_which_state_they_saw() -> None:
    assert click_of(payload()) == ("U1", "oncall_take", {"i": "1001", "v": "3"}, "U1:1.0")
    assert click_of(json.loads(json.dumps(payload(value='{"i":"1001","v":"12"}')))) == ("U1", "oncall_take", {"i": "1001", "v": "12"}, "U1:1.0")
