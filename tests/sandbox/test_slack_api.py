"""Slack's Web API by the real SDK: what is posted, changed and found again, and which mistakes are refused in which words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.standing import ANA, BEN, WORKSPACE, Standing, play, standing, wait_for

CHANNEL = WORKSPACE.channel
PLAIN = {"type": "plain_text", "text": "Take it"}
BUTTON = {"type": "button", "action_id": "oncall_take", "value": '{"i":1001,"v":1}', "text": PLAIN}
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "SEV1 NOT TAKEN"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Checkout is down*"}, "fields": [{"type": "mrkdwn", "text": "by 03:17"}]},
    {"type": "actions", "block_id": "oncall_actions", "elements": [BUTTON]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "Case K7QM"}]},
]


def web(here: Standing, token: str = WORKSPACE.bot_token) -> AsyncWebClient:
    """The real client, which never posts twice by itself."""
    return AsyncWebClient(token=token, base_url=f"{here.url}/api/", session=here.session, retry_handlers=[])


async def error(work: Any) -> Any:
    """The answer with which a call is refused."""
    with pytest.raises(SlackApiError) as refused:
        await work
    return refused.value.response


@asynccontextmanager
async def without() -> AsyncIterator[Standing]:
    """A sandbox without a workspace."""
    async with standing(slack=None) as here:
        yield here


def test_a_message_is_posted_answered_in_its_thread_changed_and_found_again() -> None:
    async def story(here: Standing) -> None:
        client = web(here)
        assert (await client.auth_test())["user_id"].startswith("U")
        metadata = {"event_type": "oncall", "event_payload": {"incident": "1001"}}
        posted = await client.chat_postMessage(channel=CHANNEL, text="SEV1", blocks=BLOCKS, metadata=metadata)
        reply = await client.chat_postMessage(channel=CHANNEL, text="Ana is paged", thread_ts=posted["ts"])
        await client.chat_update(channel=CHANNEL, ts=posted["ts"], text="SEV1 taken", blocks=[])
        found = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
        (message,) = found["messages"]
        assert (message["ts"], message["text"], message["blocks"], message["metadata"]) == (posted["ts"], "SEV1 taken", [], metadata)
        bare = await client.conversations_history(channel=CHANNEL)
        assert "metadata" not in bare["messages"][0]
        thread = await client.conversations_replies(channel=CHANNEL, ts=posted["ts"])
        assert [each["ts"] for each in thread["messages"]] == [posted["ts"], reply["ts"]]
        shown = here.sandbox.slack_messages(CHANNEL)
        assert [(each.text, each.thread_ts, each.ephemeral) for each in shown] == [("SEV1 taken", "", False), ("Ana is paged", posted["ts"], False)]

    play(story)


def test_an_update_without_blocks_leaves_them() -> None:
    async def story(here: Standing) -> None:
        posted = await web(here).chat_postMessage(channel=CHANNEL, text="SEV1", blocks=BLOCKS)
        await web(here).chat_update(channel=CHANNEL, ts=posted["ts"], text="still SEV1")
        (message,) = here.sandbox.slack_messages(CHANNEL)
        assert message.text == "still SEV1"
        assert [block["type"] for block in message.blocks] == ["header", "section", "actions", "context"]

    play(story)


def test_people_are_found_by_address_and_get_direct_messages() -> None:
    async def story(here: Standing) -> None:
        client = web(here)
        ana = (await client.users_lookupByEmail(email="ANA@example.com"))["user"]
        assert (ana["id"], ana["real_name"]) == (here.sandbox.slack_user("ana"), "Ana")
        assert (await client.users_info(user="U0BEN00001"))["user"]["name"] == "ben"
        direct = (await client.conversations_open(users=ana["id"]))["channel"]["id"]
        posted = await client.chat_postMessage(channel=ana["id"], text="You are paged")
        assert posted["channel"] == direct
        assert [each.text for each in here.sandbox.slack_messages(ana["id"])] == ["You are paged"]
        assert here.sandbox.slack_messages("U0BEN00001") == here.sandbox.slack_messages(CHANNEL) == []

    play(story)


def test_an_ephemeral_message_is_for_one_person_and_in_no_history() -> None:
    async def story(here: Standing) -> None:
        client = web(here)
        ephemeral = await client.chat_postEphemeral(channel=CHANNEL, user="U0BEN00001", text="Ana took it")
        (message,) = here.sandbox.slack_messages(CHANNEL)
        assert (message.ephemeral, message.only_for, message.ts) == (True, "U0BEN00001", ephemeral["message_ts"])
        assert (await client.conversations_history(channel=CHANNEL))["messages"] == []
        refused = await error(client.chat_update(channel=CHANNEL, ts=message.ts, text="x"))
        assert refused["error"] == "cant_update_message"

    play(story)


def test_history_comes_in_pages_with_the_newest_first() -> None:
    async def story(here: Standing) -> None:
        client = web(here)
        posted = [(await client.chat_postMessage(channel=CHANNEL, text=str(number)))["ts"] for number in range(5)]
        assert len(set(posted)) == 5
        assert sorted(posted) == posted
        first = await client.conversations_history(channel=CHANNEL, limit=3)
        second = await client.conversations_history(channel=CHANNEL, limit=3, cursor=first["response_metadata"]["next_cursor"])
        assert [[each["text"] for each in page["messages"]] for page in (first, second)] == [["4", "3", "2"], ["1", "0"]]
        assert (first["has_more"], second["has_more"]) == (True, False)
        newer = await client.conversations_history(channel=CHANNEL, oldest=posted[3])
        assert [each["text"] for each in newer["messages"]] == ["4"]
        between = await client.conversations_history(channel=CHANNEL, oldest=posted[1], latest=posted[2], inclusive=True)
        assert [each["text"] for each in between["messages"]] == ["2", "1"]

    play(story)


def test_the_usual_mistakes_are_refused_in_slacks_words() -> None:
    async def story(here: Standing) -> None:
        client = web(here)
        for work, word in (
            (web(here, "xoxb-wrong").auth_test(), "invalid_auth"),
            (web(here, "").auth_test(), "not_authed"),
            (web(here, WORKSPACE.app_token).auth_test(), "not_allowed_token_type"),
            (client.apps_connections_open(app_token=WORKSPACE.bot_token), "not_allowed_token_type"),
            (client.chat_postMessage(channel="C0NOWHERE0", text="x"), "channel_not_found"),
            (client.api_call("chat.postMessage", json={"channel": CHANNEL, "text": ""}), "no_text"),
            (client.chat_postMessage(channel=CHANNEL, text="x", thread_ts="1.000001"), "cannot_reply_to_message"),
            (client.chat_update(channel=CHANNEL, ts="1.000001", text="x"), "message_not_found"),
            (client.chat_postEphemeral(channel=CHANNEL, user="U0NOBODY00", text="x"), "user_not_in_channel"),
            (client.users_lookupByEmail(email="nobody@example.com"), "users_not_found"),
            (client.users_info(user="U0NOBODY00"), "user_not_found"),
            (client.conversations_open(users="U0NOBODY00"), "user_not_found"),
            (client.conversations_replies(channel=CHANNEL, ts="1.000001"), "thread_not_found"),
            (client.reactions_add(channel=CHANNEL, timestamp="1.000001", name="eyes"), "unknown_method"),
            (client.api_call("chat.postMessage", json={"channel": CHANNEL, "blocks": {"type": "header"}}), "invalid_blocks_format"),
            (client.api_call("chat.postMessage", json={"channel": CHANNEL, "text": "x", "metadata": {"x": 1}}), "invalid_metadata_schema"),
        ):
            assert (await error(work))["error"] == word
        assert here.sandbox.slack_messages(CHANNEL) == []

    play(story)


def long(kind: str, most: int) -> dict[str, str]:
    """A text object that is one character too long."""
    return {"type": kind, "text": "x" * (most + 1)}


@pytest.mark.parametrize(
    "wrong",
    [
        [{"type": "divider"}] * 51,
        [{"type": "header", "text": long("plain_text", 150)}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section", "text": long("mrkdwn", 3000)}],
        [{"type": "section"}],
        [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "section", "fields": [long("mrkdwn", 2000)]}],
        [{"type": "actions", "elements": [{**BUTTON, "action_id": str(number)} for number in range(26)]}],
        [{"type": "actions", "elements": [BUTTON, BUTTON]}],
        [{"type": "actions", "elements": [{**BUTTON, "text": long("plain_text", 75)}]}],
        [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
        [{"type": "actions", "elements": [{**BUTTON, "action_id": "x" * 256}]}],
        [{"type": "actions", "elements": [{**BUTTON, "style": "green"}]}],
        [{"type": "actions", "elements": [{**BUTTON, "confirm": {"title": PLAIN, "text": PLAIN, "confirm": long("plain_text", 30), "deny": PLAIN}}]}],
        [{"type": "actions", "elements": [{"type": "overflow", "action_id": "more", "options": [{"text": PLAIN, "value": "1"}] * 6}]}],
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "divider", "block_id": "same"}, {"type": "divider", "block_id": "same"}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
        [{"type": "carousel"}],
        ["text"],
    ],
)
def test_blocks_beyond_the_limits_are_refused_with_their_place(wrong: list[Any]) -> None:
    async def story(here: Standing) -> None:
        refused = await error(web(here).api_call("chat.postMessage", json={"channel": CHANNEL, "text": "x", "blocks": wrong}))
        assert refused["error"] == "invalid_blocks"
        assert "[json-pointer:/blocks" in refused["errors"][0]
        assert here.sandbox.slack_messages(CHANNEL) == []

    play(story)


def test_blocks_at_their_limits_are_taken_as_json_and_as_a_form() -> None:
    async def story(here: Standing) -> None:
        blocks = [
            {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}},
            {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
        ]
        await web(here).chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
        form = {"channel": CHANNEL, "blocks": '[{"type":"divider"}]', "token": WORKSPACE.bot_token}
        async with here.session.post(f"{here.url}/api/chat.postMessage", data=form) as answer:
            assert (await answer.json())["ok"]
        assert len(here.sandbox.slack_messages(CHANNEL)) == 2

    play(story)


def test_slack_refuses_rates_and_hangs_as_it_is_told() -> None:
    async def story(here: Standing) -> None:
        wrong, client = here.sandbox.slack_misbehaviour, web(here)
        wrong.refuse = (429, 0)
        refused = await error(client.chat_postMessage(channel=CHANNEL, text="x"))
        assert (refused.status_code, refused["error"], refused.headers["Retry-After"]) == (429, "ratelimited", "1")
        wrong.refuse, wrong.refuse_as = None, "is_archived"
        assert (await error(client.chat_postMessage(channel=CHANNEL, text="x")))["error"] == "is_archived"
        assert here.sandbox.slack_messages(CHANNEL) == []
        wrong.refuse_as, wrong.hang_s = "", 30
        waiting = asyncio.create_task(client.chat_postMessage(channel=CHANNEL, text="accepted"))
        await wait_for(lambda: here.sandbox.slack_messages(CHANNEL))
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    play(story)


def test_a_late_message_is_seen_later_and_a_dropped_one_never() -> None:
    async def story(here: Standing) -> None:
        wrong, client = here.sandbox.slack_misbehaviour, web(here)
        wrong.late_s = 60
        posted = await client.chat_postMessage(channel=CHANNEL, text="late")
        assert here.sandbox.slack_messages(CHANNEL) == []
        await wait_for(lambda: here.sandbox.slack_messages(CHANNEL))
        assert here.sandbox.slack_messages(CHANNEL)[0].ts == posted["ts"]
        wrong.late_s, wrong.deliver = 0, False
        await client.chat_postMessage(channel=CHANNEL, text="dropped")
        assert len(here.sandbox.slack_messages(CHANNEL)) == 1

    play(story, 60)


def test_without_a_workspace_there_is_no_slack() -> None:
    async def run() -> None:
        async with without() as here:
            with pytest.raises(LookupError):
                here.sandbox.slack_messages(CHANNEL)
            page = await here.page()
            assert "Slack" not in page
            async with here.session.post(f"{here.url}/api/auth.test") as answer:
                assert answer.status == 404

    asyncio.run(run())


def test_a_member_without_a_slack_id_keeps_the_one_made_of_the_address() -> None:
    async def story(here: Standing) -> None:
        assert here.sandbox.slack_user(BEN.id) == BEN.slack
        assert here.sandbox.slack_user(ANA.id).startswith("U")
        with pytest.raises(LookupError):
            here.sandbox.slack_user("customer")

    play(story)
