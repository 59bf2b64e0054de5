"""A real SMTP server on loopback that answers what a test says, at the place where it says it, and remembers what came."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from oncall.sandbox.mailbox import Connection

CERTIFICATE = Path(__file__).parents[1] / "cli" / "localhost.pem"
USER, PASSWORD = "oncall@example.com", "example-smtp-password"


@dataclass
class MailServer:
    """What it answers: `replies` by command, the first for the first time; `drop` and `hang` name the command that is not answered.

    `got` are the mails that came whole, `commands` what was said, `logins` who logged in.
    """

    replies: dict[str, list[str]] = field(default_factory=dict)
    drop: str = ""
    hang: str = ""
    got: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0

    async def answer(self, server: SMTP, command: str) -> str:
        """What is said to a command."""
        self.commands.append(command)
        if self.drop == command and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        if self.hang == command:
            await asyncio.sleep(60)
        replies = self.replies.get(command, [])
        return replies.pop(0) if replies else "250 2.0.0 OK"

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 -- named by aiosmtpd
        """MAIL FROM."""
        envelope.mail_from = address
        return await self.answer(server, "MAIL")

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 -- named by aiosmtpd
        """RCPT TO."""
        envelope.rcpt_tos.append(address)
        return await self.answer(server, "RCPT")

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- named by aiosmtpd
        """The mail has come, with its dot."""
        self.raw.append(envelope.original_content)
        message = message_from_bytes(envelope.original_content, _class=EmailMessage, policy=default)
        self.got.append((envelope.mail_from, envelope.rcpt_tos[0], message))
        return await self.answer(server, "DATA")

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Whether somebody may come in."""
        assert isinstance(given, LoginPassword)
        self.logins.append(given.login.decode())
        good = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=good, handled=False)

    def only_mail(self) -> EmailMessage:
        """The only mail that came."""
        assert len(self.got) == 1
        return self.got[0][2]


def certificate() -> ssl.SSLContext:
    """The server's end of an encrypted connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@asynccontextmanager
async def mail_server(scheme: str = "smtp", *, login: bool = False) -> AsyncIterator[tuple[MailServer, str]]:
    """The server until the block ends, and its URL, with the user if `login` is wanted."""
    here, opened = MailServer(), set[Connection]()

    def connection() -> Connection:
        here.connections += 1
        context = certificate() if scheme == "smtp+starttls" else None
        return Connection(here, opened, authenticator=here.login, auth_require_tls=False, tls_context=context)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=certificate() if scheme == "smtps" else None)
    user = f"{USER.replace('@', '%40')}@" if login else ""
    try:
        yield here, f"{scheme}://{user}127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for one in tuple(opened):
            await one.end()
        await server.wait_closed()


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Something that takes connections and never says a word; its URL."""
    opened: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: opened.append(writer), "127.0.0.1", 0)
    try:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in opened:
            writer.close()
            await writer.wait_closed()
        await server.wait_closed()
