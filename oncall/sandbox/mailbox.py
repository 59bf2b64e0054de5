"""A mail server on loopback that keeps what it takes: mails reach nobody, and can be refused, lost, repeated or kept waiting on purpose."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

from oncall.sandbox.state import MESSAGES_KEPT, Misbehaviour, State

NAME = "mail.example"
TAKEN = "250 2.0.0 Taken"
NOT_NOW = "451 4.3.0 Try again later"
"""What it answers where something is refused and no reply is given: the kind that passes."""
LARGEST_MAIL = 1 << 20
END_WITHIN_S = 2.0


@dataclass(slots=True, kw_only=True)
class Mail:
    """A mail. `copies`: how often it came, for a mailbox knows one that is repeated by its Message-ID. `under_way`: it is not shown (yet)."""

    at: datetime
    to: str
    message: EmailMessage
    copies: int = 1
    under_way: bool = False

    @property
    def subject(self) -> str:
        """The subject as it is read."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The words, from the part without any markup."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()).strip() if part is not None else ""


class Connection(SMTP):
    """A connection that `handler` answers; it is in `opened` while it is open, so that the end of the server can end it."""

    def __init__(self, handler: object, opened: set[Connection], **more: Any) -> None:
        super().__init__(handler, loop=asyncio.get_running_loop(), hostname=NAME, data_size_limit=LARGEST_MAIL, **more)
        self._opened = opened
        self._over = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected, or its connection is encrypted from now on."""
        super().connection_made(transport)
        self._opened.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """It is over."""
        super().connection_lost(error)
        self._opened.discard(self)
        self._over.set()

    async def end(self) -> None:
        """Ends it, whatever it waits for."""
        if self.transport is not None:
            self.transport.close()
        async with asyncio.timeout(END_WITHIN_S):
            await self._over.wait()


class Mailbox:
    """All the mailboxes there are, behind one server. Its handlers are called by the server for each recipient and each mail."""

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now
        self._mails: deque[Mail] = deque(maxlen=MESSAGES_KEPT)
        self._server: asyncio.Server | None = None
        self._open: set[Connection] = set()

    @property
    def _wrong(self) -> Misbehaviour:
        """What goes wrong with mails."""
        return self._state.misbehaviour["mail"]

    async def start(self, host: str) -> str:
        """Listens; the server's URL as ONCALL_SMTP_URL takes it."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self, self._open), host, 0)
        return f"smtp://{host}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Ends it, connections that wait too."""
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._open):
                await connection.end()
            await self._server.wait_closed()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 -- named by aiosmtpd
        """A recipient is named: taken, or refused as it is set."""
        if self._wrong.refuse_as or self._wrong.refuse:
            return self._wrong.refuse_as or NOT_NOW
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- named by aiosmtpd
        """A mail has come whole: it is kept, then answered, unless the answer is to be late or lost."""
        wrong = self._wrong
        message = message_from_bytes(envelope.original_content, _class=EmailMessage, policy=default)
        for address in envelope.rcpt_tos:
            for _ in range(wrong.receipts_times):
                self._keep(address, message)
        if wrong.hang_s:
            await self._state.before_stop(asyncio.sleep(wrong.hang_s))
        if wrong.lose_answer and server.transport is not None:
            server.transport.abort()
        return TAKEN

    def _keep(self, address: str, message: EmailMessage) -> None:
        """Puts a mail into its mailbox; the same one again is counted there."""
        known = next((one for one in self.to(address) if one.message["Message-ID"] == message["Message-ID"]), None)
        if known is not None:
            known.copies += 1
        else:
            mail = Mail(at=self._now(), to=address, message=message, under_way=bool(self._wrong.late_s) or not self._wrong.deliver)
            self._mails.append(mail)
            if mail.under_way and self._wrong.deliver:
                self._state.beside(self._arrive(mail, self._wrong.late_s))
        self._state.touch()

    async def _arrive(self, mail: Mail, after_s: float) -> None:
        """A mail that is late comes at last."""
        await self._state.pass_by(after_s)
        mail.under_way = False
        self._state.touch()

    def to(self, address: str) -> list[Mail]:
        """The mails to an address, oldest first, those that are late or lost too."""
        return [one for one in self._mails if one.to == address]

    def shown(self) -> list[Mail]:
        """Every mail that has arrived, oldest first."""
        return [one for one in self._mails if not one.under_way]
