"""`oncall policy` prints what customers read, and `oncall check --published` finds what is published and not true any more."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oncall.cli.program import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example handbook in a folder of its own, and an environment with nothing of ours but a public address."""
    import os

    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.setenv("ONCALL_PUBLIC_URL", "https://oncall.example.com/")
    monkeypatch.setenv("ONCALL_TWILIO_CUSTOMER_FROM", "+15125550101")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(form: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The policy in one form."""
    assert run(["policy", "--format", form]) == 0
    return capsys.readouterr().out


@contextmanager
def served(content: bytes) -> Iterator[str]:
    """A web server on loopback that publishes `content`; its address."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/policy" else 404)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/policy"
        finally:
            server.shutdown()
            thread.join(10)


@pytest.mark.parametrize(
    ("form", "begins"), [("html", "<!doctype html>"), ("md", "# After-hours support"), ("txt", "After-hours support"), ("email", "Subject: ")]
)
def test_what_was_printed_is_what_runs(form: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(form, capsys)
    assert text.lstrip().startswith(begins)
    assert "+15125550101" in text
    assert "https://oncall.example.com/report" in text
    (tmp_path / "published").write_text(text)
    assert run(["check", "--published", "published"]) == 0
    assert capsys.readouterr().out.startswith("All checks passed")


@pytest.mark.parametrize(
    ("form", "missing", "outdated"),
    [
        ("html", "within 15 minutes", "within 20 minutes"),
        ("md", "within 15 minutes |", "within 20 minutes |"),
        ("txt", "within 15 minutes e-mail: within 30 minutes", "within 20 minutes e-mail: within 30 minutes"),
        ("email", "within 15 minutes e-mail: within 30 minutes", "within 20 minutes e-mail: within 30 minutes"),
    ],
)
def test_a_promise_that_changed_since_is_found_with_its_sentence(
    form: str, missing: str, outdated: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    policy = tmp_path / "config" / "policy.yaml"
    policy.write_text(policy.read_text().replace("15m", "20m"))
    (tmp_path / "published").write_text(printed(form, capsys))
    shutil.copy(ROOT / "config" / "policy.yaml", policy)
    assert run(["check", "--published", "published"]) == 1
    version, *differences, _ = capsys.readouterr().out.splitlines()
    assert "AH502 error: version " in version
    assert [one.split("AH502 error: ")[1].split(":")[0] for one in differences] == ["not published", "published, but no longer so"]
    assert differences[0].endswith(missing)
    assert differences[1].endswith(outdated)


def test_a_new_number_of_staff_is_no_new_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "published").write_text(printed("html", capsys))
    people = tmp_path / "config" / "people.yaml"
    people.write_text(people.read_text().replace("+44 7700 900001", "+44 7700 900031"))
    assert run(["check", "--published", "published"]) == 0


def test_a_page_on_the_web_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    page = printed("html", capsys)
    with served(page.encode()) as address:
        assert run(["check", "--published", address]) == 0
        assert run(["check", "--published", f"{address}/old"]) == 3
    assert "HTTP Error 404" in capsys.readouterr().err
    # Pasted into the company's own page, with more around it.
    with served(f"<body><p>Welcome</p><p>Call Mats</p>{page.replace('within 30 minutes', 'now').replace('-en-', '-en-0')}".encode()) as address:
        assert run(["check", "--published", address]) == 1
    assert [line.split("error: ")[1] for line in capsys.readouterr().out.splitlines()[1:-1]] == [
        "not published: within 30 minutes",
        "published, but no longer so: now",
    ]


@pytest.mark.parametrize(
    ("content", "words"), [("Call us!", "no version of a policy is named there"), ("policy-fr-0123456789ab", "a policy in 'fr'")]
)
def test_a_page_without_a_version_of_ours_is_found(content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "published").write_text(content)
    assert run(["check", "--published", "published"]) == 1
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(("where", "code"), [("nowhere.html", 2), ("file:///etc/hostname", 2), ("http://127.0.0.1:1/policy", 3)])
def test_what_cannot_be_read_is_no_finding(where: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--published", where]) == code
    assert f"error: {where} cannot be read" in capsys.readouterr().err


def test_its_meaning_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--explain", "AH502"]) == 0
    assert "customers read promises that nobody keeps" in capsys.readouterr().out


def test_the_reading_level_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy"]) == 0
    said = capsys.readouterr()
    assert "years of school to read this (Flesch-Kincaid)" in said.err
    monkeypatch.setattr("oncall.cli.output.out.json", True)
    assert run(["policy"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (set(answer), answer["language"], answer["reading_level"] < 5) == ({"language", "version", "reading_level", "text"}, "en", True)
    assert answer["text"] == said.out


def test_a_language_without_all_sentences_is_refused_with_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = tmp_path / "config" / "texts"
    texts.mkdir()
    (texts / "fr.yaml").write_text("# French.\npolicy_title: Notre aide\n")
    assert run(["policy", "--lang", "fr"]) == 2
    assert "config/texts/fr.yaml lacks policy_applies, policy_emergency, policy_waits" in capsys.readouterr().err
