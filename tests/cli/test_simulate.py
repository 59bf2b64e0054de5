"""`oncall simulate`: a timeline that ends with its verdict, exit codes that mean something, mistakes that are named, and nothing that is sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oncall.cli.program import run

ROOT = Path(__file__).parents[2]
NIGHT = ("simulate", "--at", "2026-11-28 02:30", "--severity", "sev1")
NOTE = "note: this is what the files say, without changes taken tonight; nothing is sent\n"
RECEIVED = "Example: we have your emergency, case KQXG. We are calling our on-call engineer now. A person will contact you by 02:45."
SLEEPERS = tuple(word for who in ("ana", "ben", "priya", "mats", "chloe", "dev", "+447700900099") for word in ("--person", f"{who}=never"))


@pytest.fixture(autouse=True)
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example handbook in a folder of its own, an environment without our names, and output for people."""
    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in [name for name in os.environ if name.startswith("ONCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_night_is_a_timeline_that_ends_with_the_contact(capsys: pytest.CaptureFixture[str]) -> None:
    """Ana sleeps, so Ben is paged after three minutes and takes it; every page and every word to the customer has its time."""
    assert run([*NIGHT, "--service", "checkout", "--customer", "northwind", "--person", "ana=never"]) == 0
    said = capsys.readouterr()
    assert said.err == NOTE
    assert said.out.splitlines() == [
        "what if sev1 is reported by phone at Sat 28 Nov 02:30 (2026-11-28T01:30:00Z)",
        "assumed: ana never answers; everybody else takes it 1 min 30 s after the first ring; contact 5 min after that; providers answer at once",
        "",
        "02:30:00\treported by phone\tsev1: the reporter said so; escalation 'critical'",
        "02:30:00\tslack + sms to Ana\tpaging Ana (step 1 of 3, round 1)",
        f"02:30:00\tsms to the customer\t{RECEIVED}",
        "02:31:00\tcall to Ana\t",
        "02:32:00\tcall to Ana\t",
        "02:33:00\tslack + sms to Ben\tno acknowledgement from Ana; paging Ben (step 2 of 3, round 1)",
        "02:34:00\tcall to Ben\t",
        "02:34:30\tBen takes it\t1 min 30 s after the first ring",
        "02:34:30\tsms to the customer\tExample KQXG: Ben has your case and will contact you by 02:45.",
        "02:39:30\tBen reaches the customer\t5 min after taking it",
        "contacted 02:39 by Ben (target 02:45 met, 5 min 30 s to spare)",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        ((*NIGHT, "--person", "ana=after 20m"), 0, "contacted 02:39 by Ben (target 02:45 met, 5 min 30 s to spare)"),
        ((*NIGHT, "--person", "ana=off"), 0, "contacted 02:36 by Ben (target 02:45 met, 8 min 30 s to spare)"),
        ((*NIGHT, "--person", "ana=passes"), 0, "contacted 02:38 by Ben (target 02:45 met, 7 min to spare)"),
        ((*NIGHT, "--person", "ana=never", "--person", "ben=never", "--person", "priya=after 5m"), 1,
         "contacted 02:46 by Priya (target 02:45 missed by 1 min)"),
        ((*NIGHT, *SLEEPERS), 1, "NOBODY has taken it by 02:55 (target 02:45 missed)"),
        ((*NIGHT, "--fault", "sms=delivers nothing"), 0, "contacted 02:37 by Ana (target 02:45 met, 7 min 30 s to spare)"),
        (("simulate", "--at", "2026-11-28 02:30", "--severity", "sev3"), 0,
         "contacted Mon 08:06 by Dev (target Mon 09:00 met, 53 min 30 s to spare)"),
        (("simulate", "--at", "2026-11-28 02:30", "--channel", "email", "--summary", "Checkout is down"), 0,
         "contacted 02:36 by Ana (target 03:00 met, 23 min 30 s to spare)"),
    ],
)  # fmt: skip
def test_the_last_line_and_the_exit_code_say_how_it_ends(
    arguments: tuple[str, ...], code: int, last: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kept is 0; missed, or nobody, is 1."""
    assert run([*arguments]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_what_is_declined_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is missed."""
    policy = tmp_path / "config" / "policy.yaml"
    policy.write_text(policy.read_text().replace("after_hours: wait ", "after_hours: decline "))
    assert run(["simulate", "--at", "2026-11-28 02:30", "--severity", "sev3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "declined: after hours this is not helped with, and the customer is told so"


def test_what_is_not_promised_has_no_target(capsys: pytest.CaptureFixture[str]) -> None:
    """A contract without the service: it waits for the office."""
    assert run([*NIGHT, "--service", "reports", "--customer", "contoso"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "contacted Mon 08:06 by Dev (nothing was promised)"


def test_programs_read_one_object(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With every ring, which people need not read."""
    monkeypatch.setattr("oncall.cli.output.out.json", True)
    assert run([*NIGHT, "--person", "ana=never"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {name: answer[name] for name in ("at", "severity", "result", "kept", "by", "contact_by", "ended_at", "spare_seconds", "opening")} == {
        "at": "2026-11-28T01:30:00Z", "severity": "sev1", "result": "contacted", "kept": True, "by": "ben", "contact_by": "2026-11-28T01:45:00Z",
        "ended_at": "2026-11-28T01:39:30Z", "spare_seconds": 330.0, "opening": None,
    }  # fmt: skip
    assert {"at": "2026-11-28T01:31:00Z", "kind": "rang", "who": "ana", "way": "voice", "text": ""} in answer["timeline"]


def test_a_sweep_tells_when_it_would_be_missed_the_worst_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody but Ben ever answers: while others work there is nobody, and shortly before his evening it is too late by so much; then the hint."""
    assert run(["simulate", "--at", "2026-11-27", "--severity", "sev1", "--sweep", "1d", *SLEEPERS, "--person", "ben=after 30s"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "what if it is reported by phone at any time from Fri 27 Nov 00:00 (2026-11-26T23:00:00Z) to Sat 28 Nov 00:00 (2026-11-27T23:00:00Z)"
    )
    assert [line.split("\t")[:2] for line in said[2:-1]] == [
        ["NOBODY", "Fri 27 Nov 07:57 to Fri 27 Nov 17:40"],
        ["contacted 10 min 30 s too late", "Fri 27 Nov 17:40 to Fri 27 Nov 17:45"],
        ["contacted 5 min 30 s too late", "Fri 27 Nov 17:45 to Fri 27 Nov 17:49"],
        ["contacted 1 min 30 s too late", "Fri 27 Nov 17:49 to Fri 27 Nov 17:54"],
    ]
    assert said[2].split("\t")[2:] == ["2026-11-27T06:57:00Z to 2026-11-27T16:40:00Z", "9 h 43 min"]
    assert said[-1] == "missed in 4 stretches; to see the worst, say --at 2026-11-27T06:57:00Z and no --sweep"


def test_a_sweep_that_is_always_kept_says_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """And when it is least: a report just before Monday's handover."""
    assert run(["simulate", "--at", "2026-11-27", "--severity", "sev1", "--sweep", "4d", "--person", "ana=never"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "never missed; the least to spare is 2 min 30 s, at Mon 30 Nov 07:57 (2026-11-30T06:57:00Z)"
    assert run(["simulate", "--at", "2026-11-30T06:57:00Z", "--severity", "sev1", "--person", "ana=never"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("met, 2 min 30 s to spare)")


@pytest.mark.parametrize(
    ("arguments", "cause", "remedy"),
    [
        (["--severity", "sev9"], "--severity: there is no severity 'sev9'", "did you mean sev"),
        (["--service", "chekout"], "--service: there is no service 'chekout'", "did you mean checkout?"),
        (["--customer", "nortwind"], "--customer: there is no customer 'nortwind'", "did you mean northwind?"),
        (["--channel", "fax"], "--channel: there is no channel 'fax'", "known: phone, sms, email, form, chat, portal, api"),
        (["--person", "anna=never"], "--person: there is no person 'anna'", "did you mean ana?"),
        (["--person", "ana=dead"], "--person: 'ana=dead' does not say what somebody does", "ana=never, ana=off, ana=passes"),
        (["--person", "=never"], "--person: '=never' does not say what somebody does", "ana=never"),
        (["--person", "ana=after 5 days"], "--person: '5 days' is no length of time up to 400d", "write e.g. 90s, 15m, 4h or 30d"),
        (["--fault", "sms=down"], "--fault: 'sms=down' does not say what a provider does", "refuses, hangs, delivers nothing, is slow"),
        (["--fault", "pigeon=hangs"], "--fault: 'pigeon=hangs' does not say what a provider does", "write sms, voice or slack"),
        (["--sweep", "0d"], "--sweep: '0d' is no time at all", "for one moment leave --sweep out"),
        (["--sweep", "401d"], "--sweep: '401d' is no length of time up to 400d", "write e.g."),
        (["--at", "soon"], "'soon' is no time", 'write "Sat 02:30"'),
        (["--at", "9999-12-31"], "'9999-12-31' does not lie between 1970 and 2199", "look at the year"),
    ],
)
def test_a_mistake_is_exit_2_and_names_its_place_its_cause_and_a_remedy(
    arguments: list[str], cause: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    error, hint = said.err.splitlines()
    assert error == f"error: {cause}"
    assert hint.startswith("hint: ")
    assert remedy in hint


def test_unreadable_files_are_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config" / "escalations.yaml").write_text("version: 1\nescalations: {critical: []}\n")
    assert run([*NIGHT]) == 2
    assert "config/escalations.yaml:2:" in capsys.readouterr().err


def test_nothing_is_sent_and_no_store_is_opened(tmp_path: Path) -> None:
    """A process of its own, with credentials in its environment, loads no code that could send or store, and leaves no file behind."""
    before = sorted(tmp_path.rglob("*"))
    script = (
        "import sys; from oncall.cli.program import run; code = run(sys.argv[1:]);"
        "never = ('oncall.store', 'oncall.channels', 'oncall.engine', 'sqlalchemy', 'twilio', 'slack_sdk');"
        "loaded = [name for name in sys.modules if name.startswith(never)];"
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    keys = {"ONCALL_TWILIO_ACCOUNT_SID": "ACtest", "ONCALL_TWILIO_AUTH_TOKEN": "secret"}
    environment = {**os.environ, **keys, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script, *NIGHT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, NOTE)
    assert sorted(tmp_path.rglob("*")) == before
