"""Rotations out of a few lines of YAML, for tests of who is on call."""

from __future__ import annotations

from datetime import UTC, datetime

from oncall.core.model import Handbook
from oncall.core.rota import Hours
from oncall.handbook import parse

HEAD = """version: 1
timezone: {zone}
people: {{ana: {{name: Ana}}, ben: {{name: Ben}}, chloe: {{name: Chloe}}, dev: {{name: Dev, timezone: America/Chicago}}}}
hours: {{office: mon-fri 09:00-17:00, closed: not office, night: daily 22:00-06:00, weekend: fri 18:00 - mon 08:00, late: 'daily 02:15-02:45',
  weekdays: mon-fri 09:00-17:00 except holidays}}
"""


def rota(lines: str, *, zone: str = "Europe/Berlin") -> Handbook:
    """A handbook with `lines` behind a zone, four people and some hours."""
    reading = parse({"rotations/r.yaml": HEAD.format(zone=zone) + lines}, everything=False)
    assert reading.handbook is not None, [str(problem) for problem in reading.problems]
    return reading.handbook


def book_of(content: str) -> Handbook:
    """The whole handbook of one file."""
    reading = parse({"config/all.yaml": content})
    assert reading.handbook is not None, [str(problem) for problem in reading.problems]
    return reading.handbook


def hours(name: str, *, zone: str = "Europe/Berlin") -> Hours:
    """Named hours of the head, as a shift has them."""
    book = rota(f"rotations: {{r: {{people: ana, hours: {name}, start: 2020-01-01}}}}", zone=zone)
    found = book.rotations["r"].shifts[0].hours
    assert found is not None
    return found


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
