"""A click in Slack becomes a fact: who clicked, by the handbook; what is said to them, after the commit; the same for HTTP and Socket Mode."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog

from oncall.channels import ChannelError, ResultUnknown
from oncall.channels.slack_api import SlackApi
from oncall.core.board import BUTTONS
from oncall.core.messages import Heard
from oncall.core.model import Handbook
from oncall.engine import Engine

log = structlog.get_logger(__name__)

LOOK_UP_WITHIN_S = 1.5
"""Slack shows a failure after three seconds; a look-up of unknown members must leave room for the commit."""
LOOKED_UP_AT_ONCE = 50
"""Slack allows about fifty look-ups a minute; the rest come with the next click."""
ANSWER_WITHIN_S = 5
LONGEST_WORDS = 500
SAID: Mapping[str, str] = {
    "taken": "It is yours.",
    "already yours": "It stays yours.",
    "joined": "Thank you, you help with it.",
    "passed": "Passed on.",
    "contacted": "Noted: the customer was reached.",
    "escalated": "The next is being called.",
    "snoozed": "It stays yours; you will be reminded in 30 minutes.",
    "resolved": "Closed. The customer is told.",
    "reopened": "Reopened, and being paged.",
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

    async def clicked(self, payload: Mapping[str, Any]) -> str:
        """What a signed payload of Slack led to, in a sentence, which is also said to who clicked. Anything that is no click of ours: ''.

        StoreUnavailable: nothing was done, and Slack shows its failure.
        """
        found = click_of(payload)
        if found is None:
            return ""
        user, action, value, reference = found
        who = await self._person(user)
        if not who:
            sentence = f"Your Slack account belongs to no responder, so nothing was done. An admin adds to your entry: slack: {user}"
        else:
            at, about = self._now(), f"{value.get('i', '')}/{value.get('v', '')}"
            heard = Heard(at=at, seed=secrets.token_hex(16), way="slack", sender=who, line="staff", text=action, reference=reference, about=about)
            outcome = await self._engine.take(heard, key=f"slack:{reference}")
            sentence = SAID.get(outcome.result) or outcome.because
        self._answer(str(payload.get("response_url", "")), sentence)
        return sentence

    async def _person(self, member: str) -> str:
        """The person of the handbook that a member is; '' if none."""
        people = self._handbook().people.values()
        known = next((one.id for one in people if one.slack == member), "")
        if known:
            return known
        addressed = [one for one in people if "@" in one.slack_address]
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_S):
                members = await asyncio.gather(*(self._member(one.slack_address) for one in addressed[:LOOKED_UP_AT_ONCE]))
        except TimeoutError:
            return ""
        return next((one.id for one, found in zip(addressed, members, strict=False) if found == member), "")

    async def _member(self, address: str) -> str:
        """The member of an e-mail; '' if it cannot be found now."""
        try:
            return await self._api.member(address)
        except (ChannelError, ResultUnknown):
            return ""

    def _answer(self, url: str, sentence: str) -> None:
        """Says it to who clicked, in a message that only they see; beside the answer to Slack, which must be quick."""
        if not of_slack(url, self._api.api_base):
            return
        task = asyncio.create_task(say(url, sentence))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)


def click_of(payload: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any], str] | None:
    """Who clicked, which action, its value, and what tells this click from every other; None for what is no click of ours."""
    if payload.get("type") != "block_actions":
        return None
    user, actions = payload.get("user"), payload.get("actions")
    if not isinstance(user, dict) or not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return None
    one = actions[0]
    member, action, stamp = (str(value or "")[:100] for value in (user.get("id"), one.get("action_id"), one.get("action_ts")))
    try:
        value = json.loads(str(one.get("value", "")))
    except ValueError:
        return None
    if action not in BUTTONS or not member or not stamp or not isinstance(value, dict):
        return None
    return member, action, {key: str(value.get(key, ""))[:40] for key in ("i", "v")}, f"{member}:{stamp}"


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
