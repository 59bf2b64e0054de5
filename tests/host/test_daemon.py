"""The daemon under a real systemd: it starts, gets its credentials, pages behind its walls, reloads, comes back, and stops in good order."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.host.conftest import ACCOUNT, KEY, Host
from tests.host.machine import Machine, eventually
from tests.host.sink import SINK

pytestmark = [pytest.mark.host, pytest.mark.timeout(400)]

REPORT = {"summary": "Checkout is down", "service": "checkout", "contact": {"name": "Dana", "phone": "+15125550199"}}


def pid_of(machine: Machine) -> str:
    """The daemon's process id on the machine; "0" while there is none."""
    return machine.show("oncall", "MainPID")


def come_back(machine: Machine, before: str) -> None:
    """Waits until systemd has started another process than `before`, and that one can page."""
    eventually(lambda: pid_of(machine) not in {"0", before}, "systemd to start the daemon again")
    machine.wait_ready()


@pytest.fixture
def changed(host: Host) -> Iterator[Machine]:
    """The machine, for a test that changes the unit; afterwards the unit is itself again and the daemon runs."""
    yield host.machine
    host.machine.drop_in("oncall.service", "")
    host.machine.systemctl("restart", "oncall")
    host.machine.wait_ready()


def test_systemd_is_told_when_the_daemon_can_page(host: Host) -> None:
    assert host.machine.systemctl("is-active", "oncall") == "active"
    assert host.machine.show("oncall", "StatusText").startswith(("able to page; handbook", "handbook"))
    assert host.machine.show("oncall", "Type") == "notify"
    assert '"ok": true' in host.machine.run("/opt/oncall/.venv/bin/oncall", "status", "--json")


def test_a_secret_that_is_only_a_credential_works_and_is_in_no_environment(host: Host) -> None:
    machine = host.machine
    assert machine.ask("POST", "/v1/emergencies", REPORT, "w" * 32)[0] == 401
    status, answer = machine.ask("POST", "/v1/emergencies", REPORT, KEY)
    assert (status, answer["status"]) == (202, "paging")
    eventually(lambda: any("Checkout is down" in text for text in host.sink.texts(ACCOUNT)), "the page to be sent")
    environment = machine.run("cat", f"/proc/{pid_of(machine)}/environ")
    assert "CREDENTIALS_DIRECTORY=" in environment
    assert KEY not in environment
    assert ACCOUNT not in environment


def test_its_walls_stand(host: Host) -> None:
    pid = pid_of(host.machine)
    lines = host.machine.run("cat", f"/proc/{pid}/status").splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert "0" not in status["Uid"]
    assert (status["NoNewPrivs"], status["Seccomp"], set(status["CapEff"][0])) == (["1"], ["2"], {"0"})
    assert host.machine.show("oncall", "MemoryDenyWriteExecute") == "yes"
    assert host.machine.run("stat", "--format=%a", "/var/lib/private/oncall") == "700"


def test_a_good_file_is_taken_by_a_reload_and_a_bad_one_changes_nothing(host: Host) -> None:
    machine, pid = host.machine, pid_of(host.machine)
    people = machine.etc / "config" / "people.yaml"
    good = people.read_text()

    def reloaded(text: str) -> str:
        """The status after a reload with this text in the file."""
        people.write_text(text)
        machine.systemctl("reload", "oncall")
        return machine.show("oncall", "StatusText")

    first = machine.show("oncall", "StatusText").split()[-1]
    try:
        second = eventually(lambda: said if (said := reloaded(good + "\n# Edited.\n")).split()[-1] != first else None, "the new version")
        third = eventually(lambda: said if "are not used" in (said := reloaded("version: 1\npeeple: {}\n")) else None, "the refusal")
        assert third.startswith(second)
        assert (machine.ask("GET", "/readyz")[0], pid_of(machine)) == (200, pid)
    finally:
        eventually(lambda: "are not used" not in reloaded(good), "the good file to be in force again")


def test_after_kill_9_it_is_started_again_with_all_it_knew(host: Host) -> None:
    machine, before = host.machine, pid_of(host.machine)
    incident = machine.ask("POST", "/v1/emergencies", REPORT, KEY)[1]["incident"]
    machine.run("kill", "-9", before)
    come_back(machine, before)
    assert machine.ask("GET", f"/v1/incidents/{incident}", key=KEY)[0] == 200


