"""What every channel promises the engine, played over the registry against the sandbox by the real SDKs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from oncall.channels import CHANNELS, Channel, ChannelError, Outgoing, ResultUnknown, email, slack_api, twilio_account
from oncall.sandbox import Misbehaviour
from oncall.settings import load_settings
from tests.sandbox.standing import ANA, NUMBERS, WORKSPACE, Standing, standing
from tests.web.standing import logged_elsewhere

SEND_LIMIT_S = 10


@dataclass
class Line:
    """A channel, and its counterpart in the sandbox."""

    channel: Channel
    here: Standing
    way: str

    def page(self, *, again: bool = False) -> Outgoing:
        """The page that is sent."""
        address = {"slack": self.here.sandbox.slack_user(ANA.id), "email": ANA.email}.get(self.way, ANA.number)
        return Outgoing(
            order=f"1001/1/page/ana/{self.way}", kind="page", about="page", incident="1001", turn=1, url_key="k" * 20, line="staff", address=address,
            text="SEV1 Northwind: down", valid_for=timedelta(minutes=5), again=again, known_ids=frozenset(),
        )  # fmt: skip

    @property
    def wrong(self) -> Misbehaviour:
        """What the provider does wrong."""
        sandbox = self.here.sandbox
        return {
            "sms": sandbox.misbehaviour, "voice": sandbox.call_misbehaviour, "slack": sandbox.slack_misbehaviour, "email": sandbox.mail_misbehaviour,
        }[self.way]  # fmt: skip

    @property
    def got(self) -> int:
        """How many messages the provider has."""
        sandbox = self.here.sandbox
        if self.way == "slack":
            return len(sandbox.slack_messages(sandbox.slack_user(ANA.id)))
        if self.way == "email":
            # As a mailbox has them: a repeated one is known by its Message-ID.
            return len(sandbox.mails_to(ANA.email))
        return len(sandbox.texts_to(ANA.number)) if self.way == "sms" else len(sandbox.calls_to(ANA.number))

    async def unknown(self) -> bool:
        """Sends the page; whether nobody can say what became of it, for a look-up may have found it."""
        try:
            await self.channel.send(self.page())
        except ResultUnknown:
            return True
        return False


def play(way: str, story: Callable[[Line], Awaitable[None]], *, base: str = "") -> str:
    """Runs a story with the channel of `way`; what was logged."""

    async def run() -> None:
        async with standing() as here:
            url = base or here.url
            given: dict[str, Any] = {
                "twilio_account_sid": NUMBERS.account_sid, "twilio_auth_token": NUMBERS.auth_token, "twilio_from": NUMBERS.staff,
                "twilio_customer_from": NUMBERS.customers, "twilio_api_base": url, "public_url": "http://127.0.0.1:9",
                "slack_bot_token": WORKSPACE.bot_token, "slack_signing_secret": WORKSPACE.signing_secret, "slack_channel": WORKSPACE.channel,
                "slack_api_base": f"{url}/api", "mail_from": "Example support <support@example.com>",
                "smtp_url": url.replace("http", "smtp") if base else here.sandbox.mail_server,
            }  # fmt: skip
            channel = CHANNELS[way](load_settings(**given))
            assert channel is not None
            assert channel.way == way
            try:
                await story(Line(channel, here, way))
            finally:
                await channel.close()

    with logged_elsewhere() as logged:
        asyncio.run(run())
    return logged.getvalue()


@pytest.mark.parametrize("way", CHANNELS)
def test_what_is_accepted_has_the_providers_id_and_is_there_once(way: str) -> None:
    async def story(line: Line) -> None:
        assert (await line.channel.send(line.page())).provider_id
        assert line.got == 1

    play(way, story)


@pytest.mark.parametrize("way", CHANNELS)
def test_a_provider_that_cannot_be_reached_surely_has_nothing(way: str) -> None:
    async def story(line: Line) -> None:
        with pytest.raises(ChannelError) as refused:
            await line.channel.send(line.page())
        assert not refused.value.permanent

    play(way, story, base="http://127.0.0.1:9")


@pytest.mark.parametrize("way", CHANNELS)
def test_a_lost_answer_is_never_sent_twice_by_the_channel_itself(way: str) -> None:
    """Found again, or unknown: the engine decides whether another way is used."""

    async def story(line: Line) -> None:
        line.wrong.lose_answer = True
        if await line.unknown():
            line.wrong.lose_answer = False
            await line.channel.send(line.page(again=True))
        assert line.got == 1

    play(way, story)


@pytest.mark.parametrize("way", CHANNELS)
def test_a_provider_that_hangs_is_given_up_within_the_time_of_a_send(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (twilio_account, slack_api, email):
        for name in ("POST_WITHIN_S", "LOOK_WITHIN_S", "CALL_WITHIN_S", "DATA_WITHIN_S"):
            monkeypatch.setattr(module, name, 0.3, raising=False)

    async def story(line: Line) -> None:
        line.wrong.hang_s = 60
        async with asyncio.timeout(SEND_LIMIT_S):
            await line.unknown()
        assert line.got == 1

    play(way, story)


@pytest.mark.parametrize("way", CHANNELS)
def test_a_refusal_for_good_is_permanent_and_leaves_nothing_there(way: str) -> None:
    async def story(line: Line) -> None:
        refused_as = {"slack": "invalid_auth", "email": "554 5.7.1 Not allowed to send here"}
        line.wrong.refuse, line.wrong.refuse_as = (None, refused_as[way]) if way in refused_as else ((401, 20003), "")
        with pytest.raises(ChannelError) as refused:
            await line.channel.send(line.page())
        assert (refused.value.permanent, refused.value.tell_admins) == (True, True)
        assert line.got == 0

    play(way, story)


@pytest.mark.parametrize("way", CHANNELS)
def test_no_channel_writes_tokens_or_whole_numbers_into_the_log(way: str) -> None:
    async def story(line: Line) -> None:
        await line.channel.send(line.page())

    logged = play(way, story)
    assert [one for one in (NUMBERS.auth_token, WORKSPACE.bot_token, ANA.number, ANA.email) if one in logged] == []
