"""Reads lines of the log as measuring sees them, with as little work as that takes.

100,000 lines, which are a year of 3,000 emergencies and 280 MB of JSON, take 12 s to read as pydantic's dataclasses and 3 s by `json`; here
they take 2 s, gathering included, for news of sends are half of them and only their fact is read. Two seconds of a daemon that has pages to
send are still too many for each report. So what was gathered is kept as a row for each incident (cases.py), and only what has moved since is
read again: all of them once in 4.4 s of slices, in the background, and from then on the report of that year takes 0.8 s, of a month 0.2 s
(`python -m benchmarks.reports`). The rows are written beside the decisions and not in their transactions, where a mistake in a measure would
cost a page; whatever is lost of them is gathered anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from oncall.core.incident import Promise
from oncall.core.metrics.lines import NEWS_ONLY, After, Line
from oncall.store.codec import adapter, instant

FACT_ENDS = '},"decision":'
"""How the fact of an entry ends. Inside a text its quotes would be escaped, so it cannot stand anywhere else before."""
PAGE = "/page"
MOVES = ("step", "promise")
NOBODY_THERE = "empty_step"
"""The text by which admins are told that a step had nobody on call."""


def line_of(kind: str, at: int, entry: str) -> Line:
    """A line of the log; `at` in microseconds, `entry` as it was written."""
    if kind in NEWS_ONLY:
        return news(kind, instant(at), from_json(entry[len('{"fact":') : entry.index(FACT_ENDS) + 1]))
    parts = from_json(entry, cache_strings="keys")
    fact, decision = parts["fact"], parts["decision"]
    return Line(
        at=instant(at),
        kind=kind,
        by=fact.get("by", ""),
        order=fact.get("order", ""),
        reason=fact.get("reason", ""),
        way_broken=fact.get("way_broken", False),
        result=decision["result"],
        nobody_there=any(order["about"] == NOBODY_THERE for order in decision["orders"]),
        after=after_of(decision["incident"]),
    )


def is_measured(kind: str, entry: str) -> bool:
    """Whether a line says anything that is measured: news of sends do only if they are of pages, which order ids begin with by their third part."""
    return kind not in NEWS_ONLY or kind == "Noted" or PAGE in entry[: entry.index(FACT_ENDS)]


def news(kind: str, at: datetime, fact: Mapping[str, Any]) -> Line:
    """A line after which the incident stands where it stood."""
    return Line(
        at=at, kind=kind, by=fact.get("by", ""), order=fact.get("order", ""), reason=fact.get("reason", ""), decision=fact.get("decision", False)
    )


def after_of(state: Mapping[str, Any]) -> After:
    """An incident's state as far as it is measured."""
    promise, clocks = state["promise"], state["clocks"]
    moves = [datetime.fromisoformat(clocks[name]) for name in MOVES if name in clocks]
    return After(
        case=state["case"],
        status=state["status"],
        service=state["service"],
        # Reports count by the highest it had: nobody betters a figure by calling it something less.
        severity=state.get("worst") or state["severity"],
        channel=state["channel"],
        steps=len(state["steps"]),
        step=state["step"],
        round=state["round"],
        last_resort_called=state["last_resort_called"],
        held_by=state["held_by"],
        reports=state["reports"],
        promise=promise and promise_of(promise["within"], promise["contact_by"], promise["first_contact_by"], promise["contacted_at"]),
        moves_at=min(moves, default=None),
        # Lines of before there were updates know of none.
        update_by=datetime.fromisoformat(owed) if (owed := state.get("update_by")) else None,
        updates_missed=state.get("updates_missed", 0),
    )


@lru_cache(maxsize=1024)
def promise_of(within: str, contact_by: str, first_contact_by: str, contacted_at: str | None) -> Promise:
    """A promise as it was written. Most lines of an incident have the same one, and a span takes a while to read."""
    written = {"within": within, "contact_by": contact_by, "first_contact_by": first_contact_by, "contacted_at": contacted_at}
    return adapter(Promise).validate_python(written)
