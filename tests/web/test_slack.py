"""Clicks in Slack through the real doors: who clicked, what it does, what an old button says, and what forged ones do, which is nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from oncall.channels.slack_api import SlackApi
from oncall.core.messages import ACTS, Incident
from oncall.core.model import Handbook
from oncall.store import incidents
from oncall.web.app import open_doors
from oncall.web.slack import slack_router
from oncall.web.slack_clicks import Clicks
from tests.web.standing import REPORT_KEY, Carrier, Standing, handbook, logged_elsewhere, standing, wait_for

SECRET = "s" * 32
ANA, BEN, STRANGER = "U0ANA", "U0BEN", "U0SOMEBODY"


def with_slack() -> Handbook:
    """Ana is known by her member id, Ben by his e-mail."""
    book = handbook()
    people = {**book.people, "ana": replace(book.people["ana"], slack=ANA), "ben": replace(book.people["ben"], email="ben@example.com")}
    sev1 = book.severities["sev1"]
    return replace(book, people=people, severities={"sev1": sev1, "sev2": replace(sev1, id="sev2", rank=1, means="something is slow")})


@dataclass
class Workspace:
    """Slack's side: who has which e-mail, and what was said to who clicked."""

    url: str = ""
    said: list[str] | None = None

    async def look_up(self, request: web.Request) -> web.Response:
        """users.lookupByEmail."""
        email = request.query.get("email") or (await request.post()).get("email")
        known = {"ok": True, "user": {"id": BEN}} if email == "ben@example.com" else {"ok": False, "error": "users_not_found"}
        return web.json_response(known)

    async def answered(self, request: web.Request) -> web.Response:
        """A response_url."""
        body = await request.json()
        assert (body["response_type"], body["replace_original"]) == ("ephemeral", False)
        assert self.said is not None
        self.said.append(body["text"])
        return web.Response(text="ok")


@dataclass
class Slack:
    """Somebody in Slack who clicks."""

    doors: Standing
    workspace: Workspace

    async def click(self, action: str, by: str = ANA, *, turn: int, stamp: str = "1.0", incident: str = "1001") -> int:
        """One click on a button that shows the state after `turn`."""
        payload = {
            "type": "block_actions", "user": {"id": by}, "response_url": f"{self.workspace.url}/answer",
            "actions": [{"action_id": action, "action_ts": stamp, "value": json.dumps({"i": incident, "v": turn})}],
        }  # fmt: skip
        return await self.send(payload)

    async def choose(self, severity: object, *, turn: int, stamp: str) -> int:
        """An entry of the menu of severities."""
        entry = {"text": {"type": "plain_text", "text": "It is"}, "value": json.dumps({"i": "1001", "v": turn, "s": severity})}
        payload = {
            "type": "block_actions", "user": {"id": ANA}, "response_url": f"{self.workspace.url}/answer",
            "actions": [{"action_id": "oncall_severity", "type": "overflow", "action_ts": stamp, "selected_option": entry}],
        }  # fmt: skip
        return await self.send(payload)

    async def send(
        self, payload: Any, *, secret: str = SECRET, ago_s: float = 0, path: str = "/slack/interactivity", raw: bytes | None = None
    ) -> int:
        """A signed request."""
        body = raw if raw is not None else urlencode({"payload": json.dumps(payload)}).encode()
        stamp = str(int(self.doors.parts.now().timestamp() - ago_s))
        made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.doors.public.post(self.doors.url + path, data=body, headers=headers) as answer:
            return answer.status

    async def told(self, count: int = 1) -> str:
        """The newest sentence that was said to who clicked, once there are `count`."""
        said = self.workspace.said
        assert said is not None
        await wait_for(lambda: len(said) >= count)
        return said[-1]

    async def incident(self) -> Incident:
        """The incident as it stands."""
        found = await self.doors.store.tx(lambda conn: incidents.load(conn, "1001"))
        assert found is not None
        return found


