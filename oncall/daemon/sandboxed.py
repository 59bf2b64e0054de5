"""A daemon inside the sandbox: real SDK and real webhooks, but the telephones are handsets in the browser."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from oncall.daemon.life import Daemon
from oncall.daemon.refusal import StartRefused
from oncall.settings import Settings, load_settings, state_directory

if TYPE_CHECKING:
    from oncall.core.model import Handbook
    from oncall.sandbox import Handset, Numbers, Sandbox, SlackWorkspace

STAFF_LINE, CUSTOMER_LINE = "+15125550100", "+15125550101"
"""The sandbox's own numbers, out of those that are reserved for stories."""
SENDER = "Example support <support@example.com>"
CHANNEL = "C0AFTERHRS"
"""The Slack channel of the sandbox's own workspace."""
CUSTOMER_NUMBER, CUSTOMER_EMAIL = "+15125550199", "dana@customer.example"


@dataclass(kw_only=True)
class Inside:
    """A daemon with its sandbox. `page` is the URL of the handsets; `key` an API key with every scope."""

    daemon: Daemon
    sandbox: Sandbox
    settings: Settings
    page: str
    key: str
    customer: Handset


@asynccontextmanager
async def in_sandbox(settings: Settings, speed: float) -> AsyncIterator[Inside]:
    """A sandbox that runs, and a daemon wired to it that the caller runs. StartRefused: the handbook cannot be read."""
    from oncall.sandbox import Handset, Numbers, Sandbox, SlackWorkspace

    customer = Handset(id="customer", name="Dana (customer)", number=CUSTOMER_NUMBER, email=CUSTOMER_EMAIL)
    numbers = Numbers(account_sid="AC" + secrets.token_hex(16), auth_token=secrets.token_hex(16), staff=STAFF_LINE, customers=CUSTOMER_LINE)
    workspace = SlackWorkspace(bot_token=f"xoxb-{secrets.token_hex(16)}", app_token="", signing_secret=secrets.token_hex(16), channel=CHANNEL)
    key, daemons = secrets.token_hex(16), list[Daemon]()

    # The handsets show the daemon's time, but the daemon comes second, because it needs the sandbox's address.
    def now() -> datetime:
        return daemons[0].now()

    sandbox = Sandbox(numbers=numbers, people=handsets(settings), customer=customer, api_key=key, now=now, speed=speed, slack=workspace)
    page = await sandbox.start()
    try:
        inside = wired(settings, numbers, workspace, page, sandbox.mail_server, key)
        daemons.append(Daemon(inside, speed=speed))
        sandbox.daemon_at(inside.base_url)
        yield Inside(daemon=daemons[0], sandbox=sandbox, settings=inside, page=page, key=key, customer=customer)
    finally:
        await sandbox.stop()


def wired(settings: Settings, numbers: Numbers, workspace: SlackWorkspace, page: str, mail_server: str, key: str) -> Settings:
    """The settings with made-up accounts at the sandbox, at `page` and `mail_server`: whatever real credentials were given are replaced."""
    listen = settings.listen if settings.port else f"{settings.host}:{free_port(settings.host)}"
    keys = ",".join(part for part in (settings.api_keys.get_secret_value(), f"sandbox:{key}:report+read+act") if part)
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return load_settings(
        **{
            **given,
            "listen": listen,
            "public_url": f"http://{listen}",
            "twilio_account_sid": numbers.account_sid,
            "twilio_auth_token": numbers.auth_token,
            "twilio_from": STAFF_LINE,
            "twilio_customer_from": CUSTOMER_LINE,
            "twilio_api_base": page,
            "slack_bot_token": workspace.bot_token,
            "slack_app_token": workspace.app_token,
            "slack_signing_secret": workspace.signing_secret,
            "slack_channel": workspace.channel,
            "slack_api_base": f"{page}/api/",
            "smtp_url": mail_server,
            "smtp_password": "",
            "mail_from": SENDER,
            "mail_reply_to": "",
            "api_keys": keys,
            # What is played must never be taken for what happened.
            "database_url": settings.database_url or f"sqlite:///{state_directory() / 'sandbox.db'}",
        }
    )


def free_port(host: str) -> int:
    """A port that nobody has at this moment."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def handbook_of(settings: Settings) -> Handbook:
    """The handbook of the files. StartRefused: it cannot be used."""
    from oncall.handbook import read

    reading = read(settings.config, settings.rotations)
    if reading.handbook is None:
        problems = tuple(str(problem) for problem in reading.problems)
        raise StartRefused("the handbook cannot be used, and the sandbox has no earlier one", hint="run: oncall check", problems=problems, code=2)
    return reading.handbook


def handsets(settings: Settings) -> list[Handset]:
    """A telephone for everybody who can be paged."""
    from oncall.sandbox import Handset

    book = handbook_of(settings)
    people = [
        Handset(id=one.id, name=one.name, number=one.phones[0], email=one.email or "", slack=one.slack or "")
        for one in book.people.values()
        if one.phones
    ]
    bare = [one.phone for one in book.last_resort if one.phone]
    return [*people, *(Handset(id=number, name="Last resort", number=number) for number in bare)]
