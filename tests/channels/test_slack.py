"""Direct messages by the real SDK: whom they reach, their buttons, and what every failure means for the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall.channels import ChannelError, Outgoing, ResultUnknown, slack_api
from oncall.channels.slack import SlackDirect
from oncall.channels.slack_api import SlackApi
from oncall.sandbox import Sandbox
from tests.sandbox.standing import ANA, WORKSPACE, Standing, standing
from tests.web.standing import logged_elsewhere

WORDS = "SEV1 Northwind: tills <b>down</b> & <!channel> https://example.com/x"


def page(address: str, about: str = "page", **more: Any) -> Outgoing:
    """A page to Ana."""
    given = {"again": False, "known_ids": frozenset(), "valid_for": timedelta(minutes=5), "text": WORDS, "kind": "page", **more}
    return Outgoing(order="1001/1/page/ana/slack", about=about, incident="1001", turn=7, url_key="k" * 20, line="staff", address=address, **given)


def play(story: Callable[[SlackDirect, Standing, str], Awaitable[None]], *, base: str = "", token: str = WORKSPACE.bot_token) -> str:
    """Runs a story with the channel, the sandbox and Ana's member id; what was logged."""

    async def run() -> None:
        async with standing() as here:
            channel = SlackDirect(SlackApi(token, base or f"{here.url}/api"))
            try:
                await story(channel, here, here.sandbox.slack_user(ANA.id))
            finally:
                await channel.close()

    with logged_elsewhere() as logged:
        asyncio.run(run())
    return logged.getvalue()


def buttons(sandbox: Sandbox, member: str) -> list[tuple[str, dict[str, Any]]]:
    """The buttons of the newest direct message, with their values."""
    blocks = sandbox.slack_messages(member)[-1].blocks
    elements = [one for block in blocks if block["type"] == "actions" for one in block["elements"]]
    return [(one["action_id"], json.loads(one["value"])) for one in elements]


def test_a_page_is_written_with_its_buttons_and_nothing_in_it_can_mention_or_format() -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        accepted = await channel.send(page(member))
        message = here.sandbox.slack_messages(member)[-1]
        assert accepted.provider_id.endswith(f"/{message.ts}")
        assert message.text == WORDS.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert buttons(here.sandbox, member) == [(action, {"i": "1001", "v": 7}) for action in ("oncall_take", "oncall_pass")]

    play(story)


@pytest.mark.parametrize(("about", "offered"), [("page", True), ("yours", True), ("reached", False), ("stand_down", False)])
def test_a_page_and_what_goes_to_its_holder_offer_the_other_severities(about: str, offered: bool) -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        await channel.send(replace(page(member, about), severity="sev1", severities=("sev1", "sev2", "sev3")))
        elements = [one for block in here.sandbox.slack_messages(member)[-1].blocks if block["type"] == "actions" for one in block["elements"]]
        options = [[json.loads(each["value"]) for each in one["options"]] for one in elements if one["type"] == "overflow"]
        assert options == ([[{"i": "1001", "v": 7, "s": "sev2"}, {"i": "1001", "v": 7, "s": "sev3"}]] if offered else [])

    play(story)


@pytest.mark.parametrize(
    ("about", "actions"),
    [
        ("ask_cover", ["oncall_ask_take", "oncall_ask_no"]),
        ("ask_swap", ["oncall_ask_swap", "oncall_ask_no"]),
        ("gap_ahead", ["oncall_ask_take", "oncall_ask_no"]),
        ("right_to_wake", ["oncall_wake_yes", "oncall_wake_wait", "oncall_wake_job", "oncall_wake_twice", "oncall_wake_info"]),
        ("duty_tomorrow", ["oncall_ask_have", "oncall_ask_cover"]),
        ("duty_begins", ["oncall_ask_have"]),
    ],
)
def test_a_question_outside_incidents_has_buttons_that_name_it(about: str, actions: list[str]) -> None:
    """A notice that asks nothing, as of a duty that is confirmed, has none."""

    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        question = replace(page(member, about=about, kind="tell"), incident="", turn=0, order=f"trouble/ask.17/{about}/ana/slack")
        await channel.send(question)
        assert buttons(here.sandbox, member) == [(action, {"i": "ask.17", "v": 0}) for action in actions]
        await channel.send(replace(question, order=f"trouble/duty.r.20260112/{about}/ana/slack", url_key="l" * 20))
        assert buttons(here.sandbox, member) == []

    play(story)


