"""The provider, in a process of its own: speaks Twilio's Messages API and Alertmanager's webhook, notes when each page came, and is fast.

`python -m benchmarks.sink` prints its port and lives until its standard input ends. GET /count and GET /records tell what came.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from urllib.parse import parse_qs, urlsplit

MARK = re.compile(rb"bench-(\d{6})")
"""How a load marks its emergencies; survives every encoding on the way."""
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Sink:
    """Everything that came: the emergency's number, when (monotonic seconds), to whom; the messages by address, for look-ups."""

    def __init__(self) -> None:
        self.records: list[tuple[int, float, str]] = []
        self.by_address: dict[str, list[dict[str, object]]] = {}
        self._last_sid = 0

    def text(self, body: bytes, at: float) -> dict[str, object]:
        """A message was posted to the Messages API."""
        form = parse_qs(body.decode())
        self._last_sid += 1
        message: dict[str, object] = {
            "sid": f"SM{self._last_sid:032x}", "status": "queued", "to": form["To"][0], "from": form["From"][0], "body": form["Body"][0],
            "account_sid": "AC" + "0" * 32, "num_segments": "1", "direction": "outbound-api", "error_code": None, "error_message": None,
        }  # fmt: skip
        self.by_address.setdefault(form["To"][0], []).append(message)
        self.note(body, at, form["To"][0])
        return message

    def note(self, body: bytes, at: float, to: str) -> None:
        """Remembers each emergency that a body names, once."""
        self.records.extend((int(mark), at, to) for mark in set(MARK.findall(body)))

    def answer(self, method: bytes, path: bytes, body: bytes, at: float) -> tuple[int, object]:
        """Status and JSON for a request."""
        if method == b"POST" and path.endswith(b"Messages.json"):
            return 201, self.text(body, at)
        if method == b"POST":
            self.note(body, at, "")
            return 200, {}
        if b"Messages.json" in path:
            to = parse_qs(urlsplit(path.decode()).query).get("To", [""])[0]
            return 200, {"messages": self.by_address.get(to, [])[::-1][:20], "next_page_uri": None}
        if path == b"/count":
            return 200, {"count": len(self.records), "distinct": len({mark for mark, _, _ in self.records})}
        if path == b"/forget":
            self.records.clear()
            self.by_address.clear()
            return 200, {}
        return 200, self.records


class Connection(asyncio.Protocol):
    """One keep-alive connection; the least of HTTP that the SDK, Alertmanager and we ourselves speak."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers every whole request that is here."""
        at = time.monotonic()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = LENGTH.search(head)
            size = int(found[1]) if found else 0
            if len(self._buffer) < end + 4 + size:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + size], self._buffer[end + 4 + size :]
            method, path, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
            status, answer = self._sink.answer(method, path, body, at)
            raw = json.dumps(answer).encode()
            assert self._transport is not None
            self._transport.write(b"HTTP/1.1 %d OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (status, len(raw), raw))


async def serve() -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    sink = Sink()
    server = await loop.create_server(lambda: Connection(sink), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
