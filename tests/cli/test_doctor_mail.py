"""The doctor and the mail server: what would keep customers from their mails is named before the night, and no mail is sent to find it out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from oncall.cli.doctor.look import Look, Patient
from oncall.cli.doctor.mail import mail, protection
from oncall.cli.doctor.probes import looked
from oncall.settings import load_settings, read_smtp_url
from tests.channels.mail_server import CERTIFICATE, PASSWORD, MailServer, mail_server, silent_server

FROM = "Example support <oncall@example.com>"
NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


async def asked(url: str, **more: str) -> list[Look]:
    """What the probe says of a server."""
    return await looked(mail, Patient(settings=load_settings(smtp_url=url, mail_from=FROM, **more), now=lambda: NOW))


def play(story: Callable[[MailServer, str], Awaitable[None]], scheme: str = "smtp", *, login: bool = False) -> None:
    """Runs a story with a real server."""

    async def run() -> None:
        async with mail_server(scheme, login=login) as (server, url):
            await story(server, url)
        assert server.got == []
        assert "RCPT" not in server.commands

    asyncio.run(run())


def test_a_server_that_takes_our_mails_is_fine_and_gets_none() -> None:
    async def story(server: MailServer, url: str) -> None:
        assert await asked(url) == [Look(state="ok", text="127.0.0.1 takes mails from oncall@example.com")]
        assert server.commands == ["MAIL"]

    play(story)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_encryption_and_login_are_tried(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    async def story(server: MailServer, url: str) -> None:
        assert await asked(url, smtp_password=PASSWORD) == [Look(state="ok", text="127.0.0.1 takes mails from oncall@example.com, logged in")]
        (wrong,) = await asked(url, smtp_password="another")
        assert (wrong.state, wrong.text) == ("problem", "the mail server refuses our login (535 5.7.8)")
        assert "smtp_password" in wrong.hint

    play(story, scheme, login=True)


def test_a_certificate_that_nobody_trusts_is_a_problem() -> None:
    async def story(_server: MailServer, url: str) -> None:
        (look,) = await asked(url)
        assert (look.state, look.text) == ("problem", "the mail server's certificate is not trusted")

    play(story, "smtps")


def test_an_address_from_which_we_may_not_send_is_a_problem() -> None:
    async def story(server: MailServer, url: str) -> None:
        server.replies["MAIL"] = ["550 5.7.1 Sender not allowed"]
        (look,) = await asked(url)
        assert (look.state, look.text) == ("problem", "the mail server does not let us send from our address (550 5.7.1)")

    play(story)


def test_a_server_that_is_not_there_or_says_nothing_is_a_problem() -> None:
    async def story() -> None:
        for url in ("smtp://127.0.0.1:1", None):
            async with silent_server() as silent:
                (look,) = await asked(url or silent)
            assert (look.state, look.text) == ("problem", "the mail server cannot be reached")
            assert look.hint.startswith("does this machine reach 127.0.0.1, port ")

    asyncio.run(story())


def test_without_a_mail_server_mail_is_off_and_that_is_fine() -> None:
    async def story() -> None:
        found = await looked(mail, Patient(settings=load_settings(), now=lambda: NOW))
        assert found == [Look(state="ok", text="off: no mail server is set")]

    asyncio.run(story())


def test_a_server_elsewhere_without_encryption_is_warned_of() -> None:
    """Whoever listens reads what we write to customers."""
    assert [look.state for look in protection(read_smtp_url("smtp://mail.example.com"))] == ["warning"]
    assert protection(read_smtp_url("smtp://127.0.0.1")) == []
    assert protection(read_smtp_url("smtps://mail.example.com")) == []
