"""Cases of drawn nights: read with little work they are what the log says, and figures worked out anew in a few other lines agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from sqlalchemy import Connection

from oncall.core.incident import LAST_RESORT, Incident, Promise
from oncall.core.invariants import Violation
from oncall.core.messages import CallEnded, Contacted, Delivered, HandedOver, HumanAct, LogEntry, OrderKind, Reported, Status, TimeCame, Updated
from oncall.core.metrics.burden import interruptions
from oncall.core.metrics.cases import Case, Outcome
from oncall.core.metrics.gathering import Gathering
from oncall.core.metrics.lines import NEWS_ONLY, After, Line
from oncall.store import log
from oncall.store.measuring import is_measured, line_of
from tests.simulation import run
from tests.simulation.world import World

SEEDS = (3, 4, 5, 7, 8, 12, 14, 21)
"""Calm nights and troubled ones, with all ways and with few; between them every kind of fact."""
Written = tuple[str, int, str]
LONG_AFTER = timedelta(days=30)


@cache
def nights() -> tuple[tuple[tuple[Written, ...], tuple[LogEntry, ...]], ...]:
    """Every incident of the nights: its log as it is written, and as the store reads it."""
    found: list[tuple[tuple[Written, ...], tuple[LogEntry, ...]]] = []

    def look(conn: Connection, world: World, end: datetime) -> tuple[Violation, ...]:
        for incident in world.incidents:
            rows = conn.exec_driver_sql("SELECT kind, at, entry FROM log WHERE incident = ? ORDER BY seq", (incident,)).all()
            found.append((tuple((row.kind, row.at, row.entry) for row in rows), tuple(log.history(conn, incident))))
        return ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "audit", look)
        for seed in SEEDS:
            run.play(seed)
    return tuple(found)


def case_of(written: Sequence[Written]) -> Case:
    """The case that the product makes of a log."""
    gathering = Gathering("1001")
    gathering.add(line_of(kind, at, entry) for kind, at, entry in written if is_measured(kind, entry))
    case = gathering.case()
    assert case is not None
    return case


def test_a_line_read_with_little_work_says_what_the_whole_line_says() -> None:
    kinds = set()
    for written, history in nights():
        for (kind, at, entry), whole in zip(written, history, strict=True):
            kinds.add(kind)
            fact = whole.fact
            assert line_of(kind, at, entry) == Line(
                at=fact.at,
                kind=type(fact).__name__,
                by=getattr(fact, "by", ""),
                order=getattr(fact, "order", ""),
                reason=getattr(fact, "reason", ""),
                way_broken=getattr(fact, "way_broken", False),
                result="" if kind in NEWS_ONLY else whole.decision.result,
                nobody_there=kind not in NEWS_ONLY and any(order.about == "empty_step" for order in whole.decision.orders),
                after=None if kind in NEWS_ONLY else after_of(whole.decision.incident),
            )
    assert kinds >= NEWS_ONLY | {"Reported", "TimeCame", "Acknowledged", "Passed", "SendFailed", "Reopened", "MarkedUrgent"}


def after_of(incident: Incident) -> After:
    """What a line says of an incident, worked out from the incident itself."""
    moves = [at for name, at in incident.clocks.items() if name in {"step", "promise"}]
    return After(
        incident.case, incident.status, incident.service, incident.worst or incident.severity, incident.channel, len(incident.steps), incident.step,
        incident.round, incident.last_resort_called, incident.held_by, incident.reports, bare(incident.promise), min(moves, default=None),
        incident.update_by, incident.updates_missed,
    )  # fmt: skip


def bare(promise: Promise | None) -> Promise | None:
    """The promise, of which only span, times and contact are measured."""
    return None if promise is None else replace(promise, asked_at=None, missed_at=None)


def test_after_news_an_incident_stands_where_it_stood() -> None:
    """That is why what follows the fact of such a line need not be read: it moves no step, no holder, no promise."""
    for _, history in nights():
        for before, line in pairwise(history):
            if type(line.fact).__name__ in NEWS_ONLY:
                was, now = after_of(before.decision.incident), after_of(line.decision.incident)
                assert now._replace(moves_at=None) == was._replace(moves_at=None)
                assert was.moves_at == now.moves_at or (was.moves_at is not None and now.moves_at is not None and now.moves_at < was.moves_at)


def test_promises_takes_pages_and_escalations_are_what_a_few_other_lines_find() -> None:
    """Those lines look only at facts, and at the incident as it ended."""
    outcomes = set()
    for written, history in nights():
        case, end = case_of(written), history[-1].fact.at + LONG_AFTER
        calls = [one for one in history if one.decision.incident.status is Status.OPEN and not isinstance(one.fact, TimeCame)]
        assert case.is_emergency is bool(calls)
        dues = dict.fromkeys(one.decision.incident.promise.first_contact_by for one in history if one.decision.incident.promise)
        if case.is_promised and len(dues) == 1:
            contact = min((one.fact.at for one in history if isinstance(one.fact, Contacted)), default=None)
            expected = Outcome.KEPT if contact is not None and contact <= next(iter(dues)) else Outcome.MISSED
            assert case.outcome(end) is expected
            outcomes.add(expected)
        taken = [one.fact.at for one in history if one.decision.incident.held_by or one.decision.incident.status is Status.RESOLVED]
        assert case.taken_at == (taken[0] if taken else None)
        had_it = [one.accepted_at for one in case.tries if one.accepted_at is not None]
        assert sorted(had_it) == sorted(at for _, _, at in accepted(history))
        assert case.reports == sum(isinstance(one.fact, Reported) for one in history)
        assert case.updates_missed == history[-1].decision.incident.updates_missed
        assert case.updates_kept == sum(in_time(before, line) for before, line in pairwise(history))
        assert bool(case.rises) is any(went_up(one) for one in history)
    assert outcomes == {Outcome.KEPT, Outcome.MISSED}


def accepted(history: Sequence[LogEntry]) -> list[tuple[str, str, datetime]]:
    """The pages that a provider had, as (who, way, when it was first known)."""
    first: dict[str, datetime] = {}
    for line in history:
        if isinstance(line.fact, HandedOver | Delivered | CallEnded) and line.fact.order.split("/")[2].startswith("page"):
            first.setdefault(line.fact.order, line.fact.at)
    return [(order.split("/")[3], order.split("/")[4], at) for order, at in first.items()]


def in_time(before: LogEntry, line: LogEntry) -> bool:
    """Whether a line is words to the customer that came by the time that was said."""
    owed = before.decision.incident.update_by
    return isinstance(line.fact, Updated) and line.decision.result == "told" and owed is not None and line.fact.at <= owed


def went_up(line: LogEntry) -> bool:
    """Whether a decision pages somebody who is not of the first step in the first round."""
    incident = line.decision.incident
    pages = [incident.page_of(order.recipient) for order in line.decision.orders if order.kind is OrderKind.PAGE]
    return any(page is not None and (page.step > 0 or page.step == LAST_RESORT or incident.round > 1) for page in pages)


def test_interruptions_are_what_a_slow_count_finds() -> None:
    """For each person over all cases of all nights."""
    histories = [history for _, history in nights()]
    found = interruptions([case_of(written) for written, _ in nights()])
    pages: dict[str, set[datetime]] = {}
    for who, way, at in (one for history in histories for one in accepted(history)):
        if way != "slack":
            pages.setdefault(who, set()).add(at)
    acts = {who: {one.fact.at for history in histories for one in history if isinstance(one.fact, HumanAct) and one.fact.by == who} for who in pages}
    assert {who: len(one) for who, one in found.items()} == {who: counted(pages[who], acts[who]) for who in pages}


def counted(pages: set[datetime], acts: set[datetime]) -> int:
    """Interruptions: a page that comes a quarter of an hour or more behind everything that belongs to the one before."""
    count, until = 0, datetime.min.replace(tzinfo=next(iter(pages)).tzinfo)
    for at in sorted(pages | acts):
        if at < until:
            until = at + timedelta(minutes=15)
        elif at in pages:
            count, until = count + 1, at + timedelta(minutes=15)
    return count
