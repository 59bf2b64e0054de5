"""Looks at the mail server that takes our mails to customers: connection, encryption, login, and whether we may send from our address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from oncall.channels import ChannelError
from oncall.channels.smtp import connect, goodbye, refusal
from oncall.cli.doctor.look import Look, Patient, fine, problem, unresolved, warning
from oncall.settings import Encryption, SmtpServer, read_address, read_smtp_url

if TYPE_CHECKING:
    from aiosmtplib import SMTP

ASK_WITHIN_S = 1.0
"""For the sender's address, behind the deadline of connecting: together less than the whole probe's."""


async def mail(patient: Patient) -> list[Look]:
    """Whether the mail server would take a mail from us. None is sent."""
    settings = patient.settings
    if not settings.smtp_url:
        return [fine("off: no mail server is set")]
    server, sender = read_smtp_url(settings.smtp_url), read_address(settings.mail_from)
    if gone := await unresolved(f"smtp://{server.host}"):
        return [problem(gone, "mend ONCALL_SMTP_URL, or check the name server of this machine: resolvectl status")]
    try:
        client = await connect(server, settings.smtp_password.get_secret_value(), sender.domain)
        try:
            await may_send(client, sender.addr_spec)
        finally:
            await goodbye(client)
    except ChannelError as error:
        reached = f"does this machine reach {server.host}, port {server.port}? Is it {server.encryption} there?"
        return [problem(str(error), "look at ONCALL_SMTP_URL, ONCALL_MAIL_FROM and smtp_password" if error.permanent else reached)]
    return [fine(f"{server.host} takes mails from {sender.addr_spec}{', logged in' if server.user else ''}"), *protection(server)]


async def may_send(client: SMTP, sender: str) -> None:
    """Names the sender and takes it back. ChannelError: the server does not let us send from there."""
    from aiosmtplib import SMTPException, SMTPResponseException

    try:
        async with asyncio.timeout(ASK_WITHIN_S):
            await client.mail(sender, timeout=None)
            await client.rset(timeout=None)
    except SMTPResponseException as error:
        raise refusal(error.code, error.message, "sender") from error
    except (SMTPException, OSError, TimeoutError) as error:
        raise ChannelError("the mail server does not answer any more", permanent=False) from error


def protection(server: SmtpServer) -> list[Look]:
    """A warning where what we write to customers can be read on its way."""
    if server.encryption is not Encryption.NONE or server.is_near:
        return []
    return [warning(f"what we send to {server.host} is not encrypted", "begin ONCALL_SMTP_URL with smtp+starttls:// or smtps://, if it can do that")]
