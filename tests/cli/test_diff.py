"""`oncall diff`: between folders and revisions of git, in shifts with names, for people and for programs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from oncall.cli.program import run

ROOT = Path(__file__).parents[2]
FILES = """version: 1
timezone: Europe/Berlin
people: {ana: {name: Ana Example}, ben: {name: Ben Example}, chloe: {name: Chloe Example}}
rotations: {r: {people: [ana, ben], handover: mon 09:00, start: 2026-01-05}}
"""
AT = ("--at", "2026-01-14T12:00:00Z", "--days", "14")


def git(folder: Path, *arguments: str) -> None:
    """Runs git in a folder."""
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and an environment without our names."""
    import os

    for name in ("config", "rotations"):
        (tmp_path / name).mkdir()
    for name in [name for name in os.environ if name.startswith(("ONCALL_", "GIT_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "config" / "all.yaml").write_text(FILES)
    (tmp_path / "rotations" / "none.yaml").write_text("version: 1\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(folder: Path, ring: str) -> None:
    """Another ring in the files as they are."""
    (folder / "config" / "all.yaml").write_text(FILES.replace("[ana, ben]", ring))


def test_an_edit_that_moves_nobody_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config" / "all.yaml").write_text(FILES + "# a comment\n")
    assert run(["diff", "HEAD", *AT]) == 0
    assert capsys.readouterr().out == "nobody's shift moves in the next 14 days\n"


def test_an_edit_that_moves_who_is_on_call_now_is_exit_1_and_says_what_to_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "[ana, chloe, ben]")
    assert run(["diff", "HEAD", *AT]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "r\tWed 14 Jan 13:00\tMon 19 Jan 09:00\t4 d 20 h\tBen Example -> Chloe Example"
    assert said[-1] == (
        "r: who is on call now is somebody else after this edit; if that is not meant, write 'chloe from 2026-01-19' instead of 'chloe'"
    )
    edit(folder, "[ana, ben, chloe from 2026-01-21]")
    assert run(["diff", "HEAD", *AT]) == 0


NIGHTS = FILES.replace("start: 2026-01-05}", "start: 2026-01-05, hours: mon-fri 18:00-08:00, gaps: allowed}")


def test_an_edit_that_moves_a_turn_outside_its_hours_is_exit_1_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config" / "all.yaml").write_text(NIGHTS)
    git(folder, "commit", "--quiet", "-am", "nights")
    (folder / "config" / "all.yaml").write_text(NIGHTS.replace("[ana, ben]", "[ana, chloe, ben]"))
    assert run(["diff", "HEAD", *AT]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        "r: the turn of Ben Example that began Mon 12 Jan 09:00 is Chloe Example's after this edit;"
        " if that is not meant, write 'chloe from 2026-01-19' instead of 'chloe'"
    )


def test_check_finds_what_an_edit_moves_against_a_revision(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("config", "rotations"):
        shutil.rmtree(folder / name)
        shutil.copytree(ROOT / name, folder / name)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "the example")
    assert run(["check", "--against", "HEAD"]) == 0
    assert "AH231" not in capsys.readouterr().out
    rotations = folder / "rotations" / "support.yaml"
    rotations.write_text(rotations.read_text().replace("[chloe, dev, ana, ben]", "[ben, chloe, dev, ana]"))
    assert run(["check", "--against", "HEAD"]) == 0
    assert "AH231 warning: primary: " in capsys.readouterr().out
    assert run(["check", "--against", "HEAD", "--strict"]) == 1
    assert run(["check", "--against", "nothing"]) == 2
    assert run(["check", "--explain", "AH231"]) == 0
    assert "An edit gives a turn that has begun to somebody else." in capsys.readouterr().out


def test_two_revisions_and_two_folders_are_compared(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "[chloe, ben]")
    git(folder, "commit", "--quiet", "-am", "second")
    monkeypatch.setattr("oncall.cli.output.out.json", True)
    assert run(["diff", "HEAD~1..HEAD", *AT]) == 0
    shifts = json.loads(capsys.readouterr().out)["shifts"]
    assert shifts == [{"rotation": "r", "start": "2026-01-19T08:00:00Z", "end": "2026-01-26T08:00:00Z", "before": ["ana"], "after": ["chloe"]}]
    other = folder / "other"
    for name in ("config", "rotations"):
        (other / name).mkdir(parents=True)
    (other / "config" / "all.yaml").write_text(FILES)
    assert run(["diff", "other", "HEAD", *AT]) == 0
    assert json.loads(capsys.readouterr().out)["shifts"] == shifts


@pytest.mark.parametrize("name", ["nothing", "--output=x", "HEAD~7"])
def test_what_is_neither_a_folder_nor_a_revision_is_exit_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "--", name]) == 2
    assert "is neither a folder nor a revision" in capsys.readouterr().err


def test_a_revision_that_cannot_be_read_names_its_problems(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "[ana, bem]")
    git(folder, "commit", "--quiet", "-am", "broken")
    edit(folder, "[ana, ben]")
    assert run(["diff", "HEAD"]) == 2
    assert "config/all.yaml:4:31: no person called 'bem'; did you mean 'ben'?" in capsys.readouterr().err
