"""Commands that need only the files: they answer without a daemon, name every problem, and their exit codes mean something."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from oncall.cli.program import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example handbook in a folder of its own, an environment without our names, and output for people."""
    import os

    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with --json."""
    monkeypatch.setattr("oncall.cli.output.out.json", True)


@pytest.mark.parametrize("options", [[], ["--strict"]])
def test_the_example_is_clean(options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    if options:
        monkeypatch.setenv("ONCALL_HEARTBEAT_URL", "https://watcher.example/4711")
    assert run(["check", *options]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("All checks passed")
    assert "SMS is off here" in said.err
    assert "watcher.example" not in said.out + said.err


def test_a_daemon_that_nobody_watches_is_a_finding_for_the_strict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--strict"]) == 1
    assert "AH501 warning: nobody outside watches the daemon; set ONCALL_HEARTBEAT_URL" in capsys.readouterr().out
    assert run(["check", "--explain", "AH501"]) == 0
    assert "no heartbeat URL is set" in capsys.readouterr().out


def test_findings_are_exit_1_and_unreadable_files_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    support = tmp_path / "rotations" / "support.yaml"
    good = support.read_text()
    support.write_text(good.replace("      - name: Nights and weekends\n", "      - name: Nights and weekends\n        hours: office\n"))
    assert run(["check"]) == 1
    assert "AH204 error: nobody is on call for 'primary'" in capsys.readouterr().out
    support.write_text(good.replace("people: [chloe, dev, ana, ben]", "people: [chloe, dave, ana, ben]"))
    assert run(["check"]) == 2
    assert "rotations/support.yaml:" in capsys.readouterr().err


def test_unreadable_files_are_one_json_object_with_each_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config" / "people.yaml").write_text("version: 1\npeeple: {}\n")
    as_json(monkeypatch)
    assert run(["check"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["code"]) == (False, "unreadable")
    assert {"file", "line", "column", "what", "hint"} == set(answer["data"][0])


def test_who_says_who_why_and_until_when(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    as_json(monkeypatch)
    assert run(["who", "primary", "--at", "2026-11-28T01:30:00Z"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rotations"]["primary"] == {"people": ["ana"], "because": "Nights and weekends, turn of ana", "until": "2026-11-30T07:00:00Z"}


def test_who_and_schedule_need_only_people_and_rotations(tmp_path: Path) -> None:
    for name in ("policy.yaml", "escalations.yaml"):
        (tmp_path / "config" / name).unlink()
    assert run(["who", "--at", "2026-11-28T01:30:00Z"]) == 0
    assert run(["schedule", "primary", "--from", "2026-11-28", "--to", "2026-11-30"]) == 0
    assert run(["check"]) == 2


def test_schedule_covers_the_span_exactly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    as_json(monkeypatch)
    assert run(["schedule", "managers", "--from", "2026-11-27T00:00:00Z", "--to", "2026-11-29T00:00:00Z"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"shifts"}
    starts, ends = [one["start"] for one in answer["shifts"]], [one["end"] for one in answer["shifts"]]
    assert starts == ["2026-11-27T00:00:00Z", *ends[:-1]]
    assert ends[-1] == "2026-11-29T00:00:00Z"


def test_a_gap_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    support = tmp_path / "rotations" / "support.yaml"
    support.write_text(
        support.read_text().replace("      - name: Nights and weekends\n", "      - name: Nights and weekends\n        hours: office\n")
    )
    assert run(["who", "primary", "--at", "2026-11-28T01:30:00Z"]) == 1
    assert "NOBODY" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["whoo"], "did you mean 'who'?"),
        (["who", "primry"], "did you mean primary?"),
        (["who", "--at", "tomorrowish"], "'tomorrowish' is no time"),
        (["who", "--at", "Sat 25:00"], "'Sat 25:00' is no time"),
        (["who", "--at", "9999-12-31"], "'9999-12-31' does not lie between 1970 and 2199"),
        (["who", "--at", "0001-01-01T00:00:00Z"], "does not lie between 1970 and 2199"),
        (["schedule", "primary", "--from", "2026-11-28", "--to", "2026-11-27"], "--to must be after --from"),
        (["check", "--explain", "AH999"], "known: AH"),
        (["check", "--days", "0"], "days"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_hint(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_commands_that_need_a_daemon_say_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONCALL_SOCKET", str(tmp_path / "no.sock"))
    for arguments in (["list"], ["status"], ["ack", "1001"], ["page", "--yes", "down"], ["reload"]):
        assert run(arguments) == 3
        assert "no daemon is running" in capsys.readouterr().err


def test_faster_time_is_for_the_sandbox_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--speed", "60"]) == 5
    assert "real people are paged in real time" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["version"]) == 0
    assert capsys.readouterr().out.startswith("oncall 0.")


def test_findings_and_problems_stand_beside_their_lines_in_a_pull_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub's workflow commands; what is unreadable is one as well, and keeps its exit code."""
    support = tmp_path / "rotations" / "support.yaml"
    good = support.read_text()
    support.write_text(good.replace("handover: daily 09:00", "handover: daily 09:00\n    hours: office"))
    assert run(["check", "--format", "github"]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("::error file=rotations/support.yaml,line=20,col=5,title=AH204::nobody is on call for 'managers' from ")
    support.write_text(good.replace("daily 09:00", "dayly 09:00"))
    assert run(["check", "--format", "github"]) == 2
    assert capsys.readouterr().out.startswith("::error file=rotations/support.yaml,line=21,col=15,title=unreadable::'dayly 09:00' is not a handover")
