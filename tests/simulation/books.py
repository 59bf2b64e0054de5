"""Small handbooks for simulated nights, drawn by a seed: three to six people, one to three steps, waits of two to ten minutes."""

from __future__ import annotations

import random
from typing import Any

from oncall.core.model import Handbook
from oncall.handbook import parse

NAMES = ("ana", "ben", "chloe", "dev", "eli", "fay")
MANAGER, RESORT = "priya", "mats"
BARE_RESORT = "+447700900099"
"""A number that belongs to nobody by name."""


REACH = "slack + sms, call after 90s, call after 3m"
"""The built-in personal reach, said aloud."""


def slack_of(who: str) -> str:
    """The Slack account of a simulated person."""
    return f"U{who.upper()}"


def person_of(who: str) -> str:
    """The line of a simulated person."""
    return f"  {who}: {{name: {who.capitalize()} Example, phone: '{number_of(who)}', slack: {slack_of(who)}}}"


def number_of(who: str) -> str:
    """The telephone of a simulated person."""
    return f"+4477009000{[*NAMES, MANAGER, RESORT].index(who) + 10}"


def book(rng: random.Random) -> Handbook:
    """A handbook."""
    people = list(NAMES[: rng.randint(3, 6)])
    steps = rng.randint(1, 3)
    ladder = [steps_of(rng, people, one, with_rotation=rng.random() < 0.5) for one in range(steps)]
    # Drawn from what was drawn, so that it moves nothing else in the night of a seed.
    more = random.Random(f"{people} {ladder}")
    if more.random() < 0.3:
        ladder[-1] = "{page: [second, manager], wait: 5m}" if more.random() < 0.5 else "{page: second, wait: 5m}"
    return handbook_of(
        people,
        ladder,
        shadow=NAMES[-1] if NAMES[-1] not in people and more.random() < 0.5 else "",
        repeat=rng.choice([1, 1, 1, 2]),
        within_min=rng.choice([10, 15, 30]),
        again_min=rng.choice([5, 15, 30, 60]),
        word_min=more.choice([0, 10, 20, 40]),
        away=rng.choice(people) if rng.random() < 0.3 else "",
        put_nobody=rng.random() < 0.1,
        reach=rng.choice([REACH, REACH, REACH, "sms, call after 60s", "call, sms after 1m, call after 2m", "slack + sms + call", "sms"]),
        resort=rng.choice([RESORT, RESORT, f"'{BARE_RESORT}'", f"{RESORT}, '{BARE_RESORT}'", f"{people[0]}, {RESORT}"]),
    )


def steps_of(rng: random.Random, people: list[str], index: int, *, with_rotation: bool) -> str:
    """One step of the escalation."""
    wait = rng.choice([2, 3, 5, 10])
    if index == 0 and with_rotation:
        return f"{{page: line, wait: {wait}m}}"
    who = rng.sample(people, rng.choice([1, 1, 2]))
    return f"{{page: [{', '.join(who)}], wait: {wait}m}}"


EVERYBODY = "\n".join(person_of(who) for who in [*NAMES, MANAGER, RESORT])
"""The people of every simulated handbook."""


def policy_of(within_min: int, again_min: int, resort: str, word_min: int) -> str:
    """The policy of a simulated handbook."""
    word = f", update_every: {word_min}m" if word_min else ""
    return f"""policy:
  company: Example
  office: office
  severities:
    sev1: {{means: down, contact_within: {{sms: {within_min}m, api: {within_min}m}}, acknowledge_again_after: {again_min}m{word}, escalation: main}}
    sev2: {{means: slow, contact_within: {{api: {2 * within_min}m}}, acknowledge_again_after: {again_min}m, escalation: short}}
    sev3: {{means: later, after_hours: wait, contact_within: opening + 1h, escalation: main}}
  exclusions:
    - {{id: billing, about: Billing, words: [billing], answer: Our office answers these., contact_within: opening + 4h}}
    - {{id: sdk, about: Code of your own, words: [sdk]}}
  triage: [{{words: [question], severity: sev3}}, {{words: [slow], severity: sev2}}, {{otherwise: sev1}}]
  last_resort: [{resort}]
"""


def handbook_of(people: list[str], steps: list[str], **more: Any) -> Handbook:
    """The handbook of `content_of`."""
    reading = parse({"config/all.yaml": content_of(people, steps, **more)})
    assert reading.handbook is not None, [str(problem) for problem in reading.problems]
    return reading.handbook


def content_of(
    people: list[str],
    steps: list[str],
    *,
    repeat: int = 1,
    within_min: int = 15,
    again_min: int = 30,
    word_min: int = 0,
    away: str = "",
    put_nobody: bool = False,
    resort: str = RESORT,
    reach: str = REACH,
    shadow: str = "",
) -> str:
    """The file of a handbook with these people and steps, a manager and a last resort; `put_nobody` leaves the rotation `line` empty that night."""
    nobody = "{rotation: line, from: 2026-11-23, to: 2026-11-25, put: nobody}" if put_nobody else ""
    absent = f"{away} 2026-11-24 to 2026-11-25" if away else ""
    return f"""
version: 1
timezone: Europe/Berlin
people:
{EVERYBODY}
reach: [{reach}]
hours: {{office: mon-fri 08:00-17:00}}
rotations:
  line: {{people: [{", ".join(people)}], handover: daily 03:00, start: 2026-01-05, shadows: [{shadow}]}}
  second: {{backs_up: line}}
  manager: {{people: {MANAGER}, apart_from: line}}
away: [{absent}]
changes: [{nobody}]
escalations: {{day: [{{page: dev, wait: 5m}}], main: {{repeat: {repeat}, steps: [{", ".join(steps)}]}}, short: {{steps: [{steps[-1]}]}}}}
roles: {{admin: [{MANAGER}], manager: [{MANAGER}]}}
{policy_of(within_min, again_min, resort, word_min)}"""
