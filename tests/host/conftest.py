"""One machine for all tests of the host: it boots once, and the daemon is installed on it as README.md says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.host.machine import Machine, booted, lay_out
from tests.host.sink import CERTIFICATE, SINK, SINK_TLS, Sink, sink_on

KEY = "h" * 32
ACCOUNT = "AC" + "1" * 32
DEAD_ACCOUNT = "AC" + "d" * 32
"""The notifier's own account: nothing of the daemon's."""

CREDENTIALS = {
    "api_keys": f"host:{KEY}:report+read+act",
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": "f" * 32,
    "twilio_from": "+15125550100",
    "heartbeat_url": f"{SINK_TLS}/beat",
    "dead_notifier": f"account_sid={DEAD_ACCOUNT}\nauth_token={'e' * 32}\nfrom=+15125550190\nto=+15125550191\nslack={SINK}/slack\ntwilio={SINK}\n",
}


@dataclass
class Host:
    """The machine, and what it sends out."""

    machine: Machine
    sink: Sink


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A machine on which the daemon runs; tests that change it put it back."""
    folder = tmp_path_factory.mktemp("host")
    lay_out(folder)
    for name, text in CREDENTIALS.items():
        path = folder / "etc" / "credentials" / name
        path.touch(mode=0o600)
        path.write_text(text)
    (folder / "etc" / "oncall.env").write_text(f"ONCALL_TWILIO_API_BASE={SINK}\nSSL_CERT_FILE=/opt/oncall/{CERTIFICATE}\n")
    with booted(folder) as machine, sink_on(machine) as sink:
        machine.install("oncall.service", "oncall-dead.service", "oncall-dead.timer")
        machine.systemctl("enable", "--now", "oncall")
        machine.wait_ready()
        yield Host(machine, sink)
