"""Cover in Slack through the real doors: /cover asks, buttons answer, old ones are told what is true, and what is forged does nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.channels import Outgoing
from oncall.channels.slack import message_of
from oncall.channels.slack_api import SlackApi
from oncall.core.asks import ask_of
from oncall.core.model import Handbook
from oncall.core.schedule import on_call
from oncall.store import asks, requests
from oncall.web.app import open_doors
from oncall.web.slack import slack_router
from oncall.web.slack_clicks import Clicks
from oncall.web.slack_commands import Commands
from tests.web.standing import Carrier, logged_elsewhere, standing, wait_for
from tests.web.test_asking import three
from tests.web.test_slack import ANA, SECRET, STRANGER, Slack, workspace

BEN, CHLOE = "U0BEN", "U0CHLOE"
UNTIL = "now to tomorrow 23:59"


def members() -> Handbook:
    """Ana is on call; all three are in the ring and in Slack, and Chloe has no telephone."""
    book = three()
    ids = {"ana": ANA, "ben": BEN, "chloe": CHLOE}
    people = {name: replace(person, slack=ids[name], phones=() if name == "chloe" else person.phones) for name, person in book.people.items()}
    return replace(book, people=people)


@dataclass
class Room(Slack):
    """Somebody in Slack who types commands, and what was written to each."""

    written: Carrier = field(default_factory=Carrier)

    async def types(self, command: str, by: str = ANA, *, secret: str = SECRET, trigger: str = "1.2.a") -> tuple[int, str]:
        """A slash command; the status and what is shown to who typed it."""
        name, _, text = command.partition(" ")
        body = urlencode({"command": name, "text": text, "user_id": by, "trigger_id": trigger, "response_url": "https://hooks.slack.com/x"}).encode()
        stamp = str(int(self.doors.parts.now().timestamp()))
        made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.doors.public.post(f"{self.doors.url}/slack/commands", data=body, headers=headers) as answer:
            shown: dict[str, Any] = await answer.json()
            return answer.status, str(shown.get("text", ""))

    async def message(self, member: str, part: str) -> Outgoing:
        """The first direct message to a member with these words, waited for."""
        await wait_for(lambda: any(part in one.text for one in self.written.sent if one.address == member))
        return next(one for one in self.written.sent if one.address == member and part in one.text)

    async def answer(self, action: str, member: str, to: Outgoing, stamp: str = "1.0") -> int:
        """A click on a button of a question."""
        return await self.click(action, member, turn=0, stamp=stamp, incident=f"ask.{ask_of(to.order)}")

    @property
    def on_call(self) -> tuple[str, ...]:
        """Who is on call now."""
        return on_call(self.doors.parts.handbook(), "support", self.doors.parts.now()).people


def play(folder: Path, story: Callable[[Room], Awaitable[None]]) -> None:
    """Runs a story in a workspace with the three."""

    async def run() -> None:
        written = Carrier(way="slack")
        doors_open = standing(folder, webhooks=[slack_router(SECRET)], handbook=members, more_channels={"slack": written}, ready=False)
        async with workspace() as there, doors_open as doors:
            api = SlackApi("xoxb-test", f"{there.url}/api")
            clicks = Clicks(engine=doors.parts.engine, handbook=members, now=doors.parts.now, api=api)
            commands = Commands(engine=doors.parts.engine, handbook=doors.parts.handbook, now=doors.parts.now, person=clicks.person)
            doors.parts = replace(doors.parts, clicks=clicks, commands=commands)
            open_doors(doors.app, doors.parts)
            await story(Room(doors, there, written))
            await api.close()

    with logged_elsewhere():
        asyncio.run(run())


def test_cover_is_asked_by_a_command_and_taken_by_a_button(tmp_path: Path) -> None:
    """Within three seconds something is said to who typed it; the rest comes as messages."""

    async def story(room: Room) -> None:
        async with asyncio.timeout(3):
            status, said = await room.types(f"/cover {UNTIL}")
        assert status == 200
        assert said == "I ask. Until somebody says yes nothing changes, and you stay on call. You are told whom I ask and who says yes."
        ben, chloe = [await room.message(member, "Ana asks for cover of support") for member in (BEN, CHLOE)]
        assert "Reply" not in chloe.text
        buttons = message_of(chloe).blocks[1]["elements"]
        assert [one["text"]["text"] for one in buttons] == ["I take it", "No"]
        assert room.on_call == ("ana",)
        assert await room.answer("oncall_ask_take", CHLOE, chloe) == 200
        assert await room.told() == "Thank you. You are told in a moment whether you have it."
        await wait_for(lambda: room.on_call == ("chloe",))
        await room.message(CHLOE, "Chloe put you on call for support")
        assert await room.answer("oncall_ask_take", BEN, ben, stamp="2.0") == 200
        assert re.fullmatch(r"Too late for support .*: Chloe has it\. Nothing was changed\.", await room.told(2))
        assert room.on_call == ("chloe",)

    play(tmp_path, story)


def test_who_has_a_telephone_gets_the_code_there_too(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        await room.types(f"/cover {UNTIL}")
        ben = await room.message(BEN, "Ana asks for cover of support")
        await wait_for(lambda: any("Reply" in one.text for one in room.doors.carrier.sent))
        text = next(one for one in room.doors.carrier.sent if "Ana asks for cover" in one.text)
        assert ask_of(text.order) == ask_of(ben.order)

    play(tmp_path, story)


def test_no_is_noted_and_a_click_on_somebody_elses_question_does_nothing(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        await room.types(f"/cover {UNTIL}")
        ben, chloe = [await room.message(member, "Ana asks for cover of support") for member in (BEN, CHLOE)]
        await room.answer("oncall_ask_take", BEN, chloe)
        assert await room.told() == "This question was not put to you. Nothing was done."
        await room.answer("oncall_ask_no", BEN, ben, stamp="2.0")
        assert (await room.told(2)).startswith("OK, noted: not you for support")
        found = await room.doors.store.tx(lambda conn: asks.of_request(conn, 1))
        assert [(one.person, one.answer) for one in found] == [("ben", "no"), ("chloe", "")]

    play(tmp_path, story)


def test_the_same_command_delivered_twice_asks_once(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        first, second = await room.types(f"/cover {UNTIL}"), await room.types(f"/cover {UNTIL}")
        assert first == second
        assert await room.doors.store.tx(lambda conn: requests.load(conn, 2)) is None

    play(tmp_path, story)


@pytest.mark.parametrize("words", ["for me please", "fri 6pm to sat", "31", "swap ben"])
def test_what_is_not_plain_is_answered_with_an_example(tmp_path: Path, words: str) -> None:
    async def story(room: Room) -> None:
        assert (await room.types(f"/cover {words}"))[1] == (
            "I did not understand. /cover = your next duty, /cover fri 18:00 to sat 08:00 = these hours, on a 24 h clock."
        )
        assert await room.doors.store.tx(lambda conn: requests.load(conn, 1)) is None

    play(tmp_path, story)


def test_on_call_is_said_to_whoever_asks(tmp_path: Path) -> None:
    """Also to who is no responder: it is their workspace."""

    async def story(room: Room) -> None:
        assert await room.types("/oncall", STRANGER) == (200, "*support*: Ana")
        await room.types(f"/cover {UNTIL}")
        chloe = await room.message(CHLOE, "Ana asks for cover of support")
        await room.answer("oncall_ask_take", CHLOE, chloe)
        await wait_for(lambda: room.on_call == ("chloe",))
        assert (await room.types("/oncall", STRANGER))[1].startswith("*support*: Chloe until ")

    play(tmp_path, story)


def test_strangers_unknown_commands_and_forged_ones_change_nothing(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        assert f"slack: {STRANGER}" in (await room.types(f"/cover {UNTIL}", STRANGER))[1]
        assert (await room.types("/page everybody"))[1].startswith("I know two commands: /oncall")
        assert (await room.types(f"/cover {UNTIL}", secret="another secret"))[0] == 403
        for action, incident in (("oncall_ask_take", "ask.99"), ("oncall_ask_take", "1001"), ("oncall_take", "ask.1"), ("oncall_ask_erase", "ask.1")):
            payload = {
                "type": "block_actions", "user": {"id": BEN},
                "actions": [{"action_id": action, "action_ts": incident, "value": json.dumps({"i": incident, "v": 0})}],
            }  # fmt: skip
            assert await room.send(payload) == 200
        assert await room.doors.store.tx(lambda conn: requests.load(conn, 1)) is None
        assert room.on_call == ("ana",)

    play(tmp_path, story)
