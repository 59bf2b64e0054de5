"""The systemd unit, judged by systemd itself: no word of it is unknown, and it exposes next to nothing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from oncall.settings import Settings
from oncall.settings.names import SECRETS

UNIT = Path(__file__).parents[1] / "systemd" / "oncall.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program and a readme that exist on every machine."""
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/opt/oncall/.venv/bin/oncall", "/bin/true"))
    return path


@pytest.mark.host
def test_systemd_finds_nothing_to_say_about_the_unit(unit: Path) -> None:
    # It ends with 0 even for an unknown key, so only its silence counts.
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


@pytest.mark.host
def test_an_unknown_key_would_be_found(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("[Service]", "[Service]\nWatchdogSecs=15"))
    assert "WatchdogSecs" in subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False).stderr


@pytest.mark.host
def test_the_exposure_is_at_most_one_and_a_half(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify", "NotifyAccess=main", "WatchdogSec=15", "ExecReload=/bin/kill -HUP $MAINPID", "Restart=always", "RestartSec=1",
        "StartLimitIntervalSec=0", "OOMScoreAdjust=-900", "TimeoutStopSec=20", "DynamicUser=yes",
    ],
)  # fmt: skip
def test_the_unit_keeps_what_the_daemon_relies_on(line: str) -> None:
    assert line in UNIT.read_text().splitlines()


def test_every_credential_of_the_unit_is_a_setting_and_every_secret_in_use_has_one() -> None:
    loaded = set(re.findall(r"^LoadCredential=(\w+):", UNIT.read_text(), re.MULTILINE))
    defaults = set(re.findall(r"^SetCredential=(\w+):\\n$", UNIT.read_text(), re.MULTILINE))
    assert loaded == defaults
    assert loaded <= set(Settings.model_fields)
    assert {name for name in SECRETS if not name.startswith("slack")} <= loaded
