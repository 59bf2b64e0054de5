"""Takes what the machine sends out, on its own loopback: it answers as Twilio's Messages API, Slack and a heartbeat's receiver would."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from tests.host.machine import ROOT, Machine

SINK = "http://127.0.0.1:9900"
SINK_TLS = "https://127.0.0.1:9901"
CERTIFICATE = Path("tests/cli/localhost.pem")
"""In the checkout: the sink's certificate and key for SINK_TLS, and what a client must trust."""


@dataclass(frozen=True)
class Post:
    """One request: `account` is the user of its basic authentication, `fields` what it says."""

    path: str
    account: str
    fields: dict[str, object]


@dataclass
class Sink:
    """What was taken so far."""

    posts: list[Post] = field(default_factory=list)

    def texts(self, account: str) -> list[str]:
        """The texts sent by an account, in order."""
        return [str(one.fields["Body"]) for one in self.posts if one.account == account]

    def at(self, path: str) -> list[Post]:
        """What came to a path."""
        return [one for one in self.posts if one.path == path]


class Server(ThreadingHTTPServer):
    """A server on a socket that exists already."""

    daemon_threads = True

    def __init__(self, machine: Machine, sink: Sink, port: int, *, encrypted: bool = False) -> None:
        super().__init__(("127.0.0.1", port), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = machine.socket()
        self.socket.settimeout(None)
        self.sink = sink
        self.server_bind()
        self.server_activate()
        if encrypted:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(ROOT / CERTIFICATE)
            self.socket = context.wrap_socket(self.socket, server_side=True)


class Handler(BaseHTTPRequestHandler):
    """Notes each POST and says yes to it."""

    server: Server

    def do_POST(self) -> None:
        """One request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        fields = json.loads(body) if self.headers.get_content_type() == "application/json" else dict(parse_qsl(body))
        user = base64.b64decode(self.headers.get("Authorization", "Basic ").removeprefix("Basic ")).decode().partition(":")[0]
        self.server.sink.posts.append(Post(self.path, user, fields))
        answer = json.dumps({"sid": f"SM{len(self.server.sink.posts):032d}", "status": "queued"}).encode()
        self.send_response(201 if self.path.endswith("Messages.json") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library calls it so
        """Nothing is printed."""


@contextmanager
def sink_on(machine: Machine) -> Iterator[Sink]:
    """Takes what `machine` sends to SINK and SINK_TLS."""
    sink = Sink()
    servers = [Server(machine, sink, 9900), Server(machine, sink, 9901, encrypted=True)]
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield sink
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
