"""The notifier under a real systemd: silent while the daemon can page, one message by its own account when it cannot, and not another soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.host.conftest import DEAD_ACCOUNT, Host
from tests.host.machine import Machine, eventually

pytestmark = [pytest.mark.host, pytest.mark.timeout(400)]

UNIT = "oncall-dead.service"


@pytest.fixture
def quick(host: Host) -> Iterator[Host]:
    """The notifier on its timer, with seconds instead of minutes; afterwards it is off and the daemon runs."""
    machine = host.machine
    machine.drop_in(UNIT, "[Service]\nEnvironment=DEAD_AFTER_S=3\n")
    machine.drop_in("oncall-dead.timer", "[Timer]\nOnActiveSec=\nOnUnitInactiveSec=\nOnActiveSec=1\nOnUnitInactiveSec=1\n")
    machine.systemctl("enable", "--now", "oncall-dead.timer")
    yield host
    machine.systemctl("disable", "--now", "oncall-dead.timer")
    machine.drop_in("oncall.service", "")
    machine.systemctl("restart", "oncall")
    machine.wait_ready()


def looks(machine: Machine) -> int:
    """How often it has looked so far."""
    return machine.journal(UNIT).count("Finished oncall-dead.service")


def test_a_daemon_that_is_dead_for_good_is_told_once_by_the_notifiers_own_account(quick: Host) -> None:
    machine, sink = quick.machine, quick.sink
    eventually(lambda: looks(machine) > 1, "two looks at a daemon that can page")
    assert (sink.texts(DEAD_ACCOUNT), sink.at("/slack")) == ([], [])
    # As after a broken upgrade: systemd starts it again and again, and it never lives.
    machine.drop_in("oncall.service", "[Service]\nExecStart=\nExecStart=/bin/false\n")
    machine.run("kill", "-9", machine.show("oncall", "MainPID"))
    eventually(lambda: sink.texts(DEAD_ACCOUNT) and sink.at("/slack"), "the text and the Slack message")
    before = looks(machine)
    eventually(lambda: looks(machine) > before + 3, "more looks at the dead daemon")
    assert [text[:14] for text in sink.texts(DEAD_ACCOUNT)] == ["ONCALL IS DOWN"]
    assert len(sink.at("/slack")) == 1
    journal = machine.journal(UNIT)
    assert "text to ..0191: sent" in journal
    assert "the daemon has not been able to page for" in journal
    assert "Connection refused" in journal
    assert "e" * 32 not in journal
    assert "/slack" not in journal


def test_a_notifier_without_a_credential_fails_where_the_operator_sees_it(quick: Host) -> None:
    machine = quick.machine
    path = machine.etc / "credentials" / "dead_notifier"
    kept = path.read_text()
    path.unlink()
    try:
        machine.drop_in(UNIT, "[Service]\nEnvironment=DEAD_AFTER_S=0\nEnvironment=DEAD_AGAIN_S=0\n")
        machine.systemctl("stop", "oncall")
        eventually(lambda: machine.systemctl("is-failed", UNIT, fine=False) == "failed", "the notifier to fail")
        assert "nobody to tell: the credential dead_notifier is empty" in machine.journal(UNIT)
    finally:
        path.touch(mode=0o600)
        path.write_text(kept)
