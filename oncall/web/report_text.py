"""A report as Markdown, as CSV and as plain data; whatever customers wrote stays text in all of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from oncall.core.metrics.cases import Case
from oncall.core.metrics.measures import Kept
from oncall.core.metrics.numbers import MEDIAN, P90, P99, SLOWEST, Share, Spread
from oncall.core.metrics.report import Decided, Report
from oncall.core.metrics.words import headline, limits
from oncall.web.report_tables import Table, foot, tables, title
from oncall.web.views import Json, shown, time_text

MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]|<>~])")
"""What Markdown, or HTML inside of it, would take for more than text, in the middle of a line."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would work out."""
COLUMNS = (
    "case", "incident", "severity", "service", "channel", "status", "reports", "reported", "called", "paged", "taken", "taken by", "due", "contacted",
    "outcome", "late seconds", "cause", "highest level", "escalated because", "resolved", "reopened",
)  # fmt: skip


def markdown(report: Report, customers: Mapping[str, str]) -> str:
    """The report for a terminal, a ticket or a wiki."""
    lines = [f"# {plain(title(report))}", "", plain(headline(report)), ""]
    for one in tables(report, customers):
        lines += [f"## {one.title}", "", *table(one), ""]
    return "\n".join((*lines, plain(foot(report)), ""))


def table(one: Table) -> Iterator[str]:
    """A table, and the sentence below it."""
    yield f"| {' | '.join(one.columns)} |"
    yield f"|{'---|' * len(one.columns)}"
    yield from (f"| {' | '.join(plain(cell) for cell in row)} |" for row in one.rows)
    if one.note:
        yield from ("", plain(one.note))


def plain(text: str) -> str:
    """A text in which nothing means anything to Markdown."""
    return MEANS_SOMETHING.sub(r"\\\1", " ".join(text.split()))


def cases_csv(report: Report) -> str:
    """One line for each case of the period, for spreadsheets: times in UTC, no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    missed = {one.case.incident: one for one in report.misses}
    for case in sorted(report.cases, key=lambda one: one.reported_at):
        miss = missed.get(case.incident)
        late = "" if miss is None or miss.late is None else f"{miss.late.total_seconds():.0f}"
        due = miss.due if miss is not None else case.promises[0].due if case.promises else None
        outcome = case.outcome(report.made_at).value if case.is_promised else "waiting" if case.waited else "not counted"
        cells = (
            case.case, case.incident, case.severity, case.service, case.channel, case.status, case.reports, time_text(case.reported_at),
            time_text(case.called_at), time_text(case.paged_at), time_text(case.taken_at), shown(case.taken_by), time_text(due),
            time_text(case.contacted_at), outcome, late, miss.cause.value if miss else "", max((one.level for one in case.rises), default=1),
            case.rises[0].reason if case.rises else "", time_text(case.resolved_at), len(case.reopened),
        )  # fmt: skip
        writer.writerow([cell(one) for one in cells])
    return text.getvalue()


def cell(value: object) -> str:
    """A cell that a spreadsheet shows as it is."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def data(report: Report, customers: Mapping[str, str]) -> Json:
    """The report as JSON carries it; spans in seconds, shares with their parts, percentages only beside them."""
    return {
        "period": report.period.name,
        "from": time_text(report.period.start),
        "until": time_text(report.until),
        "made_at": time_text(report.made_at),
        "timezone": report.timezone,
        "handbook": report.version,
        "headline": headline(report),
        "emergencies": report.emergencies,
        "contacted_in_time": kept(report.kept),
        "severities": [{"severity": one.severity, "emergencies": one.count, **kept(one.kept), "goal_percent": one.goal} for one in report.severities],
        "channels": [
            {"severity": one.severity, "channel": one.channel, "emergencies": one.count, **kept(one.kept), "first_contact": spread(one.contact),
             "promised_s": [span.total_seconds() for span in one.within]}
            for one in report.channels
        ],
        "misses": [missed_line(report, number, customers) for number in range(len(report.misses))],
        "first_contact": spread(report.contact),
        "taken": spread(report.take),
        "paged": {**spread(report.page), "p99_s": seconds(report.page, P99)},
        "resolved": spread(report.resolve),
        "resolved_within": [{"within_s": one.within.total_seconds(), **share(one.share), "goal_percent": one.goal} for one in report.resolved],
        "escalated": {**share(report.escalated), "because": dict(report.reasons)},
        "first_page_answered": share(report.reached),
        "deliveries": [{"way": one.way, **share(one.arrived), "took": spread(one.took)} for one in report.deliveries],
        "updates_kept": share(report.updates),
        "reopened": share(report.reopened),
        "could_wait_but_urgent": share(report.urgent),
        **feedback(report),
        "not_counted": {"could_wait": report.waited, "declined": report.declined, "nobody_to_contact": report.unpromised, "joined": report.joined},
        "covered_percent": report.coverage.percent,
        "gaps": [{"rotation": name, "from": time_text(start), "to": time_text(end)} for name, start, end in report.coverage.gaps],
        "burden": [burden_line(report, number) for number in range(len(report.burdens))],
        "gini": report.gini,
        "limits": list(limits(report)),
        "decisions": [decision_line(one) for one in report.decisions],
        "changes": [{"at": time_text(one.at), "version": one.version, "files": list(one.files)} for one in report.changes],
    }  # fmt: skip


