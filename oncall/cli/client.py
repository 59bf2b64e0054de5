"""Talks to the running daemon over its control socket; no key is needed, for the kernel says who we are."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncall.cli.output import Code, Failed

ANSWER_WITHIN_S = 15.0
"""The daemon itself answers or refuses within 8 s."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("oncall", timeout=ANSWER_WITHIN_S)
        self._path = path

    def connect(self) -> None:
        """Connects to the daemon's socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_WITHIN_S)
        self.sock.connect(str(self._path))


def ask(method: str, path: str, body: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The daemon's answer. Failed if there is no daemon, it may not be asked, or it says no."""
    status, raw = exchanged(method, path, body, headers)
    return said(status, raw)


def fetch(path: str) -> str:
    """A text that the daemon gives. Failed as in `ask`."""
    status, raw = exchanged("GET", path, None, None)
    if status >= 400:
        said(status, raw)
    return raw.decode("utf-8")


def exchanged(method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str] | None) -> tuple[int, bytes]:
    """The status and the content of an answer. Failed if none comes."""
    connection = connected()
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(Code.UNREACHABLE, "no_answer", f"the daemon did not answer ({error})", "oncall status; its log says more") from error
    finally:
        connection.close()


def said(status: int, raw: bytes) -> dict[str, Any]:
    """What an answer says. Failed if it is a refusal, or none of ours."""
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise Failed(Code.UNREACHABLE, "no_answer", f"what answers there is no daemon of ours (HTTP {status})") from error
    if status >= 400:
        raise refused(status, answer)
    return dict(answer)


def connected() -> UnixConnection:
    """A connection to the first socket on which a daemon answers."""
    from oncall.settings.places import client_sockets

    tried = client_sockets()
    for path in tried:
        connection = UnixConnection(path)
        try:
            connection.connect()
            return connection
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            connection.close()
        except PermissionError as error:
            connection.close()
            hint = "run it as a member of the socket's group, or as root"
            raise Failed(Code.FORBIDDEN, "forbidden", f"you may not use the daemon's socket {path}", hint) from error
        except OSError as error:
            connection.close()
            raise Failed(Code.UNREACHABLE, "no_daemon", f"the daemon's socket {path} cannot be used: {error}") from error
    places = ", ".join(str(path) for path in tried)
    hint = "start it: systemctl start oncall, or oncall run; if it listens elsewhere, set ONCALL_SOCKET"
    raise Failed(Code.UNREACHABLE, "no_daemon", f"no daemon is running (looked at {places})", hint)


def refused(status: int, answer: Mapping[str, Any]) -> Failed:
    """The daemon's refusal as a failure of the command."""
    fields = [f"{one['field']} {one['problem']}" for one in answer.get("errors", [])]
    message = "; ".join((str(answer.get("detail", f"HTTP {status}")), *fields))
    codes = {401: Code.FORBIDDEN, 403: Code.FORBIDDEN, 404: Code.NO, 429: Code.UNREACHABLE, 500: Code.BROKEN, 503: Code.UNREACHABLE}
    return Failed(codes.get(status, Code.USAGE), f"http_{status}", message, data=dict(answer))
