"""The whole way of a notice by mail: from the report through the real engine, store and channel to a real SMTP server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.channels import CHANNELS
from oncall.engine import sending
from oncall.settings import load_settings
from oncall.store import outbox
from tests.channels.mail_server import MailServer, mail_server
from tests.web.standing import DESK_KEY, Standing, standing, wait_for

DANA = "dana@customer.example"
Story = Callable[[Standing, MailServer], Awaitable[None]]


def play(folder: Path, story: Story) -> None:
    """Runs a story with an engine whose mails go to a real server."""

    async def run() -> None:
        async with mail_server() as (server, url):
            mail = CHANNELS["email"](load_settings(smtp_url=url, mail_from="Example support <support@example.com>"))
            assert mail is not None
            async with standing(folder, more_channels={"email": mail}) as doors:
                await story(doors, server)

    asyncio.run(run())


async def reported(doors: Standing) -> str:
    """Dana reports by a program that gives nothing but her address; the incident."""
    body = {"summary": "Checkout is down", "service": "shop", "contact": {"name": "Dana", "email": DANA}, "channel": "api"}
    status, answer = await doors.call("POST", "/v1/emergencies", body, key=DESK_KEY)
    assert status == 202
    return str(answer["incident"])


async def act(doors: Standing, incident: str, verb: str) -> None:
    """Ana does something."""
    status, _ = await doors.call("POST", f"/v1/incidents/{incident}/{verb}", {"by": "ana"}, key=DESK_KEY)
    assert status == 200


def subjects(server: MailServer) -> list[str]:
    """The subjects that came, without the case."""
    return [str(mail["Subject"]).partition("] ")[2] for _, _, mail in server.got]


async def settled(doors: Standing, incident: str) -> list[tuple[str, str, str]]:
    """What became of the notices, once it is known: what, by which way, and how it ended."""
    found: list[tuple[str, str, str]] = []
    async with asyncio.timeout(20):
        while True:
            rows = await doors.store.tx(lambda conn: outbox.of_incident(conn, incident))
            found = [(row.order.about, row.order.way, row.state) for row, _ in rows if row.order.recipient == "customer"]
            if found and all(state not in {"due", "sending"} for _, _, state in found):
                return found
            await asyncio.sleep(0.02)


def test_a_customer_with_only_an_address_hears_received_taken_and_resolved(tmp_path: Path) -> None:
    async def story(doors: Standing, server: MailServer) -> None:
        incident = await reported(doors)
        await wait_for(lambda: len(server.got) == 1)
        await act(doors, incident, "acknowledge")
        await wait_for(lambda: len(server.got) == 2)
        await act(doors, incident, "resolve")
        await wait_for(lambda: len(server.got) == 3)
        assert [one.split(".")[0] for one in subjects(server)] == ["We have your emergency", "Ana has your case", "Ana closed your case"]
        mails = [mail for _, _, mail in server.got]
        assert {to for _, to, _ in server.got} == {DANA}
        assert len({mail["References"] for mail in mails}) == 1
        assert len({mail["Message-ID"] for mail in mails}) == 3
        assert all(mail["In-Reply-To"] == mail["References"] for mail in mails)
        assert await settled(doors, incident) == [(about, "email", "sent") for about in ("received", "taken", "resolved")]

    play(tmp_path, story)


def test_a_mail_that_is_put_off_comes_at_the_next_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BACKOFF", timedelta(seconds=0.2))

    async def story(doors: Standing, server: MailServer) -> None:
        server.replies["RCPT"] = ["450 4.2.0 Greylisted", "450 4.2.0 Greylisted"]
        incident = await reported(doors)
        assert await settled(doors, incident) == [("received", "email", "sent")]
        assert (len(server.got), server.commands.count("RCPT")) == (1, 3)

    play(tmp_path, story)


def test_what_is_true_no_more_when_its_turn_comes_is_never_mailed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server puts "we are calling" off, somebody takes it meanwhile: at the claim it is not true any more."""
    monkeypatch.setattr(sending, "BACKOFF", timedelta(seconds=1))

    async def story(doors: Standing, server: MailServer) -> None:
        server.replies["RCPT"] = ["450 4.2.0 Greylisted"]
        incident = await reported(doors)
        await wait_for(lambda: server.commands.count("RCPT") == 1)
        await act(doors, incident, "acknowledge")
        assert await settled(doors, incident) == [("received", "email", "cancelled"), ("taken", "email", "sent")]
        assert [one.split(".")[0] for one in subjects(server)] == ["Ana has your case"]

    play(tmp_path, story)


def test_a_mail_whose_answer_was_lost_goes_once_more_as_the_same_mail_and_then_a_human_is_asked(tmp_path: Path) -> None:
    """Nobody can look whether it is there, and the customer has no other way; a mailbox knows a repeated mail by its Message-ID."""

    async def story(doors: Standing, server: MailServer) -> None:
        server.drop = "DATA"
        incident = await reported(doors)
        assert await settled(doors, incident) == [("received", "email", "unknown")]
        await wait_for(lambda: any("may not have our message (the mail server's answer was lost)" in one.text for one in doors.carrier.sent))
        assert (len(server.got), server.connections) == (2, 2)
        assert server.raw[0] == server.raw[1]

    play(tmp_path, story)


def test_a_server_that_hangs_holds_up_no_page_and_is_put_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.channels.email.ADDRESS_WITHIN_S", 0.3)
    monkeypatch.setattr(sending, "BACKOFF", timedelta(seconds=0.1))

    async def story(doors: Standing, server: MailServer) -> None:
        server.hang = "RCPT"
        incident = await reported(doors)
        await wait_for(lambda: server.commands.count("RCPT") == 1)
        await act(doors, incident, "acknowledge")
        await wait_for(lambda: any("Yours" in one.text for one in doors.carrier.sent))
        server.hang = ""
        assert ("taken", "email", "sent") in await settled(doors, incident)

    play(tmp_path, story)


def test_an_address_that_nobody_has_is_remembered_and_a_human_is_asked(tmp_path: Path) -> None:
    async def story(doors: Standing, server: MailServer) -> None:
        server.replies["RCPT"] = ["550 5.1.1 No such user"]
        incident = await reported(doors)
        assert await settled(doors, incident) == [("received", "email", "failed")]
        await wait_for(lambda: any("knows no such address (550 5.1.1)" in one.text for one in doors.carrier.sent))
        assert not [one for one in doors.carrier.sent if DANA in one.text]

    play(tmp_path, story)


def test_a_refused_login_is_told_to_the_admins_as_what_it_is(tmp_path: Path) -> None:
    async def story(doors: Standing, server: MailServer) -> None:
        server.replies["MAIL"] = ["530 5.7.0 Authentication required"]
        await reported(doors)
        told = "Mails to customers are refused: the mail server does not let us send from our address (530 5.7.0)."
        await wait_for(lambda: any(told in one.text for one in doors.carrier.sent))
        assert not [one for one in doors.carrier.sent if "Texts are refused" in one.text]

    play(tmp_path, story)
