"""Every form of handover, over every strange clock: turns are counted on the wall, never twice, never lost, and nobody is skipped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.model import Handbook
from oncall.core.schedule import duties, on_call
from tests.core.rotas import rota, utc
from tests.core.slow import Member, Plan, on_call_by_minute

ZONES = (
    "Europe/Berlin", "America/Chicago", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "America/St_Johns",
    "Africa/Cairo", "Antarctica/Troll", "Asia/Kathmandu", "Pacific/Chatham", "America/Sao_Paulo", "Asia/Tehran", "Asia/Gaza",
    "America/Scoresbysund", "Europe/Istanbul", "Asia/Pyongyang", "America/Caracas", "Pacific/Fakaofo", "America/Asuncion", "Etc/UTC",
)  # fmt: skip
NAMES = ("ana", "ben", "chloe", "dev")


def ring(handover: str, start: str, *, more: str = "", zone: str = "Europe/Berlin", people: str = "ana, ben, chloe") -> Handbook:
    """One rotation with this handover."""
    return rota(f"rotations: {{r: {{people: [{people}], handover: '{handover}', start: {start}{more}}}}}\n", zone=zone)


def line(book: Handbook, start: str, end: str) -> list[tuple[str, str]]:
    """The duties between two instants, as (begin in UTC, people)."""
    return [(f"{one.start:%m-%d %H:%M}", "+".join(one.people)) for one in duties(book, "r", utc(start), utc(end))]


@pytest.mark.parametrize(
    ("handover", "start", "begins"),
    [
        ("every 2 weeks mon 09:00", "2026-01-05", ["01-05 08:00 ana", "01-19 08:00 ben", "02-02 08:00 chloe", "02-16 08:00 ana"]),
        ("every 1 week fri 17:00", "2026-01-09", ["01-09 16:00 ana", "01-16 16:00 ben", "01-23 16:00 chloe"]),
        ("every 3 days 09:00", "2026-01-07", ["01-07 08:00 ana", "01-10 08:00 ben", "01-13 08:00 chloe", "01-16 08:00 ana"]),
        ("every 8 hours 06:00", "2026-01-05", ["01-05 05:00 ana", "01-05 13:00 ben", "01-05 21:00 chloe", "01-06 05:00 ana"]),
        ("every 8 hours 06:00", "2026-01-05 14:00", ["01-05 13:00 ana", "01-05 21:00 ben", "01-06 05:00 chloe"]),
        ("every 5 hours 06:00", "2026-01-05", ["01-05 05:00 ana", "01-05 10:00 ben", "01-05 15:00 chloe", "01-05 20:00 ana", "01-06 01:00 ben"]),
        ("monthly 1st 09:00", "2026-01-01", ["01-01 08:00 ana", "02-01 08:00 ben", "03-01 08:00 chloe", "04-01 07:00 ana"]),
        ("monthly 31st 09:00", "2026-01-31", ["01-31 08:00 ana", "02-28 08:00 ben", "03-31 07:00 chloe", "04-30 07:00 ana", "05-31 07:00 ben"]),
        ("daily 08:00, 20:00", "2026-01-05 20:00", ["01-05 19:00 ana", "01-06 07:00 ben", "01-06 19:00 chloe"]),
        ("mon 09:00, fri 17:00", "2026-01-09", ["01-09 16:00 ana", "01-12 08:00 ben", "01-16 16:00 chloe"]),
    ],
)
def test_turns_begin_when_the_handover_says(handover: str, start: str, begins: list[str]) -> None:
    """Counted from the start, on the wall."""
    book = ring(handover, f"'{start}'")
    found = [f"{begin} {who}" for begin, who in line(book, "2026-01-01", "2026-06-05") if who]
    assert found[: len(begins)] == begins


def test_every_two_active_days_counts_only_days_that_have_hours() -> None:
    """Thursday and Friday are ana's, Monday and Tuesday ben's; Saturday uses up nobody, unless every day is to count."""
    assert [who for _, who in line(ring("every 2 active days 09:00", "2026-01-08", more=", hours: office"), "2026-01-08", "2026-01-15") if who] == [
        "ana", "ana", "ben", "ben", "chloe",
    ]  # fmt: skip
    book = ring("daily 09:00", "2026-01-09", more=", hours: office, turns: every day")
    assert [who for _, who in line(book, "2026-01-08", "2026-01-14") if who] == ["ana", "ana", "ben"]


@pytest.mark.parametrize(
    ("zone", "handover", "start", "window", "begins"),
    [
        ("America/Chicago", "daily 02:30", "2016-03-11", ("2016-03-12T12:00", "2016-03-14T12:00"), ["03-13 08:00 chloe", "03-14 07:30 ana"]),
        ("America/Chicago", "daily 01:30", "2016-11-04", ("2016-11-05T12:00", "2016-11-07T12:00"), ["11-06 06:30 chloe", "11-07 07:30 ana"]),
        ("America/Chicago", "every 8 hours 02:00", "2016-11-05", ("2016-11-06T00:00", "2016-11-07T00:00"), [
            "11-06 08:00 ana", "11-06 16:00 ben",
        ]),
        ("Pacific/Apia", "daily 09:00", "2011-12-28", ("2011-12-29T20:00", "2011-12-31T19:00"), ["12-30 10:00 chloe", "12-30 19:00 ana"]),
        ("Pacific/Apia", "fri 09:00", "2011-12-23", ("2011-12-24T00:00", "2012-01-07T00:00"), ["12-30 10:00 ben", "01-05 19:00 chloe"]),
    ],
)  # fmt: skip
def test_a_handover_that_the_clock_leaves_out_or_repeats_happens_once(
    zone: str, handover: str, start: str, window: tuple[str, str], begins: list[str]
) -> None:
    """In a gap when it ends, in a repeat the first time, on a date that is skipped when the next begins (rotations.md 3)."""
    found = [f"{begin} {who}" for begin, who in line(ring(handover, start, zone=zone), *window)]
    assert found[1:] == begins


def test_a_turn_swallowed_by_the_clock_uses_up_its_person() -> None:
    """Chicago leaves out 02:00 to 03:00: the turn of 02:30 has no length at all, and the ring goes on as in any other night."""
    book = ring("daily 02:30, 03:00", "2016-03-12", zone="America/Chicago")
    assert [who for _, who in line(book, "2016-03-12T08:29", "2016-03-14T00:00")] == ["", "ana", "ben", "ana"]


def test_a_shift_is_silent_outside_its_season_and_its_ring_is_counted_all_the_same() -> None:
    """Announced in January, in force in February; the end is inclusive."""
    book = ring("mon 09:00", "2026-01-05", more=", from: 2026-02-02 09:00, until: 2026-02-15")
    assert line(book, "2026-01-26", "2026-02-20") == [
        ("01-26 00:00", ""), ("02-02 08:00", "ben"), ("02-09 08:00", "chloe"), ("02-15 23:00", ""),
    ]  # fmt: skip


HANDOVERS = st.one_of(
    st.builds("{0} {1:02}:{2:02}".format, st.sampled_from(("mon", "sun", "fri")), st.integers(0, 3), st.sampled_from((0, 30))),
    st.builds("daily {0:02}:{1:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30))),
    st.builds("daily 0{0}:30, 0{1}:00".format, st.integers(0, 2), st.integers(3, 9)),
    st.builds("every {0} days 0{1}:30".format, st.integers(1, 9), st.integers(0, 9)),
    st.builds("every {0} active days 0{1}:00".format, st.integers(1, 4), st.integers(0, 9)),
    st.builds("every {0} hours 0{1}:30".format, st.sampled_from((1, 2, 5, 8, 12, 24, 36)), st.integers(0, 9)),
    st.builds("every {0} weeks sun 02:30".format, st.integers(1, 3)),
    st.builds("monthly {0}th 02:30".format, st.integers(24, 31)),
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, datetime]:
    """A plan, and an instant near a change of its zone's clock (if it has one in the year)."""
    zone, year = draw(st.sampled_from(ZONES)), draw(st.sampled_from((2006, 2011, 2015, 2018, 2024, 2026)))
    handover = draw(HANDOVERS)
    near = draw(st.sampled_from(clock_changes(zone, year) or [datetime(year, 6, 1, tzinfo=UTC)]))
    start = first_day(handover, near.date() - timedelta(days=draw(st.integers(3, 60))))
    members = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        first = draw(st.one_of(st.just(date.min), st.integers(-5, 50).map(lambda days: start + timedelta(days=days))))
        last = draw(st.one_of(st.just(date.max), st.integers(0, 70).map(lambda days: start + timedelta(days=days))))
        members.append(Member(name=name, first=min(first, last), last=last))
    if len(members) == 1:
        members.append(Member(name="dev"))
    days, opens = draw(st.sampled_from(((), (0, 1, 2, 3, 4), (5, 6), (0, 6)))), draw(st.integers(0, 1439))
    closes = (opens + draw(st.integers(1, 1439))) % 1440
    every_day = bool(days) and draw(st.booleans())
    plan = Plan(zone=zone, members=tuple(members), handover=handover, start=start, open_days=days, opens=opens, closes=closes, every_day=every_day)
    return plan, near


