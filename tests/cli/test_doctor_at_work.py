"""The doctor and a running daemon: what that says of itself is judged, and the whole of it is well behind a proxy with a certificate."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall import __version__
from oncall.cli.doctor import probes, running
from oncall.cli.doctor.look import Look, Patient
from oncall.cli.doctor.probes import looked
from oncall.settings import load_settings
from tests.cli.providers import CERTIFICATE, CUSTOMERS, STAFF, answering, good_providers, proxy_to, served
from tests.daemon.process import Machine, on_machine

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
WELL: dict[str, object] = {
    "ok": True, "reasons": [], "version": __version__, "handbook": "v1", "handbook_problems": [], "watched": True,
    "last_heartbeat": "2026-11-28T01:29:40Z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("probe", "changed", "state", "words"),
    [
        (running.watcher, {}, "ok", "heartbeat taken 20 s ago"),
        (running.watcher, {"last_heartbeat": "2026-11-28T01:28:00Z"}, "problem", "the last heartbeat was taken 120 s ago"),
        (running.watcher, {"last_heartbeat": None}, "warning", "no heartbeat was taken"),
        (running.watcher, {"watched": False}, "warning", "nobody notices"),
        (running.daemon, {}, "ok", "able to page"),
        (running.daemon, {"ok": False, "reasons": ["no channel is on"]}, "problem", "cannot page: no channel is on"),
        (running.daemon, {"handbook_problems": ["x"]}, "problem", "are not in force"),
        (running.daemon, {"version": "0.0.1"}, "warning", "runs version 0.0.1"),
    ],
)
def test_what_a_running_daemon_says_of_itself_is_judged(
    monkeypatch: pytest.MonkeyPatch, probe: probes.Probe, changed: dict[str, object], state: str, words: str
) -> None:
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    looks = asyncio.run(looked(probe, Patient(settings=load_settings(), now=lambda: NOW, status={**WELL, **changed})))
    assert any(look.state == state and words in look.text for look in looks)


def test_a_probe_that_breaks_says_so_and_does_not_stop_the_others() -> None:
    async def broken(_patient: Patient) -> list[Look]:
        raise KeyError("status")

    looks = asyncio.run(looked(broken, Patient(settings=load_settings(), now=lambda: NOW)))
    assert [(look.state, look.text) for look in looks] == [("problem", "could not be looked at (KeyError: 'status')")]


def test_a_running_daemon_behind_its_proxy_is_well(tmp_path: Path) -> None:
    """The whole of it: a real daemon, its store, its address with a certificate, and the signature from end to end."""

    async def story(machine: Machine) -> None:
        async with good_providers() as providers, served(proxy_to(machine.url), encrypted=True) as url, served(answering(200, "")) as watcher:
            for number in (STAFF, CUSTOMERS):
                providers.number(number, f"{url}/twilio/sms")
            machine.environment["ONCALL_PUBLIC_URL"] = url
            await machine.start(ONCALL_HEARTBEAT_URL=f"{watcher}/beat")
            settings = {**machine.environment, "ONCALL_TWILIO_API_BASE": providers.url, "SSL_CERT_FILE": str(CERTIFICATE)}
            # As an operator's shell: it knows neither the daemon's folder nor its watcher.
            settings["STATE_DIRECTORY"] = str(tmp_path / "elsewhere")
            said = await told(settings)
            assert f"✓ webhook      {url} leads to the daemon, signatures fit" in said
            assert "✓ daemon       version" in said
            assert "✓ database     integrity ok" in said
            assert ", WAL" in said
            assert "! watcher      no heartbeat was taken since the daemon started" in said
            assert said.count("✗") == 0
            said = await told({**settings, "ONCALL_TWILIO_AUTH_TOKEN": "e" * 32})
            assert "finds our signature wrong" in said

    on_machine(tmp_path, story)


async def told(environment: dict[str, str]) -> str:
    """What the doctor says as a program of its own, for people."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oncall", "doctor", env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, errors = await asyncio.wait_for(process.communicate(), 60)
    assert errors == b""
    return said.decode()
