"""A real daemon with Slack: by signed HTTP or by Socket Mode a click takes the page; and a Slack that hangs changes nothing else."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from oncall.sandbox import SlackMessage
from tests.daemon.process import NUMBERS, WORKSPACE, Machine, eventually, on_machine

BY_HTTP = {"ONCALL_SLACK_SIGNING_SECRET": WORKSPACE.signing_secret}
BY_SOCKET = {"ONCALL_SLACK_APP_TOKEN": WORKSPACE.app_token}


def slack(machine: Machine, heard: dict[str, str]) -> dict[str, str]:
    """The settings of an app, with the way on which its clicks are heard."""
    base = f"{machine.environment['ONCALL_TWILIO_API_BASE']}/api/"
    return {"ONCALL_SLACK_BOT_TOKEN": WORKSPACE.bot_token, "ONCALL_SLACK_CHANNEL": WORKSPACE.channel, "ONCALL_SLACK_API_BASE": base, **heard}


async def shown(machine: Machine, words: str) -> SlackMessage:
    """The channel's message once it says so."""

    def look() -> SlackMessage | None:
        found = [one for one in machine.sandbox.slack_messages(WORKSPACE.channel) if one.blocks and one.blocks[0]["type"] == "header"]
        return next((one for one in found if words in one.blocks[0]["text"]["text"]), None)

    return await eventually(look)


async def paged(machine: Machine, reference: object) -> str:
    """The member id of whoever is paged first."""
    incident = await machine.incident(reference)
    pages = incident["pages"]
    assert isinstance(pages, list)
    return machine.sandbox.slack_user(str(pages[0]["person"]))


@pytest.mark.parametrize("heard", [BY_HTTP, BY_SOCKET], ids=["http", "socket"])
def test_a_click_in_the_channel_takes_the_page(tmp_path: Path, heard: dict[str, str]) -> None:
    async def story(machine: Machine) -> None:
        await machine.start(wait=True, **slack(machine, heard))
        if heard is BY_SOCKET:
            await eventually(lambda: machine.sandbox.slack_connections or None)
        answer = await machine.report()
        message = await shown(machine, "NOT TAKEN")
        member = await paged(machine, answer["case"])
        direct = await eventually(lambda: next(iter(machine.sandbox.slack_messages(member)), None))
        assert "oncall_take" in str(direct.blocks)
        assert await machine.sandbox.click(message, "oncall_take", by=member) == 200
        assert (await machine.incident(answer["case"]))["status"] == "acknowledged"
        await shown(machine, "TAKEN by")
        assert await machine.ended(signal.SIGTERM) == 0
        text = str(machine.lines)
        secrets = (WORKSPACE.bot_token, WORKSPACE.app_token, WORKSPACE.signing_secret, NUMBERS.auth_token, "ticket=")
        assert [secret for secret in secrets if secret in text] == []

    on_machine(tmp_path, story)


@pytest.mark.parametrize("heard", [BY_HTTP, BY_SOCKET], ids=["http", "socket"])
def test_a_slack_that_hangs_changes_nothing_else_and_a_stop_is_quick(tmp_path: Path, heard: dict[str, str]) -> None:
    async def story(machine: Machine) -> None:
        machine.sandbox.slack_misbehaviour.hang_s = 60
        await machine.start(wait=True, **slack(machine, heard))
        answer = await machine.report()
        number, code = await machine.page()
        assert await machine.sandbox.reply(number, code) == 200
        await machine.text(number, "Yours:")
        assert (await machine.incident(answer["case"]))["status"] == "acknowledged"
        began = time.monotonic()
        assert await machine.ended(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5

    on_machine(tmp_path, story)
