"""`oncall holidays`: writes the lock file from the real library, says what changed, and lists the days that count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oncall.cli.program import run

FILES = "version: 1\ntimezone: Europe/Berlin\npeople: {ana: {name: Ana}}\nholidays: {munich: DE-BY, ours: {calendar: NL, plus: [2026-12-24]}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A handbook with two calendars, and an environment without our names."""
    import os

    for name in ("config", "rotations"):
        (tmp_path / name).mkdir()
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    (tmp_path / "config" / "all.yaml").write_text(FILES)
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_calendar_that_is_not_locked_says_what_to_run_and_then_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["holidays", "list"]) == 2
    assert "the holidays of 'DE-BY' are not in config/holidays.lock; run: oncall holidays update" in capsys.readouterr().err
    assert run(["holidays", "update", "--from", "2026", "--to", "2027"]) == 0
    assert capsys.readouterr().out == "config/holidays.lock: 2 calendars, 2026 to 2027\n"
    assert run(["holidays", "list", "munich", "--year", "2026"]) == 0
    assert "Tue 2026-01-06\tEpiphany" in capsys.readouterr().out
    assert [path.name for path in (folder / "config").iterdir() if path.name.startswith(".")] == []


def test_what_changed_is_told_in_the_years_that_both_know(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["holidays", "update", "--from", "2026", "--to", "2027"])
    lock = folder / "config" / "holidays.lock"
    first = lock.read_text()
    lock.write_text(first.replace("    2026-01-06: 'Epiphany'\n", "    2026-01-07: 'Corrected since'\n"))
    capsys.readouterr()
    assert run(["holidays", "update", "--from", "2026", "--to", "2028"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["+ DE-BY Tue 2026-01-06 Epiphany", "- DE-BY Wed 2026-01-07 Corrected since"]
    run(["holidays", "update", "--from", "2026", "--to", "2027"])
    assert lock.read_text() == first


def test_a_date_of_ones_own_is_listed_beside_the_public_ones(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(["holidays", "update", "--from", "2026", "--to", "2026"])
    capsys.readouterr()
    monkeypatch.setattr("oncall.cli.output.out.json", True)
    assert run(["holidays", "list", "ours"]) == 0
    days = json.loads(capsys.readouterr().out)["holidays"]["ours"]
    assert days["2026-12-24"] == "as the files say"
    assert days["2026-12-25"] == "Christmas Day"


@pytest.mark.parametrize(
    ("code", "hint"), [("DE-BX", "near: DE-HB, DE-BY, DE-BW"), ("bavaria", "write a country as 'NL', or one of its parts as 'DE-BY'")]
)
def test_a_calendar_that_nobody_knows_is_named_where_it_stands(folder: Path, code: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config" / "all.yaml").write_text(FILES.replace("DE-BY", code))
    assert run(["holidays", "update"]) == 2
    said = capsys.readouterr().err
    assert f"config/all.yaml:4:20: no holidays are known for '{code}'" in said
    assert hint in said
    assert not (folder / "config" / "holidays.lock").exists()


def test_files_that_cannot_be_read_leave_the_lock_file_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["holidays", "update", "--from", "2026", "--to", "2026"])
    lock = (folder / "config" / "holidays.lock").read_text()
    (folder / "config" / "more.yaml").write_text("version: 1\nholidays: {x: DE\n")
    assert run(["holidays", "update"]) == 2
    assert "config/more.yaml:" in capsys.readouterr().err
    assert (folder / "config" / "holidays.lock").read_text() == lock


@pytest.mark.parametrize("arguments", [["update", "--from", "2030", "--to", "2026"], ["list", "nowhere"]])
def test_a_wrong_question_is_exit_2(arguments: list[str]) -> None:
    run(["holidays", "update", "--from", "2026", "--to", "2026"])
    assert run(["holidays", *arguments]) == 2
