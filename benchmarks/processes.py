"""The processes of a benchmark: sink, load, the real daemon on a real file, Alertmanager; and what /proc says of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.figures import Page, Reported
from benchmarks.load import Plan

ROOT = Path(__file__).resolve().parent.parent
KEYS = [f"{n:024d}" for n in range(64)]
"""Each may make a burst of 600 requests and ten a second more, so that a storm needs many; a real company's programs share the load as well."""
START_WITHIN_S = 60.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def get(port: int, path: str, timeout: float = 30.0) -> tuple[int, Any]:
    """Status and JSON of a GET on loopback; (0, None) if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        raw = answer.read()
        return answer.status, json.loads(raw) if raw[:1] in b"{[" else raw.decode()
    except (OSError, HTTPException):
        return 0, None
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sink:
    """The provider's process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sink"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def forget(self) -> None:
        """Begins anew."""
        get(self.port, "/forget")

    def pages(self) -> list[Page]:
        """What came."""
        return [Page(number=number, at=at) for number, at, _ in get(self.port, "/records")[1]]

    def wait(self, distinct: int, quiet_s: float) -> None:
        """Returns when `distinct` emergencies were paged, or nothing new came for `quiet_s`."""
        seen, since = -1, time.monotonic()
        while seen < distinct:
            found = get(self.port, "/count")[1]["distinct"]
            if found != seen:
                seen, since = found, time.monotonic()
            elif time.monotonic() - since > quiet_s:
                return
            time.sleep(0.05)

    def wait_for_count(self, count: int, quiet_s: float) -> None:
        """Returns when `count` pages came, repeated ones too, or none came for `quiet_s`."""
        seen, since = -1, time.monotonic()
        while seen < count and time.monotonic() - since < quiet_s:
            found = get(self.port, "/count")[1]["count"]
            if found != seen:
                seen, since = found, time.monotonic()
            time.sleep(0.2)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def play(plan: Plan) -> list[Reported]:
    """Runs a load to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], input=json.dumps(asdict(plan)), check=True, capture_output=True, text=True, cwd=ROOT
    )
    return [Reported(**row) for row in json.loads(done.stdout)]


def stored(database: Path) -> dict[int, float]:
    """When each emergency was opened by the store of a daemon that has ended, in monotonic seconds of this machine."""
    offset = time.time() - time.monotonic()
    with closing(sqlite3.connect(database)) as conn:
        rows = conn.execute("SELECT json_extract(state, '$.customer'), opened_at FROM incidents").fetchall()
    return {int(customer.removeprefix("bench-")): opened / 1e6 - offset for customer, opened in rows}


class Measured:
    """A running process and what it used."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_s(self) -> float:
        """Seconds of processor time so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S

    def pss_mb(self) -> float:
        """Memory: its own, and its part of what it shares."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0

    def switches(self) -> int:
        """How often its threads went to sleep by themselves."""
        found = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            match = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)
            found += int(match[1]) if match else 0
        return found

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and the end waited for."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


class Daemon(Measured):
    """`oncall run` with its state in `folder`/state and the handbook in `folder`."""

    def __init__(self, folder: Path, sink: Sink, *, wait: bool = True, profile: Path | None = None) -> None:
        self.port, self.folder = free_port(), folder
        self.database = folder / "state" / "oncall.db"
        self.log = folder / "log"
        command = [sys.executable, "-m", "oncall", "run"]
        if profile is not None:
            command = [sys.executable, "-m", "benchmarks.profiled", str(profile)]
        self.exec_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment(sink), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_ready()

    def _environment(self, sink: Sink) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "STATE_DIRECTORY": str(self.folder / "state"),
            "ONCALL_CONFIG": str(self.folder / "config"),
            "ONCALL_ROTATIONS": str(self.folder / "rotations"),
            "ONCALL_SOCKET": str(self.folder / "ctl.sock"),
            "ONCALL_LISTEN": f"127.0.0.1:{self.port}",
            "ONCALL_API_KEYS": ",".join(f"k{n}:{key}:report+read+act" for n, key in enumerate(KEYS)),
            "ONCALL_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "ONCALL_TWILIO_AUTH_TOKEN": "f" * 32,
            "ONCALL_TWILIO_FROM": "+15125550100",
            "ONCALL_TWILIO_API_BASE": f"http://127.0.0.1:{sink.port}",
        }

    def wait_ready(self) -> float:
        """Waits until it says that it can page; seconds since it was started."""
        while get(self.port, "/readyz", 5.0)[0] != 200:
            late = time.monotonic() - self.exec_at
            if self.process.poll() is not None or late > START_WITHIN_S:
                said = self.log.read_text().splitlines()[-5:]
                raise RuntimeError("\n".join(("the daemon does not become ready; its log ends with:", *said)))
            time.sleep(0.005)
        return time.monotonic() - self.exec_at


ALERTMANAGER = "prometheus-alertmanager"


def has_alertmanager() -> bool:
    """Whether Debian's package is installed; the benchmarks never install anything."""
    return shutil.which(ALERTMANAGER) is not None


class Alertmanager(Measured):
    """Debian's prometheus-alertmanager, told to page each alert at once (or after `wait`), with its state in `folder`."""

    def __init__(self, folder: Path, sink: Sink, *, wait: str = "0s") -> None:
        self.port = free_port()
        (folder / "am").mkdir(exist_ok=True)
        route = f"{{receiver: sink, group_by: ['...'], group_wait: {wait}, group_interval: 24h, repeat_interval: 24h}}"
        receivers = f"[{{name: sink, webhook_configs: [{{url: 'http://127.0.0.1:{sink.port}/', send_resolved: false}}]}}]"
        (folder / "am" / "config.yml").write_text(f"# Made by a benchmark.\nroute: {route}\nreceivers: {receivers}\n")
        listen = [f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=", "--log.level=error"]
        self.exec_at = time.monotonic()
        self.process = subprocess.Popen(
            [ALERTMANAGER, f"--config.file={folder / 'am' / 'config.yml'}", f"--storage.path={folder / 'am' / 'data'}", *listen],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while get(self.port, "/-/ready", 5.0)[0] != 200:
            if self.process.poll() is not None:
                raise RuntimeError("prometheus-alertmanager ended by itself")
            time.sleep(0.005)
        self.ready_s = time.monotonic() - self.exec_at


T = TypeVar("T", bound=Measured)


@contextmanager
def running(process: T) -> Iterator[T]:
    """Kills the process at the end, if it still lives."""
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()
