"""The notifier that shares nothing with the daemon: when it is silent, when it tells, how often, and what it never shows."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

SCRIPT = Path(__file__).parents[1] / "systemd" / "oncall-dead.py"
TOKEN = "0123456789abcdef" * 2


class Outside(ThreadingHTTPServer):
    """The daemon's /readyz, Twilio and Slack in one; `status` is what each path answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.status = {"/readyz": 200}
        self.posts: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """To whom a text went, and its first words."""
        forms = [parse_qs(body) for path, body in self.posts if path.endswith("/Messages.json")]
        return [(form["To"][0], form["Body"][0][:14]) for form in forms]


class Answering(BaseHTTPRequestHandler):
    """Answers with the status of the path, and notes each POST."""

    server: Outside

    def do_GET(self) -> None:
        """Somebody asks."""
        self.send_response(self.server.status.get(self.path, 404))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        """Somebody sends."""
        self.server.posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.send_response(self.server.status.get(self.path, 201))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library calls it so
        """Nothing is printed."""


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Everything that the notifier talks to."""
    with Outside() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path, outside: Outside) -> Path:
    """Its credential and the folder of what it remembers."""
    lines = ("account_sid=ACnotifier", f"auth_token={TOKEN}", "from=+15125550190", "to=+15125550191, +15125550192", f"slack={outside.url}/hook")
    (tmp_path / "dead_notifier").write_text("\n".join(("# Ours alone.", *lines, f"twilio={outside.url}", f"ready={outside.url}/readyz", "")))
    return tmp_path


def look(folder: Path) -> tuple[int, str]:
    """One look, as systemd starts it: exit code and what it says."""
    environment = {"RUNTIME_DIRECTORY": str(folder), "CREDENTIALS_DIRECTORY": str(folder), "DEAD_AFTER_S": "120", "DEAD_AGAIN_S": "600"}
    done = subprocess.run([sys.executable, "-I", SCRIPT], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert TOKEN not in done.stdout + done.stderr
    assert "/hook" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def ago(path: Path, seconds: float) -> None:
    """Lets something that it remembers lie so long in the past."""
    path.write_text(str(time.clock_gettime(time.CLOCK_BOOTTIME) - seconds))


def test_a_daemon_that_can_page_is_no_news(folder: Path, outside: Outside) -> None:
    assert look(folder) == (0, "")
    assert outside.posts == []


def test_trouble_is_told_after_two_minutes_once_by_every_way(folder: Path, outside: Outside) -> None:
    outside.status["/readyz"] = 503
    code, said = look(folder)
    assert (code, outside.posts) == (0, [])
    assert "HTTP Error 503" in said
    ago(folder / "failing-since", 119)
    look(folder)
    assert outside.posts == []
    ago(folder / "failing-since", 121)
    assert "text to ..0191: sent\ntext to ..0192: sent\nSlack: sent" in look(folder)[1]
    assert outside.texts == [("+15125550191", "ONCALL IS DOWN"), ("+15125550192", "ONCALL IS DOWN")]
    assert [json.loads(body)["text"][:14] for path, body in outside.posts if path == "/hook"] == ["ONCALL IS DOWN"]
    look(folder)
    assert len(outside.posts) == 3


def test_trouble_that_goes_on_is_told_again_after_ten_minutes_and_not_before(folder: Path, outside: Outside) -> None:
    outside.status["/readyz"] = 503
    ago(folder / "failing-since", 1000)
    ago(folder / "told-at", 599)
    look(folder)
    assert outside.posts == []
    ago(folder / "told-at", 601)
    look(folder)
    assert len(outside.texts) == 2


def test_a_daemon_that_recovers_and_fails_again_starts_a_new_count_but_no_stream_of_messages(folder: Path, outside: Outside) -> None:
    ago(folder / "failing-since", 1000)
    ago(folder / "told-at", 60)
    look(folder)
    assert not (folder / "failing-since").exists()
    outside.status["/readyz"] = 503
    look(folder)
    ago(folder / "failing-since", 130)
    look(folder)
    assert outside.posts == []


def test_what_could_not_be_told_is_a_failure_and_is_tried_again_at_the_next_look(folder: Path, outside: Outside) -> None:
    outside.status |= {"/readyz": 503, "/2010-04-01/Accounts/ACnotifier/Messages.json": 401, "/hook": 500}
    ago(folder / "failing-since", 130)
    code, said = look(folder)
    assert code == 1
    assert "text to ..0191: HTTP Error 401" in said
    outside.status["/hook"] = 200
    assert look(folder)[0] == 0
    assert "Slack: sent" not in look(folder)[1]


def test_a_credential_without_anybody_to_tell_is_a_failure_that_says_so(folder: Path, outside: Outside) -> None:
    (folder / "dead_notifier").write_text(f"ready={outside.url}/readyz\n")
    outside.status["/readyz"] = 503
    ago(folder / "failing-since", 130)
    code, said = look(folder)
    assert (code, "nobody to tell: the credential dead_notifier is empty" in said) == (1, True)