def test_an_e_mail_finds_its_member_and_one_that_nobody_has_is_a_broken_way() -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        assert ANA.email
        await channel.send(page(ANA.email))
        assert len(here.sandbox.slack_messages(member)) == 1
        with pytest.raises(ChannelError, match="nobody with this e-mail") as refused:
            await channel.send(page("nobody@example.com"))
        assert (refused.value.permanent, refused.value.way_broken) == (True, True)

    play(story)


@pytest.mark.parametrize(
    ("about", "actions"),
    [
        ("yours", ["oncall_reached", "oncall_pass", "oncall_help", "oncall_resolve"]),
        ("still_on_it", ["oncall_still", "oncall_reached", "oncall_pass", "oncall_help", "oncall_resolve"]),
        ("reached_late", ["oncall_reached", "oncall_help"]),
        ("stand_down", []),
    ],
)
def test_the_buttons_fit_what_the_message_is_about(about: str, actions: list[str]) -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        await channel.send(page(member, about))
        assert [action for action, _ in buttons(here.sandbox, member)] == actions

    play(story)


@pytest.mark.parametrize(
    ("error", "permanent", "way_broken", "tell_admins"),
    [
        ("invalid_auth", True, False, True),
        ("channel_not_found", True, True, False),
        ("ratelimited", False, False, False),
        ("msg_too_long", True, False, False),
    ],
)
def test_a_refusal_says_what_it_means(error: str, permanent: bool, way_broken: bool, tell_admins: bool) -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        here.sandbox.slack_misbehaviour.refuse_as = error
        with pytest.raises(ChannelError) as refused:
            await channel.send(page(member))
        known = refused.value
        assert (known.permanent, known.way_broken, known.tell_admins) == (permanent, way_broken, tell_admins)

    play(story)


def test_a_lost_answer_is_one_message_and_stays_unknown_until_it_is_found() -> None:
    """The SDK's own retry would write twice."""

    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        here.sandbox.slack_misbehaviour.lose_answer = True
        with pytest.raises(ResultUnknown):
            await channel.send(page(member))
        here.sandbox.slack_misbehaviour.lose_answer = False
        found = await channel.send(page(member, again=True))
        assert len(here.sandbox.slack_messages(member)) == 1
        assert found.provider_id.endswith(here.sandbox.slack_messages(member)[0].ts)

    play(story)


def test_a_slack_that_hangs_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_api, "CALL_WITHIN_S", 0.3)
    monkeypatch.setattr(slack_api, "LOOK_WITHIN_S", 0.3)

    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        here.sandbox.slack_misbehaviour.hang_s = 30
        with pytest.raises(ResultUnknown, match=r"within 0.3 s"):
            await channel.send(page(member))

    play(story)


def test_the_deadlines_of_a_send_fit_into_its_ten_seconds() -> None:
    assert slack_api.LOOK_WITHIN_S + slack_api.CALL_WITHIN_S + slack_api.LOOK_WITHIN_S < 10


def test_a_slack_that_cannot_be_reached_surely_did_not_take_it_and_no_token_is_logged() -> None:
    async def story(channel: SlackDirect, here: Standing, member: str) -> None:
        with pytest.raises(ChannelError) as refused:
            await channel.send(page(member))
        assert not refused.value.permanent

    assert WORKSPACE.bot_token not in play(story, base="http://127.0.0.1:9/api")
