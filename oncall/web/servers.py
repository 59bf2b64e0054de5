"""Uvicorn inside our loop: a public server on TCP and the control server on a unix socket that knows who is at the other end."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

PEER = "oncall.peer_uid"
"""Key of the ASGI scope under which the control server puts the user id at the other end; no client can set it."""
HEAD_WITHIN_S = 5.0
"""A connection that has not sent a whole request head by then is closed (reliability.md row 45)."""
KEEP_ALIVE_S = 15
CONNECTIONS = 500
"""Connections at one time; more are answered 503. A tenth of what the unit's LimitNOFILE leaves."""
LARGEST_HEAD = 16 * 1024
"""Bytes of a request head; it may come in one read more than that, not without end."""
HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
GRACE_S = 2
"""How long requests under way may take when we stop; the whole stop has 5 s."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP that closes connections on which a request head does not come to its end, or grows without one."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows the type in the same way
        """A client connected: it has a few seconds to say what it wants."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, transport.close)

    def data_received(self, data: bytes) -> None:
        """Bytes came: while they are not a whole head yet, the time runs and they are counted."""
        super().data_received(data)
        # Uvicorn's type says that there always is a cycle, but before the first request there is none.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        waiting = cycle is None or cycle.response_complete
        if not waiting:
            self._stop_timer()
            return
        self._head_size += len(data)
        if self._head_size > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection ended."""
        self._stop_timer()
        super().connection_lost(exc)

    def _stop_timer(self) -> None:
        """The head is there, or nobody waits for it any more."""
        self._head_size = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class PeerProtocol(BoundedProtocol):
    """HTTP on a unix socket: every request carries the user id of the process at the other end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows the type in the same way
        """Somebody on this machine connected: asks the kernel who."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, uid, _ = struct.unpack("3i", credentials)
        self.app = with_peer(self.app, uid)


def with_peer(app: ASGIApp, uid: int) -> ASGIApp:
    """`app` with the user id in the scope of each request."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, PEER: uid}, receive, send)

    return wrapped


class Server(uvicorn.Server):
    """A server that leaves signals to the daemon, ends by stop(), and does nothing at all while nobody asks."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Takes nothing new; serve() returns when the requests under way have ended, or their grace has."""
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        """Waits for stop(). Uvicorn's own looks ten times a second, all night, whether that has come."""
        await self._stopped.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn would take over SIGTERM and raise it again after the stop."""
        yield


def server(app: ASGIApp, protocol: type[BoundedProtocol]) -> Server:
    """A server for `app`, to be run with serve(sockets=[...]) and ended with stop()."""
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        limit_concurrency=CONNECTIONS,
    )
    return Server(config)


def public_socket(host: str, port: int) -> socket.socket:
    """A listening TCP socket; OSError if the address is taken.

    Made with IPPROTO_TCP, because asyncio switches Nagle's algorithm off only on sockets that say so: 44 ms per answer otherwise.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def unix_socket(path: Path) -> socket.socket:
    """A listening unix socket for user and group only; what a daemon that died left at `path` is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        if not path.is_socket():
            raise OSError(f"{path} exists and is no socket")
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The file begins with the descriptor's mode less the umask, so it is never open to others, not even for a moment.
        os.fchmod(listening.fileno(), 0o660)
        listening.bind(str(path))
        path.chmod(0o660)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening
