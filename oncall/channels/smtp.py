"""A connection to our mail server, encrypted and logged in as the settings say, and what its refusals mean."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from oncall.channels.channel import ChannelError
from oncall.settings import Encryption, SmtpServer

if TYPE_CHECKING:
    from aiosmtplib import SMTP

CONNECT_WITHIN_S = 3.0
GOODBYE_WITHIN_S = 0.5
ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
"""The status that RFC 3463 puts in front of a reply's words; what follows the class says what it is about."""
NOBODY_THERE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""The address does not exist, has moved, or is switched off (RFC 3463, RFC 7505): it will not work until somebody changes something."""
NO_SUCH_RECIPIENT = frozenset({550, 551, 553})
"""What a server without these statuses says of such an address (RFC 5321, 4.2.3)."""
LOGIN = frozenset({530, 534, 535, 538})
"""It wants a login, or refuses ours (RFC 4954)."""


async def connect(server: SmtpServer, password: str, our_name: str) -> SMTP:
    """A connection that is ready for a mail; give it to `goodbye` in the end. ChannelError: there is none, and nothing was sent.

    `our_name` is the host name that we greet with: ours cannot be looked up without waiting for a name server, and servers refuse a bare one.
    """
    from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

    tls = None if server.encryption is Encryption.NONE else await asyncio.to_thread(ssl.create_default_context)
    client = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=password or None,
        local_hostname=our_name,
        timeout=CONNECT_WITHIN_S,
        use_tls=server.encryption is Encryption.TLS,
        start_tls=server.encryption is Encryption.STARTTLS,
        tls_context=tls,
    )
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await client.connect()
    except SMTPResponseException as error:
        raise refusal(error.code, error.message) from error
    except (SMTPServerDisconnected, SMTPTimeoutError, TimeoutError, OSError) as error:
        raise untrusted(error) or ChannelError("the mail server cannot be reached", permanent=False) from error
    except SMTPException as error:
        # It offers no STARTTLS, or no login that we know; the settings say that it does.
        raise ChannelError(f"the mail server does not do what the settings say ({error.message})", permanent=True, tell_admins=True) from error
    return client


def untrusted(error: BaseException | None) -> ChannelError | None:
    """The refusal for a failure of the encryption, of which an admin has to know; None if it was something else."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__
    if error is None:
        return None
    known = isinstance(error, ssl.SSLCertVerificationError)
    reason = "the mail server's certificate is not trusted" if known else "the mail server does not answer encrypted"
    return ChannelError(reason, permanent=True, tell_admins=True)


async def goodbye(client: SMTP) -> None:
    """Ends a connection, politely if the server lets us; what was taken stays taken."""
    from aiosmtplib import SMTPException

    with suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(GOODBYE_WITHIN_S):
            await client.quit()
    client.close()


def refusal(code: int, words: str, of: Literal["mail", "sender", "recipient"] = "mail") -> ChannelError:
    """What a reply says that is no yes. Its words are not repeated: they may hold the address. `of`: what it refuses."""
    found = ENHANCED.match(words)
    status = found.group(1) if found else ""
    shown = f"{code} {found.group()}" if found else f"{code}"
    if not 500 <= code < 600:
        return ChannelError(f"the mail server puts us off ({shown})", permanent=False)
    if of == "sender":
        return ChannelError(f"the mail server does not let us send from our address ({shown})", permanent=True, tell_admins=True)
    if status in NOBODY_THERE or (of == "recipient" and not status and code in NO_SUCH_RECIPIENT):
        return ChannelError(f"the mail server knows no such address ({shown})", permanent=True, way_broken=True)
    if code in LOGIN:
        return ChannelError(f"the mail server refuses our login ({shown})", permanent=True, tell_admins=True)
    if status.startswith("7."):
        return ChannelError(f"the mail server does not let us send this ({shown})", permanent=True, tell_admins=True)
    return ChannelError(f"the mail server refuses it ({shown})", permanent=True)
