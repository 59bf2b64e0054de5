"""Times as people type them, on the clock of the handbook's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oncall.cli.times import clock_text, read_time, span_text

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday, 13:00 in Berlin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Sat 02:30", datetime(2026, 11, 28, 1, 30, tzinfo=UTC)),
        ("saturday 02:30", datetime(2026, 11, 28, 1, 30, tzinfo=UTC)),
        ("Thu 12:00", datetime(2026, 12, 3, 11, 0, tzinfo=UTC)),
        ("Thu 13:00", NOW),
        ("12:00", datetime(2026, 11, 27, 11, 0, tzinfo=UTC)),
        ("14:00", datetime(2026, 11, 26, 13, 0, tzinfo=UTC)),
        ("2026-11-28 02:30", datetime(2026, 11, 28, 1, 30, tzinfo=UTC)),
        ("2026-11-28T02:30:00Z", datetime(2026, 11, 28, 2, 30, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_each_form_of_a_time(text: str, meant: datetime) -> None:
    assert read_time(text, "Europe/Berlin", NOW) == meant


def test_times_are_shown_on_the_handbooks_clock() -> None:
    assert clock_text(NOW, "Europe/Berlin") == "Thu 26 Nov 13:00"
    assert clock_text(None, "Europe/Berlin") == "further notice"
    assert [span_text(timedelta(minutes=minutes)) for minutes in (5, 65, 1500)] == ["5 min", "1 h 5 min", "1 d 1 h"]