@asynccontextmanager
async def workspace() -> AsyncIterator[Workspace]:
    """Slack's side, listening."""
    one, app = Workspace(said=[]), web.Application()
    app.router.add_route("*", "/api/users.lookupByEmail", one.look_up)
    app.router.add_post("/answer", one.answered)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()


def play(folder: Path, story: Callable[[Slack], Awaitable[None]]) -> None:
    """Runs a story in which Ana has just been paged."""

    async def run() -> None:
        slack = Carrier(way="slack")
        doors_open = standing(folder, webhooks=[slack_router(SECRET)], handbook=with_slack, more_channels={"slack": slack}, ready=False)
        async with workspace() as there, doors_open as doors:
            api = SlackApi("xoxb-test", f"{there.url}/api")
            clicks = Clicks(engine=doors.parts.engine, handbook=with_slack, now=doors.parts.now, api=api)
            doors.parts = replace(doors.parts, clicks=clicks)
            open_doors(doors.app, doors.parts)
            await doors.call("POST", "/v1/emergencies", {"summary": "Checkout is down", "contact": {"phone": "+31 6 5550 1234"}}, key=REPORT_KEY)
            await doors.carrier.received("+15125550104")
            await wait_for(lambda: len(slack.sent) == 1)
            await story(Slack(doors, there))
            await api.close()

    with logged_elsewhere():
        asyncio.run(run())


