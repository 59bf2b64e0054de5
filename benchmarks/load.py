"""The load, in a process of its own: posts reports at the times they are due, whether or not the earlier ones were answered.

`python -m benchmarks.load` reads a plan as JSON from standard input and writes, for each report, when it was due, posted and answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

LEAD_S = 0.2
"""Between connecting and the first report."""
GIVE_UP_S = 120.0
"""A report that was not answered this long after the last was due is given up, and counts as refused."""


@dataclass(kw_only=True)
class Plan:
    """`count` reports to 127.0.0.1:`port`, `rate` a second (0: all at once), numbered from `first`.

    `people`: report n is for service n modulo people. `keys`: API keys, used in turn. `urgent`: numbers of the highest severity,
    which are due `urgent_at_s` after the first. `target`: oncall, alertmanager or sink.
    """

    port: int
    count: int
    rate: float = 0.0
    first: int = 0
    people: int = 1
    keys: list[str] = field(default_factory=list)
    connections: int = 32
    target: str = "oncall"
    urgent: list[int] = field(default_factory=list)
    urgent_at_s: float = 0.5


@dataclass(slots=True)
class Report:
    """One report on its way; times are monotonic seconds."""

    number: int
    due: float
    request: bytes
    posted: float = 0.0
    answered: float = 0.0
    status: int = 0


def request_of(plan: Plan, number: int) -> bytes:
    """The bytes of a report."""
    if plan.target == "alertmanager":
        labels = {"alertname": f"bench-{number:06d}", "service": f"s{number % plan.people}"}
        return posted("/api/v2/alerts", json.dumps([{"labels": labels}]), "")
    severity = "sev1" if number in plan.urgent else "sev2"
    body = {"summary": "Load", "service": f"s{number % plan.people}", "severity": severity, "customer": f"bench-{number:06d}"}
    key = plan.keys[number % len(plan.keys)] if plan.keys else ""
    return posted("/v1/emergencies", json.dumps(body), f"Authorization: Bearer {key}\r\nIdempotency-Key: bench-{number}\r\n")


def posted(path: str, body: str, headers: str) -> bytes:
    """A POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


class Load:
    """Connections and the reports that wait for one."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.idle: list[Connection] = []
        self.waiting: deque[Report] = deque()
        self.open = plan.count
        self.done = asyncio.Event()
        self._opening: list[asyncio.Future[None]] = []

    def post(self, report: Report) -> None:
        """A report is due: posts it, or lets it wait for a connection; its latency counts from now either way."""
        if self.idle:
            self.idle.pop().post(report)
        else:
            self.waiting.append(report)

    def answered(self, connection: Connection) -> None:
        """A connection is free again."""
        self.open -= 1
        if not self.open:
            self.done.set()
        if self.waiting:
            connection.post(self.waiting.popleft())
        else:
            self.idle.append(connection)

    async def run(self) -> list[Report]:
        """Connects, posts everything at its time, and waits for the answers."""
        plan = self.plan
        for _ in range(plan.connections):
            await self._connect()
        start = time.monotonic() + LEAD_S
        reports = [Report(n, start + (i / plan.rate if plan.rate else 0.0), request_of(plan, n)) for i, n in enumerate(self.numbers())]
        for report in reports:
            if report.number in plan.urgent:
                report.due = start + plan.urgent_at_s
        reports.sort(key=lambda one: one.due)
        for report in reports:
            if (wait := report.due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self.post(report)
            if report.number % 64 == 0:
                # Answers are read in between, also when everything is due at once.
                await asyncio.sleep(0)
        try:
            await asyncio.wait_for(self.done.wait(), GIVE_UP_S)
        except TimeoutError:
            print(f"load: {self.open} reports were never answered", file=sys.stderr)
        return reports

    def reconnect(self) -> None:
        """Opens a connection in place of one that the other side closed because it was idle."""
        self._opening.append(asyncio.ensure_future(self._connect()))

    async def _connect(self) -> None:
        """Adds a connection, and gives it what waits."""
        try:
            _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)
        except OSError:
            return
        if self.waiting:
            connection.post(self.waiting.popleft())
        else:
            self.idle.append(connection)

    def numbers(self) -> range:
        """The numbers of the reports."""
        return range(self.plan.first, self.plan.first + self.plan.count)


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one report on its way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._report: Report | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def post(self, report: Report) -> None:
        """Sends a report."""
        assert self._transport is not None
        self._report = report
        report.posted = time.monotonic()
        self._transport.write(report.request)

    def data_received(self, data: bytes) -> None:
        """The answer, or a part of it."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + size or self._report is None:
            return
        self._report.answered, self._report.status = time.monotonic(), int(head.split(b" ", 2)[1])
        self._buffer, self._report = self._buffer[end + 4 + size :], None
        self._load.answered(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's interface
        """Closed by the other side: what was on its way was not answered, and another connection takes its place."""
        if self in self._load.idle:
            self._load.idle.remove(self)
        self._load.reconnect()
        if self._report is not None:
            self._load.open -= 1
            if not self._load.open:
                self._load.done.set()


def main() -> None:
    """Plays a plan."""
    given: dict[str, Any] = json.load(sys.stdin)
    reports = asyncio.run(Load(Plan(**given)).run())
    rows = [{name: value for name, value in asdict(one).items() if name != "request"} for one in reports]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
