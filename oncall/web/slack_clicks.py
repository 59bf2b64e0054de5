"""A click in Slack becomes a fact: who clicked, by the handbook; what is said to them, after the commit; the same for HTTP and Socket Mode."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog

from oncall.channels import ChannelError, ResultUnknown
from oncall.channels.slack_api import SlackApi
from oncall.core.buttons import ASK_BUTTONS, BUTTONS, SEVERITY_MENU
from oncall.core.messages import Heard
from oncall.core.model import Handbook
from oncall.engine import Engine

log = structlog.get_logger(__name__)

LOOK_UP_WITHIN_S = 1.5
"""Slack shows a failure after three seconds; a look-up of unknown members must leave room for the commit."""
LOOKED_UP_AT_ONCE = 50
"""Slack allows about fifty look-ups a minute; the rest come with the next click."""
LOOK_AGAIN = timedelta(minutes=10)
"""An e-mail that Slack does not know is asked for again after this long: an account may be new."""
ANSWER_WITHIN_S = 5
LONGEST_WORDS = 500
WORD, TURN = re.compile(r"[A-Za-z0-9_.-]{1,60}"), re.compile(r"[0-9]{1,9}")
SAID: Mapping[str, str] = {
    "taken": "It is yours.",
    "already yours": "It stays yours.",
    "joined": "Thank you, you help with it.",
    "passed": "Passed on.",
    "contacted": "Noted: the customer was reached.",
    "escalated": "The next is being called.",
    "snoozed": "It stays yours; you will be reminded in 30 minutes.",
    "resolved": "Closed.",
    "reopened": "Reopened, and being paged.",
    "raised": "Noted: it is worse. Whom that pages is being paged.",
    "lowered": "Noted: it is less bad. What was promised stays as it was.",
    "waiting": "It waits until we open. The customer is told.",
    "already closed": "It was closed already. Nothing was done.",
    "not paged": "You were not paged for it, so there is nothing to pass on.",
    "not open": "Nobody is being called for it. Nothing was done.",
    "not closed": "It is not closed. Nothing was done.",
}
"""What somebody who clicked is told, by the decision's word; anything else is said in the decision's own words."""


class Clicks:
    """Takes clicks. Members are known by the handbook's `slack`, or found once by e-mail and remembered."""

    def __init__(self, *, engine: Engine, handbook: Callable[[], Handbook], now: Callable[[], datetime], api: SlackApi) -> None:
        self._engine = engine
        self._handbook = handbook
        self._now = now
        self._api = api
        self._answers: set[asyncio.Task[None]] = set()
        self._missed: dict[str, datetime] = {}

    async def clicked(self, payload: Mapping[str, Any]) -> str:
        """What a signed payload of Slack led to, in a sentence, which is also said to who clicked. Anything that is no click of ours: ''.

        StoreUnavailable: nothing was done, and Slack shows its failure.
        """
        found = click_of(payload)
        if found is None:
            return ""
        user, action, value, reference = found
        who = await self.person(user)
        if not who:
            sentence = nobody_known(user)
        else:
            at, about = self._now(), f"{value.get('i', '')}/{value.get('v', '')}"
            heard = Heard(at=at, seed=secrets.token_hex(16), way="slack", sender=who, line="staff", text=action, reference=reference, about=about)
            outcome = await self._engine.take(heard, key=f"slack:{reference}")
            sentence = SAID.get(outcome.result) or outcome.because
        self._answer(str(payload.get("response_url", "")), sentence)
        return sentence

    async def person(self, member: str) -> str:
        """The person of the handbook that a member is; '' if none."""
        if known := self._known(member):
            return known
        now = self._now()
        addresses = [one.slack_address for one in self._handbook().people.values() if "@" in one.slack_address]
        unknown = [one for one in addresses if not self._api.known(one) and (one not in self._missed or now - self._missed[one] >= LOOK_AGAIN)]
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_S):
                await asyncio.gather(*(self._look_up(one, now) for one in unknown[:LOOKED_UP_AT_ONCE]))
        except TimeoutError:
            log.info("not every e-mail could be looked up in Slack in time")
        return self._known(member)

    def _known(self, member: str) -> str:
        """The person that a member is known to be; '' if not known."""
        return next((one.id for one in self._handbook().people.values() if member in {one.slack, self._api.known(one.slack_address)}), "")

    async def _look_up(self, address: str, now: datetime) -> None:
        """Looks an e-mail up; one that Slack does not know is not asked for again for a while, whoever clicks."""
        try:
            await self._api.member(address)
        except ChannelError as error:
            if error.way_broken:
                self._missed[address] = now
        except ResultUnknown:
            return

    def _answer(self, url: str, sentence: str) -> None:
        """Says it to who clicked, in a message that only they see; beside the answer to Slack, which must be quick."""
        if not of_slack(url, self._api.api_base):
            return
        task = asyncio.create_task(say(url, sentence))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)


def nobody_known(member: str) -> str:
    """What somebody is told whom the handbook does not know."""
    return f"Your Slack account belongs to no responder, so nothing was done. An admin adds to your entry: slack: {member}"


def click_of(payload: Mapping[str, Any]) -> tuple[str, str, Mapping[str, str], str] | None:
    """Who clicked, which action, its value, and what tells this click from every other; None for what is no click of ours."""
    if payload.get("type") != "block_actions":
        return None
    user, actions = payload.get("user"), payload.get("actions")
    if not isinstance(user, dict) or not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return None
    member, action, stamp = (word(value) for value in (user.get("id"), actions[0].get("action_id"), actions[0].get("action_ts")))
    chosen = actions[0].get("selected_option")
    try:
        value = json.loads(str((chosen if isinstance(chosen, dict) else actions[0]).get("value", "")))
    except (ValueError, RecursionError):
        return None
    if action not in {*BUTTONS, *ASK_BUTTONS, SEVERITY_MENU} or not member or not stamp or not isinstance(value, dict):
        return None
    incident, seen = word(value.get("i")), str(value.get("v", ""))
    if not incident or not TURN.fullmatch(seen):
        return None
    if action == SEVERITY_MENU:
        action = f"{action} {word(value.get('s'))}"
    return member, action, {"i": incident, "v": seen}, f"{member}:{stamp}"


def word(value: object) -> str:
    """An id as Slack and we make them; '' for anything else."""
    return value if isinstance(value, str) and WORD.fullmatch(value) else ""


def of_slack(url: str, api_base: str) -> bool:
    """Whether an answer may be sent to `url`: Slack's own address for that, or the origin of the API we were given."""
    given, ours = urlsplit(url), urlsplit(api_base)
    return (given.scheme, given.netloc) in {("https", "hooks.slack.com"), (ours.scheme, ours.netloc)}


async def say(url: str, sentence: str) -> None:
    """Answers a click; what fails is logged only, for the message in the channel tells the truth anyway."""
    from slack_sdk.webhook.async_client import AsyncWebhookClient

    try:
        client = AsyncWebhookClient(url, timeout=ANSWER_WITHIN_S, retry_handlers=[])
        await client.send(text=sentence[:LONGEST_WORDS], response_type="ephemeral", replace_original=False)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the click has been taken, and the channel's message says so
        log.warning("who clicked in Slack could not be answered", reason=type(error).__name__)
