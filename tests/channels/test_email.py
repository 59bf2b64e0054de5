"""Mails through a real SMTP server: every answer has one meaning, what may have been taken is unknown, no password goes unencrypted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from oncall.channels import CHANNELS, Channel, ChannelError, Outgoing, ResultUnknown, email, smtp
from oncall.engine.sending import SEND_LIMIT_S
from oncall.settings import load_settings, mailable
from tests.channels.mail_server import CERTIFICATE, PASSWORD, USER, MailServer, mail_server, silent_server
from tests.web.standing import logged_elsewhere

DANA = "dana@customer.example"
TEXT = "[K7F2] Ana has your case\nHello Dana,\n\nWhat we know: Ana took your case at 03:06.\n\nWhat we do: <b>calling</b> & asking."


def letter(**more: object) -> Outgoing:
    """A notice to Dana."""
    notice = Outgoing(
        order="1001/7/taken/customer/email", kind="notify", about="taken", incident="1001", turn=7, url_key="k" * 20, line="customers",
        address=DANA, text=TEXT, valid_for=timedelta(hours=4), again=False, known_ids=frozenset(),
        at=datetime(2026, 11, 24, 2, 6, tzinfo=UTC), thread="t" * 20,
    )  # fmt: skip
    return replace(notice, **more)  # type: ignore[arg-type]  # fields of an Outgoing


def channel_at(url: str, **more: str) -> Channel:
    """The channel as the settings make it."""
    channel = CHANNELS["email"](load_settings(smtp_url=url, mail_from="Example support <support@example.com>", **more))
    assert channel is not None
    return channel


def play(story: Callable[[Channel, MailServer], Awaitable[None]], scheme: str = "smtp", *, login: bool = False, **more: str) -> str:
    """Runs a story with the channel and its server; what was logged."""

    async def run() -> None:
        async with mail_server(scheme, login=login) as (server, url):
            await story(channel_at(url, **({"smtp_password": PASSWORD} if login else {}), **more), server)

    with logged_elsewhere() as said:
        asyncio.run(run())
    return said.getvalue()


def test_a_mail_that_was_taken_has_its_words_and_its_headers() -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        accepted = await channel.send(letter())
        sender, to, mail = server.got[0]
        assert (sender, to) == ("support@example.com", DANA)
        headers = ("From", "To", "Subject", "Date", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress")
        assert [mail[name] for name in headers] == [
            "Example support <support@example.com>", DANA, "[K7F2] Ana has your case", "Tue, 24 Nov 2026 02:06:00 +0000", None, "auto-replied", "All",
        ]  # fmt: skip
        assert accepted.provider_id == mail["Message-ID"]
        assert words(mail, "plain") == TEXT.partition("\n")[2]
        assert "<p>What we do: &lt;b&gt;calling&lt;/b&gt; &amp; asking.</p>" in words(mail, "html")
        assert (mail.get_content_type(), [part.get_content_charset() for part in mail.iter_parts()]) == ("multipart/alternative", ["utf-8", "utf-8"])
        assert server.commands == ["MAIL", "RCPT", "DATA"]

    play(story)


def words(mail: EmailMessage, kind: str) -> str:
    """What one of the two parts says."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").strip()


def test_answers_go_where_the_settings_say() -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        await channel.send(letter())
        assert server.only_mail()["Reply-To"] == "Acme desk <desk@example.com>"

    play(story, mail_reply_to="Acme desk <desk@example.com>")