def feedback(report: Report) -> Json:
    """What customers and responders said, and whether anybody has to look into something yet."""
    return {
        "customers_satisfied": {**share(report.said.satisfied), "ratings": {str(rating): count for rating, count in report.said.ratings.items()}},
        "surveys_answered": share(report.said.answered),
        "right_to_wake": {**share(report.said.right), "wrong": dict(report.said.wrong), "goal_percent": report.right_goal},
        "final": report.is_final,
        "open_reviews": [
            {"review": one.id, "about": one.words, "owner": one.owner, "due_at": time_text(one.due_at)} for one in report.said.open_reviews
        ],
    }


def missed_line(report: Report, number: int, customers: Mapping[str, str]) -> Json:
    """One miss."""
    one = report.misses[number]
    case: Case = one.case
    return {
        "case": case.case,
        "incident": case.incident,
        "customer": customers.get(case.incident, ""),
        "severity": case.severity,
        "channel": case.channel,
        "reported_at": time_text(case.reported_at),
        "due": time_text(one.due),
        "contacted_at": time_text(one.contacted_at),
        "late_s": one.late.total_seconds() if one.late is not None else None,
        "cause": one.cause.value,
        "people": [shown(who) for who in one.people],
    }


def decision_line(one: Decided) -> Json:
    """One decision by the team's own authority."""
    return {"case": one.case.case, "incident": one.case.incident, "person": shown(one.who), "at": time_text(one.at)}


def burden_line(report: Report, number: int) -> Json:
    """One person's burden."""
    one = report.burdens[number]
    return {
        "person": one.who,
        "nights": one.nights,
        "weekend_days": one.weekend_days,
        "interruptions": {window.value: count for window, count in one.windows.items()},
        "disrupted_hours": one.disrupted_hours,
        "longest_s": one.longest.total_seconds(),
        "worst_night": one.worst_night,
        "points": one.points,
        "times_median": one.times,
    }


def kept(one: Kept) -> Json:
    """What was kept."""
    return {**share(one.share), "running": one.running}


def share(one: Share) -> Json:
    """A share, with its Wilson interval."""
    low, high = one.interval or (None, None)
    return {"part": one.part, "whole": one.whole, "text": one.text, "likely_percent": [low, high]}


def spread(one: Spread) -> Json:
    """How long something took."""
    return {
        "count": one.count,
        "running": one.running,
        "median_s": seconds(one, MEDIAN),
        "p90_s": seconds(one, P90),
        "slowest_s": seconds(one, SLOWEST),
    }


def seconds(one: Spread, quantile: float) -> float | None:
    """A quantile; None if it still runs, or there is nothing."""
    found = one.quantile(quantile)
    return None if found is None else found.total_seconds()
