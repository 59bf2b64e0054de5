"""Policies of a few lines of YAML, and the example, for tests of what is published."""

from __future__ import annotations

from pathlib import Path

from oncall.core.model import Handbook
from oncall.core.publishing import Ways
from oncall.handbook import parse, read

ROOT = Path(__file__).parents[3]
BOTH = Ways(phone="+15125550101", url="https://oncall.example.com")
SMALL = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001, email: ana@example.com, slack: UANA}
  ben: {name: Ben Example, phone: +44 7700 900002}
hours: {office: mon-fri 08:00-17:00}
rotations: {support: {people: [ana, ben], handover: mon 09:00, start: 2026-01-05}}
escalations: {main: [{page: support, wait: 5m}]}
services: {shop: {name: Shop, escalation: main}, books: {name: Bookkeeping, escalation: main}}
roles: {admin: [ben]}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: The shop is down., contact_within: {sms: 15m, email: 90m}, escalation: main}
    sev2: {means: A wish., after_hours: wait, contact_within: opening + 1h, escalation: main}
  triage: [{words: [down], severity: sev1}, {otherwise: sev1}]
  last_resort: [ben, "+44 7700 900099"]
"""


def example() -> Handbook:
    """The example handbook."""
    book = read(ROOT / "config", ROOT / "rotations").handbook
    assert book is not None
    return book


def small(*edits: tuple[str, str], texts: str = "", language: str = "de") -> Handbook:
    """The small policy after some edits, with the company's own texts of a language."""
    content = SMALL
    for old, new in edits:
        assert old in content, old
        content = content.replace(old, new, 1)
    files = {"config/all.yaml": content, **({f"config/texts/{language}.yaml": texts} if texts else {})}
    reading = parse(files)
    assert reading.handbook is not None, [str(one) for one in reading.problems]
    return reading.handbook
