"""Spoils a rich handbook at random, as tired hands and merges do, and reads it: `python -m tests.handbook.mutated 20000`."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from oncall.core.proofs import prove
from oncall.handbook import Problem, parse

RICH = """# yaml-language-server: $schema=oncall.schema.json
version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001, slack: UANA, skills: [ledger, portal from 2026-03-01], reach: [slack + sms, call after 90s]}
  ben: {name: Ben Example, phone: [+44 7700 900002, +44 7700 900003], email: ben@example.org, timezone: America/Chicago, skills: ledger}
  chloe: {name: Chloe Example, phone: +44 7700 900004, language: en, skills: ledger until 2026-12-31}
reach: [slack + sms, call after 90s, call after 3m]
holidays:
  munich: DE-BY
  ours: {calendar: DE-BY, plus: [2026-12-24], minus: 2026-01-06}
hours:
  office: [mon-fri 08:00-17:00 except holidays, sat 09:00-12:00]
  closed: not office
  weekend: fri 18:00 - mon 08:00
rotations:
  primary:
    holidays: munich
    shifts:
      - {name: Day, hours: office, people: [ana, ben + chloe], handover: mon 08:00, start: 2026-01-05}
      - {name: Night, people: [chloe, ana from 2026-02-01, ben until 2026-06-30 12:00], handover: 'daily 17:00', start: 2026-01-05, until: 2027-12-31}
  secondary: {backs_up: primary}
  other:
    people: [ben, chloe, ana]
    handover: every 2 weeks mon 09:00
    start: 2026-01-05
    apart_from: primary
    shadows: [ana until 2026-03-01]
    gaps: allowed
  monthly: {people: [ana, ben], handover: monthly 31st 09:00, start: 2026-01-31, hours: weekend, turns: every day, timezone: Australia/Lord_Howe}
away: [ana 2026-07-06 to 2026-07-17, ben 2026-12-21 13:00 to 2027-01-03 09:00]
changes:
  - {rotation: primary, from: 2026-02-06 18:00, to: 2026-02-09 08:00, cover: ana, by: ben, why: wedding}
  - {rotation: primary, from: 2026-03-09, to: 2026-03-22, swap: [ana, ben]}
  - {rotation: other, from: 2026-12-24 17:00, to: 2026-12-26 09:00, put: nobody}
  - {rotation: other, from: 2026-12-27, to: 2026-12-27, add: chloe}
escalations:
  main: {repeat: 2, steps: [{page: primary, wait: 5m}, {page: [secondary, ana], wait: 10m}]}
services: {shop: {name: Shop, escalation: {sev1: main, otherwise: main}, needs: ledger}}
roles: {admin: ana, manager: [other]}
policy:
  company: Example
  owner: ana
  office: office
  holidays: ours
  severities:
    sev1: {means: down, contact_within: {api: 15m, email: 30m}, escalation: main, acknowledge_again_after: 30m}
    sev2: {means: slow, after_hours: wait, contact_within: opening + 1h, escalation: main}
  triage: [{words: [down, "data loss"], severity: sev1}, {service: shop, source: x, channel: api, severity: sev2, lower: true}, {otherwise: sev1}]
  last_resort: [ana, "+44 7700 900099"]
  goals: {contacted_in_time: {sev1: 95%, sev2: 90%}, resolved_within: {24h: 80%}}
