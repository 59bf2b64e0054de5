"""A report as tables of words, the same for every form in which people read it; each number stands beside what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.localtime import local_of
from oncall.core.metrics.burden import Burden, Window
from oncall.core.metrics.measures import Kept
from oncall.core.metrics.numbers import MEDIAN, P90, P99, SLOWEST, Spread, percent_text, span_text
from oncall.core.metrics.report import Miss, Report
from oncall.core.metrics.words import cause_text, limits, plural
from oncall.core.wording import clock_text

MISSES_SHOWN, GAPS_SHOWN, CHANGES_SHOWN, DECISIONS_SHOWN = 30, 10, 10, 30
"""Of more the page says how many there are; every case stands in the CSV."""
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its caption, its columns, its rows, and a sentence below. The first column names the row."""

    title: str
    columns: Row
    rows: tuple[Row, ...]
    note: str = ""


def tables(report: Report, customers: Mapping[str, str]) -> tuple[Table, ...]:
    """The tables of a report, without those that would be empty. `customers`: by incident, of the misses."""
    made = (
        contacted(report),
        misses(report, customers),
        times(report),
        ways(report),
        reviews(report),
        burden(report),
        gaps(report),
        decisions(report),
        changes(report),
    )
    return tuple(one for one in made if one.rows)


def contacted(report: Report) -> Table:
    """Contacted in time by severity and channel, and each severity with its goal."""
    rows: list[Row] = []
    for severity in report.severities:
        mine = [one for one in report.channels if one.severity == severity.severity]
        for one in mine:
            within = " / ".join(span_text(span) for span in one.within) or "-"
            rows.append((one.severity, one.channel, str(one.count), within, kept(one.kept), one.contact.text(MEDIAN), one.contact.text(SLOWEST)))
        if len(mine) > 1 or severity.goal is not None:
            goal = f", goal {percent_text(severity.goal)}" if severity.goal is not None else ""
            rows.append((severity.severity, "all", str(severity.count), "", f"{kept(severity.kept)}{goal}", "", ""))
    columns = ("Severity", "Channel", "Emergencies", "Promised", "In time", "Median", "Slowest")
    return Table(title="Contacted in time, by severity and channel", columns=columns, rows=tuple(rows), note=beside(report))


def kept(one: Kept) -> str:
    """What was kept, with what few may mean, and how many still run."""
    likely = f" ({one.share.likely})" if one.share.likely else ""
    return f"{one.share.text}{likely}" + (f", {one.running} running" if one.running else "")


def beside(report: Report) -> str:
    """What does not count, but is listed."""
    found = (
        (report.waited, "could wait"), (report.declined, "declined"), (report.unpromised, "without anybody to contact"),
        (report.joined, "further reports of the same, counted once"),
    )  # fmt: skip
    listed = ", ".join(f"{count} {what}" for count, what in found if count)
    return f"Not counted: {listed}." if listed else ""


def misses(report: Report, customers: Mapping[str, str]) -> Table:
    """The misses one by one."""
    rows = tuple(miss(report, one, customers.get(one.case.incident, "")) for one in report.misses[:MISSES_SHOWN])
    columns = ("Case", "Customer", "Severity", "Reported", "Due", "Contact", "Late", "Cause")
    return Table(title="Misses", columns=columns, rows=rows, note=more(len(report.misses), MISSES_SHOWN))


def miss(report: Report, one: Miss, customer: str) -> Row:
    """One miss; of times on the day of the report the hour is enough."""
    reported, zone = one.case.reported_at, report.timezone
    late = span_text(one.late) if one.late is not None else "-"
    contact = clock_text(one.contacted_at, zone, reported) if one.contacted_at else "not reported"
    times_ = (when(reported, zone), clock_text(one.due, zone, reported), contact, late)
    return one.case.case, customer or "-", one.case.severity, *times_, cause_text(report, one)


def more(count: int, shown: int) -> str:
    """What of many is not shown."""
    return f"... and {count - shown} more; see the CSV." if count > shown else ""


def times(report: Report) -> Table:
    """How long things took."""
    rows = (
        ("First contact", *spread(report.contact), "from the report until a human reached the customer"),
        ("Taken", *spread(report.take), "from the call until a human took it; what nobody took is still running"),
        ("Resolved", *spread(report.resolve), "from the report until the last resolve"),
    )
    page = report.page.text(P99)
    note = f"The first page was with a provider {'after ' if report.page.quantile(P99) else ''}{page}, 99 of 100 times." if report.page.count else ""
    return Table(
        title="Times", columns=("Time", "Median", "90 % within", "Slowest", "Which is"), rows=rows if report.take.count else (), note=note
    )  # fmt: skip


def spread(one: Spread) -> Row:
    """Its quantiles."""
    return one.text(MEDIAN), one.text(P90), one.text(SLOWEST)


def ways(report: Report) -> Table:
    """How cases went, and how messages did."""
    rows = [row for row in shares(report) if row[1] != "none"]
    for one in report.deliveries:
        name, what = ("Texts delivered", "of those a provider accepted") if one.way == "sms" else ("Calls answered", "by a person or a voicemail")
        took = f", median {one.took.text(MEDIAN)}" if one.way == "sms" and one.took.count else ""
        rows.append((name, f"{one.arrived.text}{took}", what))
    if report.coverage.percent is not None:
        rows.append(("Covered", percent_text(report.coverage.percent), "of the time after hours, by the rota as it stands"))
    return Table(title="How it went", columns=("Measure", "Value", "Which is"), rows=tuple(rows))