def test_take_takes_it_and_says_so(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        assert await slack.click("oncall_take", turn=1) == 200
        now = await slack.incident()
        assert (now.status.value, now.held_by) == ("acknowledged", "ana")
        assert await slack.told() == "It is yours."

    play(tmp_path, story)


def test_who_is_known_by_e_mail_alone_is_found_once_and_may_act(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        assert await slack.click("oncall_take", BEN, turn=1) == 200
        assert (await slack.incident()).held_by == "ben"

    play(tmp_path, story)


def test_a_stranger_is_told_what_an_admin_must_write_and_changes_nothing(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        before = (await slack.incident()).turn
        assert await slack.click("oncall_take", STRANGER, turn=1) == 200
        assert f"slack: {STRANGER}" in await slack.told()
        now = await slack.incident()
        assert (now.held_by, now.calling, now.turn) == ("", True, before)

    play(tmp_path, story)


def test_of_two_who_press_at_once_one_has_it_and_the_other_hears_who(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        statuses = await asyncio.gather(slack.click("oncall_take", ANA, turn=1), slack.click("oncall_take", BEN, turn=1))
        assert set(statuses) == {200}
        await slack.told(2)
        holder = (await slack.incident()).held_by
        assert slack.workspace.said is not None
        other = next(one for one in slack.workspace.said if one != "It is yours.")
        assert other.startswith(f"{holder.title()} took")

    play(tmp_path, story)


def test_an_old_button_does_nothing_and_is_answered_with_what_is_true_now(tmp_path: Path) -> None:
    """Ben's message still shows the page of before; Ana has taken it since, so his "Pass" and his "Resolve" mean something else by now."""

    async def story(slack: Slack) -> None:
        await slack.click("oncall_take", ANA, turn=1, stamp="1.0")
        before = (await slack.incident()).turn
        for number, action in enumerate(("oncall_pass", "oncall_resolve", "oncall_next"), start=2):
            assert await slack.click(action, BEN, turn=1, stamp=f"{number}.0") == 200
            assert (await slack.told(number)).startswith("Ana took")
        assert (await slack.incident()).turn == before

    play(tmp_path, story)


def test_the_menu_changes_how_bad_it_is_unless_it_is_old(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        assert await slack.choose("sev2", turn=1, stamp="1.0") == 200
        assert await slack.told(1) == "Noted: it is less bad. What was promised stays as it was."
        assert (await slack.incident()).severity == "sev2"
        for number, severity in enumerate(("sev9", "", 7, "sev1 x"), start=2):
            assert await slack.choose(severity, turn=1, stamp=f"{number}.0") == 200
        assert (await slack.incident()).severity == "sev2"
        await slack.click("oncall_take", turn=1, stamp="7.0")
        await slack.choose("sev1", turn=1, stamp="8.0")
        assert (await slack.incident()).severity == "sev2"
        await slack.choose("sev1", turn=(await slack.incident()).turn, stamp="9.0")
        assert (await slack.incident()).severity == "sev1"

    play(tmp_path, story)


def test_an_old_take_counts_while_somebody_is_still_wanted(tmp_path: Path) -> None:
    """Ana took it and passed it on: it rings again, and whoever says "mine" on an old message has it."""

    async def story(slack: Slack) -> None:
        for verb in ("acknowledge", "pass"):
            await slack.doors.parts.engine.take(ACTS[verb](at=slack.doors.parts.now(), incident="1001", by="ana", how="api"))
        assert await slack.click("oncall_take", BEN, turn=2) == 200
        assert (await slack.incident()).held_by == "ben"

    play(tmp_path, story)


def test_the_same_click_delivered_twice_acts_once(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        await slack.click("oncall_take", turn=1, stamp="7.7")
        first = (await slack.incident()).turn
        assert await slack.click("oncall_take", turn=1, stamp="7.7") == 200
        assert (await slack.incident()).turn == first

    play(tmp_path, story)


def test_forged_old_and_unsigned_clicks_are_refused_and_change_nothing(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        before = (await slack.incident()).turn
        click = {
            "type": "block_actions",
            "user": {"id": ANA},
            "actions": [{"action_id": "oncall_take", "action_ts": "1", "value": '{"i":"1001","v":1}'}],
        }
        assert await slack.send(click, secret="another secret") == 403
        assert await slack.send(click, ago_s=301) == 403
        assert await slack.send(click, ago_s=-400) == 403
        signature, stamp = "X-Slack-Signature", "X-Slack-Request-Timestamp"
        unsigned: list[dict[str, str]] = [{}, {signature: "v0=0", stamp: "x"}, {signature: "v0=ü", stamp: "²"}]
        for headers in unsigned:
            async with slack.doors.public.post(slack.doors.url + "/slack/interactivity", data=b"payload={}", headers=headers) as answer:
                assert answer.status == 403
        async with slack.doors.public.get(slack.doors.url + "/slack/interactivity") as answer:
            assert answer.status == 405
        assert (await slack.incident()).turn == before

    play(tmp_path, story)


@pytest.mark.parametrize(
    "payload",
    [
        [], "words", 7, None, {"type": "block_actions"}, {"type": "block_actions", "user": [], "actions": {}},
        {"type": "block_actions", "user": {"id": ANA}, "actions": [{"action_id": "oncall_take", "action_ts": "1", "value": "not json"}]},
        {"type": "block_actions", "user": {"id": ANA}, "actions": [{"action_id": "erase", "action_ts": "1", "value": '{"i":"1001","v":1}'}]},
        {"type": "block_actions", "user": {"id": ANA}, "actions": [{"action_id": "oncall_take", "action_ts": "1", "value": '{"i":"9999","v":1}'}]},
        {"type": "block_actions", "user": {"id": ANA}, "actions": [{"action_id": "oncall_pass", "action_ts": "1", "value": '{"i":"1001","v":"²"}'}]},
        {"type": "view_submission"},
    ],
)  # fmt: skip
def test_signed_junk_changes_nothing_and_is_taken_calmly(tmp_path: Path, payload: Any) -> None:
    async def story(slack: Slack) -> None:
        before = (await slack.incident()).turn
        assert await slack.send(payload) == 200
        assert await slack.send(None, raw=b"payload=%ff%fe") in {200, 400}
        assert (await slack.incident()).turn == before

    play(tmp_path, story)


def test_slack_is_shown_that_the_address_is_ours_and_commands_are_answered(tmp_path: Path) -> None:
    async def story(slack: Slack) -> None:
        assert await slack.send(None, path="/slack/events", raw=b'{"type":"url_verification","challenge":"abc"}') == 200
        assert await slack.send(None, path="/slack/commands", raw=b"command=%2Foncall") == 200

    play(tmp_path, story)
