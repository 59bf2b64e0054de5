"""Mails to customers over SMTP: handed to our mail server once; what it did not clearly take or refuse is unknown, and not sent again here."""

from __future__ import annotations

import asyncio
from email.headerregistry import Address
from typing import TYPE_CHECKING

from oncall.channels.channel import Accepted, ChannelError, Outgoing, ResultUnknown
from oncall.channels.mime import SEVEN_BITS, Sender, mail_of
from oncall.channels.smtp import connect, goodbye, refusal
from oncall.settings import Settings, SmtpServer, mailable, read_address, read_smtp_url

if TYPE_CHECKING:
    from aiosmtplib import SMTP

ADDRESS_WITHIN_S = 2.0
DATA_WITHIN_S = 4.0
"""Deadlines behind that of connecting: all of a send stays under its 10 s (decisions.md 7)."""


class Email:
    """The way 'email', which leads to customers only: a mail wakes nobody."""

    way = "email"

    def __init__(self, server: SmtpServer, password: str, sender: Sender) -> None:
        self._server = server
        self._password = password
        self._sender = sender

    @classmethod
    def of(cls, settings: Settings) -> Email | None:
        """The channel over the settings' mail server; None: it is off."""
        if not settings.smtp_url:
            return None
        reply_to = read_address(settings.mail_reply_to) if settings.mail_reply_to else None
        sender = Sender(address=read_address(settings.mail_from), reply_to=reply_to)
        return cls(read_smtp_url(settings.smtp_url), settings.smtp_password.get_secret_value(), sender)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Mails `outgoing`; see Channel. A mail cannot be looked up, so one that was sent before has the same Message-ID again."""
        try:
            to = mailable(outgoing.address)
        except ValueError as error:
            raise ChannelError("this is no e-mail address", permanent=True, way_broken=True) from error
        mail = mail_of(outgoing, self._sender, to)
        client = await connect(self._server, self._password, self._sender.address.domain)
        try:
            await address(client, self._sender.address, to)
            await hand_over(client, mail.as_bytes(policy=SEVEN_BITS))
        finally:
            await goodbye(client)
        return Accepted(provider_id=str(mail["Message-ID"]))

    async def close(self) -> None:
        """Holds no connection."""


async def address(client: SMTP, sender: Address, to: str) -> None:
    """Says from whom a mail is and to whom it goes. ChannelError: it is not taken, and nothing was sent."""
    from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPResponseException, SMTPSenderRefused

    try:
        async with asyncio.timeout(ADDRESS_WITHIN_S):
            await client.mail(sender.addr_spec, timeout=None)
            await client.rcpt(to, timeout=None)
    except SMTPSenderRefused as error:
        raise refusal(error.code, error.message, "sender") from error
    except SMTPRecipientRefused as error:
        raise refusal(error.code, error.message, "recipient") from error
    except SMTPResponseException as error:
        raise refusal(error.code, error.message) from error
    except (SMTPException, OSError, TimeoutError) as error:
        raise ChannelError("the connection to the mail server broke before it had the mail", permanent=False) from error


async def hand_over(client: SMTP, mail: bytes) -> None:
    """Sends the mail itself. ChannelError: the server said that it does not take it. ResultUnknown: it did not say."""
    from aiosmtplib import SMTPException, SMTPResponseException

    try:
        async with asyncio.timeout(DATA_WITHIN_S):
            await client.data(mail, timeout=None)
    except SMTPResponseException as error:
        if 200 <= error.code < 300:
            return
        if 400 <= error.code < 600:
            raise refusal(error.code, error.message) from error
        raise ResultUnknown(f"the mail server's answer makes no sense ({error.code})") from error
    except TimeoutError as error:
        raise ResultUnknown(f"the mail server did not answer within {DATA_WITHIN_S:g} s") from error
    except (SMTPException, OSError) as error:
        raise ResultUnknown("the mail server's answer was lost") from error
