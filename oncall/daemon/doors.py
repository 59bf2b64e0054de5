"""The two servers: the public one on TCP and the control one on a unix socket; opened early, closed first."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from starlette.types import ASGIApp

from oncall.daemon.refusal import StartRefused
from oncall.settings import Settings
from oncall.web.servers import BoundedProtocol, PeerProtocol, Server, public_socket, server, unix_socket


class Doors:
    """Both servers for one application."""

    def __init__(self, app: ASGIApp) -> None:
        self._public = server(app, BoundedProtocol)
        self._control = server(app, PeerProtocol)
        self._open: list[tuple[Server, socket.socket]] = []
        self._path: Path | None = None

    def open_public(self, settings: Settings) -> str:
        """Listens on ONCALL_LISTEN and returns the base URL. StartRefused: the address is taken or not ours."""
        try:
            listening = public_socket(settings.host, settings.port)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            hint = "is another daemon running? stop it, or set another ONCALL_LISTEN" if taken else "set ONCALL_LISTEN to an address of this machine"
            raise StartRefused(f"cannot listen on {settings.listen}: {error.strerror}", hint=hint) from error
        self._open.append((self._public, listening))
        host, port = listening.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def open_control(self, path: Path) -> None:
        """Listens on the control socket. To be called by the one daemon that has the store, for it replaces what lies there."""
        try:
            listening = unix_socket(path)
        except OSError as error:
            raise StartRefused(
                f"cannot make the control socket {path}: {error.strerror or error}", hint="set ONCALL_SOCKET to another path"
            ) from error
        self._open.append((self._control, listening))
        self._path = path

    async def serve_public(self) -> None:
        """Serves the public door until close()."""
        await self._public.serve(sockets=[self._open[0][1]])

    async def serve_control(self) -> None:
        """Serves the control door until close()."""
        await self._control.serve(sockets=[self._open[1][1]])

    def close(self) -> None:
        """Takes nothing new; serve_public() and serve_control() return when the requests under way have ended, or their grace has."""
        for one, _ in self._open:
            one.stop()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