def shares(report: Report) -> Iterator[Row]:
    """The shares of cases."""
    reasons = ", ".join(f"{reason} {count}" for reason, count in report.reasons)
    yield "Escalated", report.escalated.text + (f": {reasons}" if reasons else ""), "emergencies for which the first step was not enough"
    yield "First page answered", report.reached.text, "taken or passed on before the next step was called"
    for one in report.resolved:
        yield f"Resolved within {span_text(one.within)}", f"{one.share.text}, goal {percent_text(one.goal)}", "of emergencies that old, or resolved"
    yield "Updates kept", report.updates.text, "words that the customer was promised by a time, and got by it"
    yield "Reopened", report.reopened.text, "within 24 h of being resolved"
    yield "Could wait, but urgent", report.urgent.text, "the customer answered URGENT; none at all says that we wake too often"

    yield "Customers satisfied", report.said.satisfied.text, "rated 4 or 5, of those who answered"
    yield "Surveys answered", report.said.answered.text, "of those who were asked about a case of this time"
    wrong = ", ".join(f"{reason} {count}" for reason, count in report.said.wrong)
    goal = f", goal {percent_text(report.right_goal)}" if report.right_goal is not None else ""
    yield "Right to wake", f"{report.said.right.text}{goal}" + (f"; {wrong}" if wrong else ""), "of the pages after hours that their people judged"


def reviews(report: Report) -> Table:
    """What nobody has closed yet: a report is not final before."""
    found = report.said.open_reviews
    rows = tuple(
        (str(one.id), f"{local_of(one.due_at, report.timezone) - timedelta(days=1):%a %d %b}", report.name(one.owner) or "-", one.words)
        for one in found[:GAPS_SHOWN]
    )
    return Table(title="Open reviews", columns=("Review", "Due", "Owner", "About"), rows=rows, note=more(len(found), GAPS_SHOWN))


def burden(report: Report) -> Table:
    """What it cost people."""
    columns = ("Person", "Nights", "Weekend days", "By day", "Evenings", "Asleep", "Hours", "Longest", "Points", "Of median")
    uneven = f" Unevenness (Gini) {report.gini:.2f}." if report.gini is not None else ""
    note = (
        "Interruptions on the person's own clock; pages less than 15 min apart are one. Points: 1 by day, 2 in the evening, at weekends and on "
        "holidays, 4 asleep, 1 more if awake over 30 min; 0.5 a night and 1 a weekend day on call. Of median: over 90 days." + uneven
    )
    return Table(title="Burden", columns=columns, rows=tuple(person(report, one) for one in report.burdens), note=" ".join((*limited(report), note)))


def limited(report: Report) -> Iterator[str]:
    """The limits that were hit, as sentences."""
    yield from (f"⚠ {one}." if not one.endswith("?") else f"⚠ {one}" for one in limits(report))


def person(report: Report, one: Burden) -> Row:
    """One person's burden."""
    counts = (one.nights, one.weekend_days, *(one.windows[window] for window in Window), one.disrupted_hours)
    times_ = f"×{one.times:.1f}" if one.times is not None else "-"
    return report.name(one.who), *(str(count) for count in counts), span_text(one.longest) if one.interruptions else "-", f"{one.points:g}", times_


def gaps(report: Report) -> Table:
    """When nobody was on call."""
    found = report.coverage.gaps
    rows = tuple((name, when(start, report.timezone), when(end, report.timezone)) for name, start, end in found[:GAPS_SHOWN])
    return Table(title="Nobody on call", columns=("Rotation", "From", "To"), rows=rows, note=more(len(found), GAPS_SHOWN))


def decisions(report: Report) -> Table:
    """What was decided by the team's own authority; in which words, the story of the case says."""
    rows = tuple((one.case.case, report.name(one.who), when(one.at, report.timezone)) for one in report.decisions[:DECISIONS_SHOWN])
    # The CSV has a line for each case, so what is left out here stands in the data.
    rest = len(report.decisions) - DECISIONS_SHOWN
    note = f"... and {rest} more." if rest > 0 else "The words stand in the story: oncall explain CASE"
    return Table(title="Decided by the team's own authority", columns=("Case", "Who", "When"), rows=rows, note=note)


def changes(report: Report) -> Table:
    """What came into force."""
    rows = tuple((when(one.at, report.timezone), one.version, ", ".join(one.files)) for one in report.changes[-CHANGES_SHOWN:])
    return Table(
        title="Changes of the handbook", columns=("In force from", "Version", "Files"), rows=rows, note=more(len(report.changes), CHANGES_SHOWN)
    )


def foot(report: Report) -> str:
    """What the numbers are made of."""
    cases = plural(len(report.cases), "case", "cases")
    span = f"{when(report.period.start, report.timezone)} to {when(report.until, report.timezone)}"
    return f"{cases} reported from {span} ({report.timezone}), as of {when(report.made_at, report.timezone)}; handbook {report.version}."


def title(report: Report) -> str:
    """The report's name; one that is not over says so."""
    so_far = ", so far" if report.until < report.period.end else ""
    count = len(report.said.open_reviews)
    waits = f", not final: {plural(count, 'review is', 'reviews are')} open" if count else ""
    return f"{report.company}, after hours, {report.period.words}{so_far}{waits}"


def when(at: datetime, timezone: str) -> str:
    """An instant on the company's clock."""
    return f"{local_of(at, timezone):%a %d %b %H:%M}"
