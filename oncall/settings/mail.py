"""The settings of mail: the server that takes our mails, whom they come from, and what is wrong with either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.policy import SMTP
from enum import StrEnum
from urllib.parse import unquote, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EXAMPLE_URL = "write for example smtp+starttls://oncall@mail.acme.example:587"
EXAMPLE_FROM = "write for example Acme support <support@acme.example>"


class Encryption(StrEnum):
    """How a connection to the mail server is protected; the values are the schemes of its URL."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


PORTS: Mapping[Encryption, int] = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}
"""The ports of RFC 5321, RFC 6409 and RFC 8314."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The server that takes our mails. `user` is '' where nobody logs in."""

    host: str
    port: int
    user: str
    encryption: Encryption

    @property
    def is_near(self) -> bool:
        """Whether nothing that is sent to it leaves this machine."""
        return self.host in LOOPBACK


def read_smtp_url(text: str) -> SmtpServer:
    """Reads `smtp://`, `smtp+starttls://` or `smtps://`, `[user@]host[:port]`. ValueError says in plain words what is wrong, never a password."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise ValueError(f"is no mail server's address; {EXAMPLE_URL}") from error
    if parts.scheme not in set(Encryption):
        raise ValueError(f"must begin with smtp+starttls://, smtps:// or smtp://; {EXAMPLE_URL}")
    if parts.password is not None:
        raise ValueError("holds a password, which must not stand there; put it into the credential smtp_password")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if not parts.hostname or port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"is no mail server's address; {EXAMPLE_URL}")
    encryption = Encryption(parts.scheme)
    server = SmtpServer(host=parts.hostname, port=port or PORTS[encryption], user=unquote(parts.username or ""), encryption=encryption)
    if server.user and encryption is Encryption.NONE and not server.is_near:
        raise ValueError(
            "would send the password unencrypted; begin it with smtp+starttls:// or smtps:// (smtp:// with a user is for this machine only)"
        )
    return server


def read_address(text: str) -> Address:
    """Reads one address with or without a name, such as `Acme support <support@acme.example>`. ValueError: it is none, or several."""
    try:
        if not text.isprintable():
            raise ValueError
        header = SMTP.header_factory("From", text)
        (address,) = header.addresses
    except (ValueError, IndexError, HeaderParseError) as error:
        raise ValueError(f"is not one e-mail address; {EXAMPLE_FROM}") from error
    if header.defects or not (address.username and "." in address.domain and address.addr_spec.isascii()):
        raise ValueError(f"is not one e-mail address; {EXAMPLE_FROM}")
    return Address(display_name=address.display_name, addr_spec=address.addr_spec)


def mailable(text: str) -> str:
    """A bare address as every mail server takes it, a domain of other letters as IDNA writes it. ValueError: nobody can be written to there."""
    local, _, domain = text.rpartition("@")
    try:
        address = read_address(f"{local}@{domain.encode('idna').decode()}")
    except UnicodeError as error:
        raise ValueError("is no e-mail address") from error
    if address.display_name or address.username != local:
        raise ValueError("is no e-mail address")
    return address.addr_spec


def incomplete_mail(*, url: str, sender: str, reply_to: str, password: str) -> list[str]:
    """Problems with a mail server of which only a part is given; without any of it mail is simply off."""
    given = {"ONCALL_MAIL_FROM": sender, "ONCALL_MAIL_REPLY_TO": reply_to, "ONCALL_SMTP_PASSWORD": password}
    names = [name for name, value in given.items() if value]
    if not url:
        return [f"ONCALL_SMTP_URL must be set as well, because {' and '.join(names)} is; {EXAMPLE_URL}"] if names else []
    problems = [] if sender else [f"ONCALL_MAIL_FROM must be set as well, because ONCALL_SMTP_URL is; {EXAMPLE_FROM}"]
    user = read_smtp_url(url).user
    if user and not password:
        problems.append("ONCALL_SMTP_PASSWORD must be set as well, because ONCALL_SMTP_URL names a user; put it into the credential smtp_password")
    if password and not user:
        problems.append("ONCALL_SMTP_URL must name the user that ONCALL_SMTP_PASSWORD belongs to; write user@ before the host (an @ in it as %40)")
    return problems