def test_a_failure_unit_is_started_only_for_a_daemon_that_is_not_started_again(changed: Machine) -> None:
    """Why the notifier has a timer and not OnFailure=: on Debian 12 that would never come."""
    changed.run("sh", "-c", "printf '[Service]\\nType=oneshot\\nExecStart=/bin/touch /run/proof\\n' > /etc/systemd/system/proof.service")
    changed.drop_in("oncall.service", "[Unit]\nOnFailure=proof.service\n")
    before = pid_of(changed)
    changed.run("kill", "-9", before)
    come_back(changed, before)
    # From 254 on a unit passes through `failed` on its way to a restart, so it may come there each time instead of never.
    if int(changed.systemctl("--version").split()[1]) < 254:
        assert changed.run("ls", "/run/proof", fine=False) == ""
    changed.run("rm", "-f", "/run/proof")
    changed.drop_in("oncall.service", "[Unit]\nOnFailure=proof.service\n[Service]\nRestart=no\n")
    changed.run("kill", "-9", pid_of(changed))
    eventually(lambda: changed.run("ls", "/run/proof", fine=False), "the failure unit of a daemon that stays dead")


def test_a_stalled_event_loop_is_noticed_by_the_watchdog_and_started_again(changed: Machine) -> None:
    changed.drop_in("oncall.service", "[Service]\nEnvironment=ONCALL_TEST_STALL_AFTER=1\n")
    changed.systemctl("restart", "oncall")
    before, restarts = pid_of(changed), int(changed.show("oncall", "NRestarts"))
    eventually(lambda: int(changed.show("oncall", "NRestarts")) > restarts, "the watchdog to act")
    eventually(lambda: pid_of(changed) not in {"0", before}, "systemd to start the daemon again")
    journal = changed.journal("oncall")
    assert "A TEST SETTING IS ACTIVE" in journal
    assert "stopping the event loop, because a test asked for it" in journal
    assert "Watchdog timeout" in journal


def test_it_beats_outside_and_encrypted_behind_its_walls(host: Host) -> None:
    beat = eventually(lambda: host.sink.at("/beat"), "a heartbeat")[-1].fields
    assert beat["channels"] == {"sms": True, "voice": True, "slack": False, "email": False}
    assert str(beat["handbook"]) in host.machine.show("oncall", "StatusText")


def doctors_view(machine: Machine) -> dict[str, list[dict[str, str]]]:
    """What `oncall doctor` says to root, who has only the files of README.md."""
    there = ("STATE_DIRECTORY=/var/lib/oncall", "ONCALL_CONFIG=/etc/oncall/config", "ONCALL_SECRETS_DIR=/etc/oncall/credentials")
    said = machine.run("env", *there, f"ONCALL_TWILIO_API_BASE={SINK}", "/opt/oncall/.venv/bin/oncall", "doctor", "--json", fine=False)
    probes: dict[str, list[dict[str, str]]] = json.loads(said)["probes"]
    return probes


def test_root_may_call_the_doctor_at_any_time_and_the_daemon_does_not_mind(host: Host) -> None:
    machine = host.machine
    seen = doctors_view(machine)
    assert [(one["state"], one["text"][:12]) for one in (*seen["daemon"], *seen["database"])] == [("ok", "version 0.1."), ("ok", "integrity ok")]
    # A file that root makes beside the store would lock the daemon out.
    machine.systemctl("stop", "oncall")
    try:
        seen = doctors_view(machine)
        assert (seen["daemon"][0]["state"], seen["database"][0]["text"][:12]) == ("warning", "integrity ok")
    finally:
        machine.systemctl("start", "oncall")
        machine.wait_ready()
    assert machine.ask("POST", "/v1/emergencies", REPORT, KEY)[0] == 202


def test_it_stops_by_itself_and_in_good_order(host: Host) -> None:
    machine = host.machine
    machine.systemctl("stop", "oncall")
    try:
        assert (machine.show("oncall", "Result"), machine.show("oncall", "ExecMainStatus")) == ("success", "0")
        assert '"event": "stopped"' in machine.journal("oncall")
        assert machine.run("ls", "/run/oncall", fine=False) == ""
    finally:
        machine.systemctl("start", "oncall")
        machine.wait_ready()
