"""What Slack, or whatever stands in between, may answer to a direct message: each answer has one meaning, and none breaks the sender."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from oncall.channels import ChannelError, Outgoing, ResultUnknown, slack_api
from oncall.channels.slack import SlackDirect
from oncall.channels.slack_api import SlackApi
from oncall.core.texts_en import ENGLISH
from oncall.engine.sending import SEND_LIMIT_S
from oncall.sandbox import Sandbox, SlackMessage
from tests.sandbox.standing import ANA, BEN, DANA, KEY, NIGHT, NUMBERS, WORKSPACE
from tests.web.standing import logged_elsewhere


def message(about: str = "page", **more: object) -> Outgoing:
    """A page to Ben, who is known by his member id."""
    page = Outgoing(
        order="1001/1/page/ben/slack", kind="page", about=about, incident="1001", turn=3, url_key="k" * 20, line="staff", address=BEN.slack,
        text="SEV1 Northwind: Checkout is down. Customer due a call by 03:17.", valid_for=timedelta(minutes=5), again=False, known_ids=frozenset(),
    )  # fmt: skip
    return replace(page, **more)  # type: ignore[arg-type]  # fields of an Outgoing


def with_channel(story: Callable[[SlackDirect, Sandbox], Awaitable[None]], *, base: str = "", token: str = WORKSPACE.bot_token) -> str:
    """Runs `story` with a channel and the sandbox that it talks to; what was logged."""

    async def run() -> None:
        sandbox = Sandbox(numbers=NUMBERS, people=[ANA, BEN], customer=DANA, api_key=KEY, now=lambda: NIGHT, slack=WORKSPACE)
        url = await sandbox.start()
        channel = SlackDirect(SlackApi(token, base or f"{url}/api"))
        try:
            await story(channel, sandbox)
        finally:
            await channel.close()
            await sandbox.stop()

    with logged_elsewhere() as said:
        asyncio.run(run())
    return said.getvalue()


def to_ben(sandbox: Sandbox) -> list[SlackMessage]:
    """What Ben has in his direct messages."""
    return sandbox.slack_messages(BEN.slack)


def test_no_text_for_slack_offers_a_reply_by_code() -> None:
    """What Slack says in the place of a text names no code; every text that does is said differently there."""
    assert [about for about, words in ENGLISH.items() if about.startswith("slack_") and ("{code}" in words or "Reply" in words)] == []


def test_outside_words_can_neither_mention_nor_format_a_link() -> None:
    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        await channel.send(message(text="<!channel> <@U0BEN00001> <https://evil.example|click> & https://plain.example"))
        (one,) = to_ben(sandbox)
        section = one.blocks[0]["text"]
        safe = "&lt;!channel&gt; &lt;@U0BEN00001&gt; &lt;https://evil.example|click&gt; &amp; https://plain.example"
        assert (one.text, section["text"]) == (safe, safe)
        assert section["verbatim"] is True, "Slack would make links of plain addresses"

    with_channel(story)


def test_a_member_is_found_by_e_mail_once_and_remembered() -> None:
    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        await channel.send(message(address=ANA.email))
        sandbox.slack_misbehaviour.refuse_as = "users_not_found"
        assert await channel.api.member(ANA.email) == sandbox.slack_user(ANA.id)
        assert len(sandbox.slack_messages(sandbox.slack_user(ANA.id))) == 1

    with_channel(story)


@pytest.mark.parametrize(
    ("word", "permanent", "way_broken", "tell_admins"),
    [
        ("account_inactive", True, True, False),
        ("token_revoked", True, False, True),
        ("missing_scope", True, False, True),
        ("not_in_channel", True, False, True),
        ("invalid_blocks", True, False, False),
        ("service_unavailable", False, False, False),
    ],
)
def test_every_other_refusal_says_what_it_means(word: str, permanent: bool, way_broken: bool, tell_admins: bool) -> None:
    """Slack answers 200 and says no."""

    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        sandbox.slack_misbehaviour.refuse_as = word
        with pytest.raises(ChannelError) as caught:
            await channel.send(message())
        error = caught.value
        assert (error.permanent, error.way_broken, error.tell_admins) == (permanent, way_broken, tell_admins)
        assert word in error.reason
        assert to_ben(sandbox) == []

    with_channel(story)


@pytest.mark.parametrize("word", ["internal_error", "fatal_error"])
def test_an_error_inside_slack_is_unknown(word: str) -> None:
    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        sandbox.slack_misbehaviour.refuse_as = word
        with pytest.raises(ResultUnknown):
            await channel.send(message())

    with_channel(story)


def test_too_many_requests_are_surely_not_sent_and_the_sdk_does_not_sleep_on_them() -> None:
    """HTTP 429 with Retry-After; the outbox owns the pause."""

    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        sandbox.slack_misbehaviour.refuse = (429, 0)
        with pytest.raises(ChannelError) as caught:
            await channel.send(message())
        assert not caught.value.permanent

    with_channel(story)


def test_a_lost_answer_is_found_by_its_key_and_not_posted_again() -> None:
    """The SDK's own retry would post it twice (telephony.md 0.5)."""

    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        posting = channel.api.post

        async def lost_once(*given: object, **more: object) -> object:
            sandbox.slack_misbehaviour.lose_answer = True
            try:
                return await posting(*given, **more)  # type: ignore[arg-type]  # handed through
            finally:
                sandbox.slack_misbehaviour.lose_answer = False

        channel.api.post = lost_once  # type: ignore[method-assign, assignment]  # the answer is lost on the way back of the post alone
        accepted = await channel.send(message())
        assert [f"{one.channel}/{one.ts}" for one in to_ben(sandbox)] == [accepted.provider_id]

    with_channel(story)


def test_the_longest_send_fits_into_the_limit_of_a_send() -> None:
    """The member by e-mail, a look before, the post, a look after (decisions.md 7)."""
    assert 3 * slack_api.LOOK_WITHIN_S + slack_api.CALL_WITHIN_S < SEND_LIMIT_S


@pytest.mark.parametrize(("status", "body"), [(502, "<html>bad gateway</html>"), (500, ""), (200, "[]"), (200, "no json"), (200, '{"ok": true}')])
def test_an_answer_that_is_none_of_slacks_is_unknown(status: int, body: str) -> None:
    """A proxy in between speaks; whether Slack has the message, nobody knows."""

    async def run() -> None:
        async def answer(_request: web.Request) -> web.Response:
            return web.Response(status=status, text=body, content_type="text/html" if status != 200 else "application/json")

        app = web.Application()
        app.router.add_route("*", "/api/{method}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        channel = SlackDirect(SlackApi(WORKSPACE.bot_token, f"http://127.0.0.1:{runner.addresses[0][1]}/api"))
        try:
            with pytest.raises(ResultUnknown):
                await channel.send(message())
        finally:
            await channel.close()
            await runner.cleanup()

    with logged_elsewhere():
        asyncio.run(run())


def test_no_token_and_no_text_is_logged_whatever_happens() -> None:
    async def story(channel: SlackDirect, sandbox: Sandbox) -> None:
        wrong = sandbox.slack_misbehaviour
        await channel.send(message())
        for trouble in ({"refuse_as": "invalid_auth"}, {"refuse_as": "", "refuse": (429, 0)}, {"refuse": None, "lose_answer": True}):
            for name, value in trouble.items():
                setattr(wrong, name, value)
            with pytest.raises((ChannelError, ResultUnknown)):
                await channel.send(message())

    said = with_channel(story)
    assert [secret for secret in (WORKSPACE.bot_token, "Northwind") if secret in said] == []