"""
LOCK = "version: 1\nfrom: 2026-01-01\nto: 2028-12-31\ncalendars:\n  DE-BY: {2026-01-06: 'Epiphany', 2026-12-25: 'Christmas Day'}\n"
NAMES = ("config/all.yaml", "config/holidays.lock")
PIECES = (
    ":", "-", "{", "}", "[", "]", ",", "\n", "  ", "\t", "#", "'", '"', "&a ", "*a", "!x ", "<<: ", "|", ">", "%", "@", "\x00", "\u2028", "ä",
    "\U0001f525",
    "null", "~", "yes", "0", "99999999999999999999", "2026-02-30",
    "9999-12-31", "0001-01-01", "24:00", "00:00", "every 0 days 09:00", "monthly 31st 09:00",
    "every 366 days 09:00", "not office", "not closed", "primary", "secondary", "nobody", "ana + ben + ana", "from", "until",
    "except holidays", "1e9",
)  # fmt: skip
LONGEST_S = 1.0
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Spoiled:
    """What came of spoiled files: the slowest reading (processor time), how many could be read all the same, and what was wrong with the reader."""

    slowest_s: float
    readable: int
    faults: tuple[str, ...]


def spoil(text: str, rng: random.Random) -> str:
    """One or a few mistakes."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        text = rng.choice(MISTAKES)(text, rng)
    return text


def dropped(text: str, rng: random.Random) -> str:
    """A stretch is missing."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.choice((1, 1, 3, 20)) :]


def inserted(text: str, rng: random.Random) -> str:
    """Something stands where it should not."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(PIECES) + text[at:]


def exchanged(text: str, rng: random.Random) -> str:
    """One word stands for another."""
    words = text.split(" ")
    if len(words) > 1:
        one, other = (rng.randrange(len(words)) for _ in range(2))
        words[one] = words[other]
    return " ".join(words)


def moved(text: str, rng: random.Random) -> str:
    """A line is twice, or elsewhere, or indented otherwise."""
    lines = text.split("\n")
    line = rng.choice(lines)
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(("", " ", "  ", "    ")) + line)
    if rng.random() < 0.5:
        lines.remove(line)
    return "\n".join(lines)


def replaced(text: str, rng: random.Random) -> str:
    """A value is another."""
    words = text.split(" ")
    words[rng.randrange(len(words))] = rng.choice(PIECES)
    return " ".join(words)


MISTAKES: tuple[Callable[[str, random.Random], str], ...] = (dropped, inserted, exchanged, moved, replaced)


def read_spoiled(count: int, seed: int) -> Spoiled:
    """Reads `count` spoiled handbooks, and proves those that can be read.

    A fault is an exception, a problem without a place in its file, or silence about an unreadable one.
    """
    rng, slowest, readable, faults = random.Random(seed), 0.0, 0, []
    for number in range(count):
        files = dict(zip(NAMES, (RICH, LOCK), strict=True))
        name = NAMES[0] if rng.random() < 0.85 else NAMES[1]
        files[name] = spoil(files[name], rng)
        began = time.process_time()
        try:
            reading = parse(files)
            if reading.handbook is not None:
                prove(reading.handbook, NOW, 14)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is what this looks for
            faults.append(f"{number}: {type(error).__name__}: {error}")
            continue
        slowest = max(slowest, time.process_time() - began)
        readable += reading.handbook is not None
        if reading.handbook is None and not reading.problems:
            faults.append(f"{number}: not readable, and nothing said")
        faults.extend(f"{number}: no place: {one}" for one in reading.problems if not is_placed(one, files))
    return Spoiled(slowest_s=slowest, readable=readable, faults=tuple(faults))


def is_placed(problem: Problem, files: dict[str, str]) -> bool:
    """Whether a problem names a line that is there; what is missing in all files is told of the folder."""
    if problem.place.file == "config":
        return True
    lines = files.get(problem.place.file, "").splitlines() or [""]
    return problem.place.file in files and 1 <= problem.place.line <= len(lines) + 1 and problem.place.column >= 1


if __name__ == "__main__":
    found = read_spoiled(int(sys.argv[1]), seed=1)
    said = f"{found.readable} readable all the same, slowest {found.slowest_s:.3f} s of processor time, {len(found.faults)} faults"
    print(f"{sys.argv[1]} spoiled handbooks, {said}")
    print("\n".join(found.faults[:20]))
    sys.exit(bool(found.faults or found.slowest_s > LONGEST_S))
