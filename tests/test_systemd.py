"""The systemd units, judged by systemd itself: no word of them is unknown, and they expose next to nothing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from oncall.settings import Settings
from oncall.settings.names import SECRETS

FOLDER = Path(__file__).parents[1] / "systemd"
UNIT = FOLDER / "oncall.service"
UNITS = sorted(path.name for pattern in ("*.service", "*.timer") for path in FOLDER.glob(pattern))
SERVICES = [name for name in UNITS if name.endswith(".service")]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A folder with the units, whose programs and readme exist on every machine."""
    for name in UNITS:
        text = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", (FOLDER / name).read_text(), flags=re.MULTILINE)
        (tmp_path / name).write_text(text)
    return tmp_path


def analyzed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.host
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_to_say_about_a_unit(units: Path, name: str) -> None:
    # It ends with 0 even for an unknown key, so only its silence counts.
    done = analyzed("verify", units / name)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


@pytest.mark.host
def test_an_unknown_key_would_be_found(units: Path) -> None:
    unit = units / UNIT.name
    unit.write_text(unit.read_text().replace("[Service]", "[Service]\nWatchdogSecs=15"))
    assert "WatchdogSecs" in analyzed("verify", unit).stderr


@pytest.mark.host
@pytest.mark.parametrize("name", SERVICES)
def test_the_exposure_is_at_most_one_and_a_half(units: Path, name: str) -> None:
    done = analyzed("security", "--offline=true", "--threshold=15", units / name)
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


def test_the_notifier_has_a_credential_and_code_of_its_own() -> None:
    text = (FOLDER / "oncall-dead.service").read_text()
    assert re.findall(r"^(?:Load|Set)Credential=(\w+):", text, re.MULTILINE) == ["dead_notifier", "dead_notifier"]
    assert "dead_notifier" not in UNIT.read_text()
    assert re.findall(r"^ExecStart=.*", text, re.MULTILINE) == ["ExecStart=/usr/bin/python3 -I /opt/oncall/systemd/oncall-dead.py"]


def test_every_credential_of_the_unit_is_a_setting_and_every_secret_in_use_has_one() -> None:
    loaded = set(re.findall(r"^LoadCredential=(\w+):", UNIT.read_text(), re.MULTILINE))
    defaults = set(re.findall(r"^SetCredential=(\w+):\\n$", UNIT.read_text(), re.MULTILINE))
    assert loaded == defaults
    assert loaded <= set(Settings.model_fields)
    assert loaded >= SECRETS
