"""A report in sentences: its headline, its misses, the limits that were hit, and a week in at most fifteen lines (interfaces.md 2.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.core.localtime import local_of
from oncall.core.metrics.burden import NIGHT_LIMIT, NIGHTS_LIMIT, Window
from oncall.core.metrics.measures import Kept
from oncall.core.metrics.numbers import MEDIAN, P95, SLOWEST, SMALL, Share, percent_text, span_text
from oncall.core.metrics.report import Miss, Report
from oncall.core.notices import Gap

DIGEST_LINES = 15
MISSES_SHOWN = 3
PERCENT = 100


def headline(report: Report) -> str:
    """The one sentence of a report: '8 of 9 emergencies were contacted in time; the one miss was 4 min late.'"""
    share, running = report.kept.share, report.kept.running
    if not share.whole and not running:
        other = report.emergencies
        return "No emergency was reported." if not other else f"{plural(other, 'emergency', 'emergencies')}, none with anybody to contact."
    parts = [f"{of_emergencies(share)} contacted in time"] if share.whole else []
    if report.misses:
        parts.append(how_late(report.misses))
    if running:
        parts.append(f"{running} {'is' if running == 1 else 'are'} still running")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def of_emergencies(share: Share) -> str:
    """'8 of 9 emergencies were', '190 of 200 emergencies (95 %) were'."""
    percent = f" ({percent_text(share.percent)})" if share.percent is not None and share.whole >= SMALL else ""
    return f"{share.part} of {share.whole} {'emergency was' if share.whole == 1 else f'emergencies{percent} were'}"


def how_late(misses: Sequence[Miss]) -> str:
    """'the one miss was 4 min late', 'the 3 misses were 4 min to 2 h 10 min late, 1 of them without a reported contact'."""
    late = sorted(one.late for one in misses if one.late is not None)
    never = len(misses) - len(late)
    if len(misses) == 1:
        return f"the one miss was {span_text(late[0])} late" if late else "for the one miss no contact was reported"
    if not late:
        return f"for all {len(misses)} misses no contact was reported"
    first, last = span_text(late[0]), span_text(late[-1])
    span = first if first == last else f"{first} to {last}"
    if not never:
        return f"the {len(misses)} misses were {span} late"
    return f"of the {len(misses)} misses {len(late)} {'was' if len(late) == 1 else 'were'} {span} late, for {never} no contact was reported"


def miss_text(report: Report, miss: Miss, customer: str) -> str:
    """A miss in a line: 'K7F2 Northwind, 4 min late: no answer (Ana)'."""
    late = f"{span_text(miss.late)} late" if miss.late is not None else "no contact reported"
    return f"{' '.join(part for part in (miss.case.case, customer) if part)}, {late}: {cause_text(report, miss)}"


def cause_text(report: Report, miss: Miss) -> str:
    """The cause, and whom it is about."""
    people = ", ".join(report.name(who) for who in miss.people)
    return f"{miss.cause.value} ({people})" if people else miss.cause.value


def kept_text(kept: Kept, goal: float | None) -> str:
    """'8 of 9 (goal 95 %), 1 running'."""
    text = f"{kept.share.text}, goal {percent_text(goal)}" if goal is not None else kept.share.text
    return f"{text}, {kept.running} running" if kept.running else text


def limits(report: Report) -> tuple[str, ...]:
    """Where somebody had more than is bearable (interfaces.md 6.3)."""
    found = []
    for one in report.burdens:
        if one.worst_night > NIGHT_LIMIT:
            found.append(f"{report.name(one.who)} was interrupted {one.worst_night} times in one night; the limit is {NIGHT_LIMIT}")
        elif one.worst_night == NIGHT_LIMIT:
            found.append(f"{report.name(one.who)} was interrupted twice in one night: was rest offered the next morning?")
    nights, woken = sum(one.nights for one in report.burdens), sum(min(one.woken_nights, one.nights) for one in report.burdens)
    if nights and PERCENT * woken / nights > NIGHTS_LIMIT:
        found.append(f"{woken} of {nights} nights on call were interrupted; more than {NIGHTS_LIMIT} % is a problem of the structure, not of a week")
    return tuple(found)


def plural(count: int, one: str, many: str) -> str:
    """'1 case', '3 cases'."""
    return f"{count} {one if count == 1 else many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a digest says beside its week: the week before, the customers of its misses by incident, and the gaps that come."""

    earlier: Report
    customers: dict[str, str]
    gaps: Sequence[Gap]


def digest(report: Report, around: Around) -> tuple[str, ...]:
    """A period in at most fifteen lines; a line whose facts do not exist is left out."""
    lines = [f"After hours, {report.period.words}", counted(report)]
    if report.kept.share.whole or report.kept.running:
        lines += contacted(report, around)
    if report.take.count:
        lines.append(f"Taken in: median {report.take.text(MEDIAN)}, slowest {report.take.text(SLOWEST)}")
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.reasons)
        lines.append(f"Escalated: {report.escalated.text}" + (f" ({reasons})" if reasons else ""))
    nights = [(report.name(one.who), one.windows[Window.SLEEP]) for one in report.burdens if one.nights or one.windows[Window.SLEEP]]
    if nights:
        lines.append("Interrupted at night: " + ", ".join(f"{name} {count}" for name, count in nights))
    lines += [f"⚠ {one}" for one in limits(report)[:MISSES_SHOWN]]
    ahead = [f"{gap.rotation} from {when(gap.start, report.timezone)} to {when(gap.end, report.timezone)}" for gap in around.gaps]
    if ahead:
        lines.append(f"⚠ Next 14 days: nobody is on call for {'; '.join(ahead[:MISSES_SHOWN])}")
    lines += health(report)
    return (*lines[: DIGEST_LINES - 1], f"More: oncall report {report.period.name}")


def counted(report: Report) -> str:
    """'Emergencies 9 (SEV1 2, SEV2 7), plus 14 that could wait'."""
    by = ", ".join(f"{one.severity.upper()} {one.count}" for one in report.severities)
    waited = f", plus {report.waited} that could wait" if report.waited else ""
    return f"Emergencies: {report.emergencies}" + (f" ({by})" if by else "") + waited


def contacted(report: Report, around: Around) -> Iterator[str]:
    """What was kept, by severity where there are goals, and the misses."""
    by = "; ".join(f"{one.severity.upper()} {kept_text(one.kept, one.goal)}" for one in report.severities if one.goal is not None)
    earlier = around.earlier.kept.share
    also = f" The {report.period.kind} before: {earlier.text}." if earlier.whole else ""
    yield f"Contacted in time: {kept_text(report.kept, None)}." + (f" {by}." if by else "") + also
    for one in report.misses[:MISSES_SHOWN]:
        yield f"Missed: {miss_text(report, one, around.customers.get(one.case.incident, ''))}"
    if len(report.misses) > MISSES_SHOWN:
        yield f"... and {len(report.misses) - MISSES_SHOWN} more"


def health(report: Report) -> Iterator[str]:
    """'Pager health: texts delivered 98 % (197 of 201), 1 s median; calls answered 5 of 7'."""
    said = []
    for one in report.deliveries:
        if one.way == "sms":
            took = f", median {one.took.text(MEDIAN)}, 95 % within {one.took.text(P95)}" if one.took.count else ""
            said.append(f"texts delivered {one.arrived.text}{took}")
        else:
            said.append(f"calls answered {one.arrived.text}")
    if said:
        yield f"Pager health: {'; '.join(said)}"


def when(at: datetime, timezone: str) -> str:
    """An instant on the company's clock."""
    return f"{local_of(at, timezone):%a %d %b %H:%M}"
