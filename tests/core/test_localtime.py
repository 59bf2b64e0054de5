"""One clock rule: a local time happens at the first instant at which the wall clock shows it or later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.localtime import instant_of, local_of

ZONES = (
    "Europe/Berlin", "America/Chicago", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "America/St_Johns",
    "Africa/Cairo", "Antarctica/Troll", "Asia/Kathmandu", "America/New_York", "UTC",
)  # fmt: skip


def at(*parts: int) -> datetime:
    """A naive local time."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 -- naive on purpose


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        (at(2016, 3, 13, 2, 30), "America/Chicago", "2016-03-13T08:00:00+00:00"),
        (at(2016, 11, 6, 1, 30), "America/Chicago", "2016-11-06T06:30:00+00:00"),
        (at(2026, 3, 29, 9, 0), "Europe/Berlin", "2026-03-29T07:00:00+00:00"),
        (at(2026, 3, 28, 9, 0), "Europe/Berlin", "2026-03-28T08:00:00+00:00"),
        (at(2011, 12, 30, 10, 0), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
        (at(2026, 10, 4, 2, 15), "Australia/Lord_Howe", "2026-10-03T15:30:00+00:00"),
        (at(2026, 10, 25, 3, 0), "Europe/Berlin", "2026-10-25T02:00:00+00:00"),
    ],
)
def test_gaps_end_repeats_come_first_and_skipped_dates_begin_the_next(local: datetime, zone: str, instant: str) -> None:
    """Chicago's gap and repeat, Apia's lost Friday, Lord Howe's half hour."""
    assert instant_of(local, zone).isoformat() == instant


def test_a_local_time_does_not_say_which_of_two_it_is() -> None:
    """Both half past two of a night with a repeated hour are one time on the wall, so a turn that begins then begins once."""
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert local_of(first, "Europe/Berlin") == local_of(second, "Europe/Berlin") == at(2026, 10, 25, 2, 30)
    assert local_of(second, "Europe/Berlin").fold == 0


TIMES = st.datetimes(min_value=at(2005, 1, 1), max_value=at(2030, 1, 1)).map(lambda one: one.replace(second=0, microsecond=0))


@given(first=TIMES, second=TIMES, zone=st.sampled_from(ZONES))
@settings(max_examples=300, deadline=None)
def test_the_order_of_local_times_is_the_order_of_instants(first: datetime, second: datetime, zone: str) -> None:
    """Handovers never go back."""
    early, late = sorted((first, second))
    assert instant_of(early, zone) <= instant_of(late, zone)


@given(local=TIMES, zone=st.sampled_from(ZONES))
@settings(max_examples=300, deadline=None)
def test_it_is_the_first_instant_that_shows_the_time_or_later(local: datetime, zone: str) -> None:
    """The clock shows it then, and had shown less at any time before."""
    is_first(local, zone)


def is_first(local: datetime, zone: str) -> None:
    """Whole seconds: the instant shows `local` or later, and none before it did."""
    instant = instant_of(local, zone)
    assert instant.microsecond == 0
    assert local_of(instant, zone) >= local
    for before in (timedelta(seconds=1), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=25)):
        assert local_of(instant - before, zone) < local


def gaps(zone: str) -> list[tuple[datetime, datetime]]:
    """The stretches of local time that a zone's clock left out between 2005 and 2030, by looking at every minute of every day with a change."""
    found = []
    days = [datetime(2005, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(25 * 365)]
    offsets = [local_of(day, zone) - day.replace(tzinfo=None) for day in days]
    for day, one, following in zip(days, offsets, offsets[1:], strict=False):
        if following > one:
            minutes = [day + timedelta(minutes=minute) for minute in range(1441)]
            before = next(minute for minute, after in pairwise(minutes) if local_of(after, zone) - local_of(minute, zone) > timedelta(minutes=1))
            found.append((local_of(before, zone) + timedelta(minutes=1), local_of(before + timedelta(minutes=1), zone)))
    return found


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone not in {"UTC", "Asia/Kathmandu"}])
def test_every_time_in_every_gap_happens_when_the_gap_ends(zone: str) -> None:
    """To the second, whatever a gap's length; the minute before and the one behind happen as they say."""
    found = gaps(zone)
    assert found
    for begins, ends in found:
        local = begins - timedelta(minutes=7)
        while local < ends + timedelta(minutes=8):
            is_first(local, zone)
            assert local_of(instant_of(local, zone), zone) == (ends if begins <= local < ends else local)
            local += timedelta(minutes=7)


def test_an_ordinary_time_comes_back() -> None:
    """Outside of changes the two functions undo each other."""
    for zone in ZONES:
        assert local_of(instant_of(at(2026, 6, 15, 12, 30), zone), zone) == at(2026, 6, 15, 12, 30)
    assert instant_of(at(2026, 6, 15, 12, 0), "UTC") == datetime(2026, 6, 15, 12, tzinfo=UTC)
