"""Writes handbooks of any size: everybody has a service and an escalation of their own, so that no page is folded into another."""

from __future__ import annotations

from pathlib import Path

from oncall.handbook import parse

PEOPLE_PER_FILE = 2000
"""Keeps every file far below the reader's limit of one MiB."""
FOREVER = "24h"
"""A wait that no benchmark lives to see the end of."""

HEAD = """# Made by a benchmark: the policy; nothing but the first pages is ever due.
version: 1
timezone: UTC
hours: {{office: "mon-fri 08:00-08:01"}}
roles: {{admin: [p0]}}
policy:
  company: Example
  office: office
  severities:
    sev1: {{means: Worse than the rest., after_hours: page, contact_within: {{api: 24h}}, acknowledge_again_after: 24h, escalation: e0}}
    sev2: {{means: The rest., after_hours: page, contact_within: {{api: 24h}}, acknowledge_again_after: 24h, escalation: e0}}
  triage: [{{otherwise: sev2}}]
  last_resort: ["+15559999999"]
"""


def write(folder: Path, people: int, *, wait: str = "") -> None:
    """Writes config/ and rotations/ for `people` people. With `wait` whoever does not answer is followed by the next person after it."""
    config, rotations = folder / "config", folder / "rotations"
    config.mkdir(parents=True)
    rotations.mkdir()
    (config / "policy.yaml").write_text(HEAD.format())
    reach = sms_only()
    for first in range(0, people, PEOPLE_PER_FILE):
        numbers = range(first, min(first + PEOPLE_PER_FILE, people))
        (config / f"people-{first}.yaml").write_text(part(numbers, people, wait, reach))
    (rotations / "first.yaml").write_text(
        "# Made by a benchmark: a rotation nobody is paged by.\nversion: 1\nrotations:\n"
        "  first: {people: [p0], handover: mon 08:00, start: 2026-01-05}\n"
    )


def part(numbers: range, people: int, wait: str, reach: str) -> str:
    """One file of people with their escalations and services."""
    lines = ["# Made by a benchmark: people with an escalation and a service each.", "version: 1", "people:"]
    # Area code 555 belongs to nobody, and the sink is the only provider there is.
    lines += [f'  p{n}: {{name: P{n} Example, phone: "{number(n)}"{reach}}}' for n in numbers]
    lines.append("escalations:")
    for n in numbers:
        steps = [f"{{page: p{n}, wait: {wait or FOREVER}}}"]
        steps += [f"{{page: p{(n + 1) % people}, wait: {FOREVER}}}"] if wait else []
        lines.append(f"  e{n}: [{', '.join(steps)}]")
    lines.append("services:")
    lines += [f"  s{n}: {{name: Service {n}, escalation: e{n}}}" for n in numbers]
    return "\n".join(lines) + "\n"


def number(person: int) -> str:
    """The telephone number of a person."""
    return f"+1555{2000000 + person}"


def sms_only() -> str:
    """The key that keeps a person to texts, if this version's language has it; a person of a version without it is only ever texted."""
    probe = {
        "config/a.yaml": HEAD.format()
        + 'people: {p0: {name: P Example, phone: "+15552000000", reach: [sms]}}\nescalations: {e0: [{page: p0, wait: 5m}]}\n',
        "rotations/b.yaml": "version: 1\nrotations: {}\n",
    }
    return "" if any("reach" in str(problem) for problem in parse(probe).problems) else ", reach: [sms]"
