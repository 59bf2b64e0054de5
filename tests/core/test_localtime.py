"""One clock rule: a local time happens at the first instant at which the wall clock shows it or later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
    """The clock shows it then, and had shown less a minute before and an hour of repeat earlier."""
    instant = instant_of(local, zone)
    assert local_of(instant, zone) >= local
    for before in (timedelta(seconds=1), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)):
        assert local_of(instant - before, zone) < local or local_of(instant, zone) > local


def test_an_ordinary_time_comes_back() -> None:
    """Outside of changes the two functions undo each other."""
    for zone in ZONES:
        assert local_of(instant_of(at(2026, 6, 15, 12, 30), zone), zone) == at(2026, 6, 15, 12, 30)
    assert instant_of(at(2026, 6, 15, 12, 0), "UTC") == datetime(2026, 6, 15, 12, tzinfo=UTC)