@pytest.mark.parametrize(
    "address",
    ["", "dana", "@customer.example", "dana@", "dana@customer", "Dana <dana@customer.example>", "dana@customer.example, x@example.com",
     "dana@customer.example\r\nRCPT TO:<x@example.com>", "dana @customer.example", "dänä@customer.example", "<dana@customer.example>",
     "dana@customer.example>", "dana@customer..example", "dana@" + "x" * 70 + ".example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_for_good_and_nothing_is_said_to_the_server(address: str) -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        with pytest.raises(ChannelError) as refused:
            await channel.send(letter(address=address))
        assert (refused.value.permanent, refused.value.way_broken, refused.value.reason) == (True, True, "this is no e-mail address")
        assert server.commands == []

    play(story)


def test_a_domain_in_other_letters_is_written_as_servers_take_it() -> None:
    assert mailable("dana@bücher.example") == "dana@xn--bcher-kva.example"


REFUSED, LOGIN = "the mail server refuses it", "the mail server refuses our login"
NOBODY, NOT_ALLOWED = "the mail server knows no such address", "the mail server does not let us send this"
LATER, FROM = "the mail server puts us off", "the mail server does not let us send from our address"


@pytest.mark.parametrize(
    ("command", "reply", "reason", "permanent", "way_broken", "tell_admins"),
    [
        ("MAIL", "451 4.3.2 Busy", f"{LATER} (451 4.3.2)", False, False, False),
        ("MAIL", "550 5.1.8 Bad sender", f"{FROM} (550 5.1.8)", True, False, True),
        ("MAIL", "530 5.7.0 Authentication required", f"{FROM} (530 5.7.0)", True, False, True),
        ("RCPT", "450 4.2.0 Greylisted", f"{LATER} (450 4.2.0)", False, False, False),
        ("RCPT", "421 Closing", f"{LATER} (421)", False, False, False),
        ("RCPT", f"550 5.1.1 <{DANA}>: User unknown", f"{NOBODY} (550 5.1.1)", True, True, False),
        ("RCPT", f"550 No such user {DANA}", f"{NOBODY} (550)", True, True, False),
        ("RCPT", "553 5.1.3 Bad address", f"{NOBODY} (553 5.1.3)", True, True, False),
        ("RCPT", "554 5.7.1 Relay access denied", f"{NOT_ALLOWED} (554 5.7.1)", True, False, True),
        ("RCPT", "552 5.2.2 Mailbox full", f"{REFUSED} (552 5.2.2)", True, False, False),
        ("DATA", "451 4.3.0 Try again", f"{LATER} (451 4.3.0)", False, False, False),
        ("DATA", "554 5.6.0 Not like this", f"{REFUSED} (554 5.6.0)", True, False, False),
        ("DATA", "550 No", f"{REFUSED} (550)", True, False, False),
    ],
)
def test_each_refusal_has_one_meaning_and_repeats_no_address(
    command: str, reply: str, reason: str, permanent: bool, way_broken: bool, tell_admins: bool
) -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        server.replies[command] = [reply]
        with pytest.raises(ChannelError) as refused:
            await channel.send(letter())
        error = refused.value
        assert (error.reason, error.permanent, error.way_broken, error.tell_admins) == (reason, permanent, way_broken, tell_admins)

    assert DANA not in play(story)


def test_a_mail_that_was_put_off_is_taken_the_next_time_as_the_same_mail() -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        server.replies["RCPT"] = ["450 4.2.0 Greylisted"]
        with pytest.raises(ChannelError):
            await channel.send(letter())
        accepted = await channel.send(letter(again=True))
        assert server.only_mail()["Message-ID"] == accepted.provider_id

    play(story)


@pytest.mark.parametrize(("command", "unknown"), [("MAIL", False), ("RCPT", False), ("DATA", True)])
def test_a_connection_that_drops_is_unknown_only_behind_the_dot(command: str, unknown: bool) -> None:
    """What the server cannot have is surely not sent; what it has may be on its way, and is not sent again here."""

    async def story(channel: Channel, server: MailServer) -> None:
        server.drop = command
        with pytest.raises(ResultUnknown if unknown else ChannelError) as lost:
            await channel.send(letter())
        assert getattr(lost.value, "permanent", False) is False
        assert server.commands.count("DATA") == len(server.got) == int(unknown)
        assert server.connections == 1

    play(story)


@pytest.mark.parametrize(("command", "unknown"), [("MAIL", False), ("RCPT", False), ("DATA", True)])
def test_a_server_that_hangs_is_given_up_at_each_deadline(command: str, unknown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "ADDRESS_WITHIN_S", 0.2)
    monkeypatch.setattr(email, "DATA_WITHIN_S", 0.2)

    async def story(channel: Channel, server: MailServer) -> None:
        server.hang = command
        with pytest.raises(ResultUnknown if unknown else ChannelError):
            await channel.send(letter())

    play(story)


def test_the_deadlines_together_stay_under_that_of_a_send() -> None:
    """Or the engine would call unknown what was surely not sent (decisions.md 7)."""
    assert smtp.CONNECT_WITHIN_S + email.ADDRESS_WITHIN_S + email.DATA_WITHIN_S + smtp.GOODBYE_WITHIN_S < SEND_LIMIT_S


def test_a_server_that_never_greets_surely_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "CONNECT_WITHIN_S", 0.2)

    async def run() -> None:
        async with silent_server() as url:
            with pytest.raises(ChannelError) as refused:
                await channel_at(url).send(letter())
            assert (refused.value.permanent, refused.value.reason) == (False, "the mail server cannot be reached")

    asyncio.run(run())


def test_a_goodbye_that_hangs_changes_nothing_of_what_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        async def hang(*_: object) -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_QUIT", hang)
        began = time.monotonic()
        assert (await channel.send(letter())).provider_id == server.only_mail()["Message-ID"]
        assert time.monotonic() - began < 5

    play(story)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_an_encrypted_connection_is_logged_in_and_its_certificate_must_be_trusted(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(channel: Channel, server: MailServer) -> None:
        with pytest.raises(ChannelError) as refused:
            await channel.send(letter())
        error = refused.value
        assert (error.reason, error.permanent, error.tell_admins) == ("the mail server's certificate is not trusted", True, True)
        assert (server.logins, server.got) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        await channel.send(letter())
        assert (server.logins, len(server.got)) == ([USER], 1)

    play(story, scheme, login=True)


def test_a_wrong_password_is_for_admins_and_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    async def run() -> None:
        async with mail_server("smtps", login=True) as (server, url):
            with pytest.raises(ChannelError) as refused:
                await channel_at(url, smtp_password="example-wrong-password").send(letter())
            assert (refused.value.reason, refused.value.tell_admins) == (f"{LOGIN} (535 5.7.8)", True)
            assert server.got == []

    with logged_elsewhere() as said:
        asyncio.run(run())
    assert "example-wrong-password" not in said.getvalue()


def test_a_server_without_the_encryption_that_was_asked_for_gets_neither_password_nor_mail() -> None:
    async def run() -> None:
        async with mail_server() as (server, url):
            for asked in (url.replace("smtp:", "smtp+starttls:"), url.replace("smtp:", "smtps:")):
                with pytest.raises(ChannelError) as refused:
                    await channel_at(asked).send(letter())
                assert (refused.value.permanent, refused.value.tell_admins) == (True, True)
            assert (server.logins, server.commands) == ([], [])

    asyncio.run(run())