def clock_changes(zone: str, year: int) -> list[datetime]:
    """The days (UTC) of a year in which a zone's offset changes."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(366)]
    seen = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    return [noon for noon, one, following in zip(noons, seen, seen[1:], strict=False) if one != following]


def first_day(handover: str, near: date) -> date:
    """The first day from `near` on with which a rota of this handover may start."""
    words = handover.split()
    day_word = next((word for word in words if word in {"mon", "sun", "fri"}), "")
    for offset in range(32):
        day = near + timedelta(days=offset)
        last_of_month = (day + timedelta(days=1)).month != day.month
        if words[0] == "monthly":
            wanted = int(words[1][:-2])
            if day.day == wanted or (last_of_month and day.day < wanted):
                return day
        elif not day_word or day.strftime("%a").lower() == day_word:
            return day
    raise AssertionError(handover)


def written(plan: Plan) -> str:
    """The plan in YAML."""
    entries = []
    for member in plan.members:
        joins = "" if member.first == date.min else f" from {member.first}"
        entries.append(f"{member.name}{joins}" + ("" if member.last == date.max else f" until {member.last}"))
    words = ",".join(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day] for day in plan.open_days)
    clocks = f"{plan.opens // 60:02}:{plan.opens % 60:02}-{plan.closes // 60:02}:{plan.closes % 60:02}"
    hours = f", hours: '{words} {clocks}'" if plan.open_days else ""
    turns = ", turns: every day" if plan.every_day else ""
    return f"rotations: {{r: {{people: [{', '.join(entries)}], handover: '{plan.handover}', start: {plan.start}{hours}{turns}}}}}\n"


@given(drawn=plans())
@settings(max_examples=120, deadline=None)
def test_every_minute_around_a_change_of_the_clock_agrees_with_the_slow_answer(drawn: tuple[Plan, datetime]) -> None:
    """Twenty-one zones, every form, dated entries, weekly hours: pager, calendar and a finger on the paper say the same."""
    plan, near = drawn
    book = rota(written(plan), zone=plan.zone)
    start = near - timedelta(hours=20)
    found = on_call_by_minute(plan, start, 44 * 60)
    assert ["+".join(on_call(book, "r", at).people) for at, _ in found[::7]] == [who for _, who in found[::7]]
    calendar = [(one.start, "+".join(one.people)) for one in duties(book, "r", start, start + timedelta(hours=44))]
    changes = [(at, who) for (at, who), (_, before) in zip(found, [(start, None), *found], strict=False) if who != before]
    merged = [one for one, before in zip(calendar, [("", None), *calendar], strict=False) if one[1] != before[1]]
    assert merged == changes
