"""Numbers that do not pretend: few are told as 'of', what runs counts as longest, intervals are Wilson's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.metrics.numbers import MEDIAN, P90, SLOWEST, Share, gini, median, percent_text, span_text, spread, wilson


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "none"), (8, 9, "8 of 9"), (19, 19, "19 of 19"), (18, 20, "90 % (18 of 20)"), (190, 200, "95 % (190 of 200)"), (0, 20, "0 % (0 of 20)")],
)
def test_below_twenty_no_percentage_is_printed(part: int, whole: int, text: str) -> None:
    assert Share(part=part, whole=whole).text == text


@pytest.mark.parametrize(("part", "whole", "likely"), [(8, 9, "likely 57 to 98 %"), (0, 3, "likely 0 to 56 %"), (18, 20, ""), (0, 0, "")])
def test_few_are_told_with_what_they_may_mean(part: int, whole: int, likely: str) -> None:
    assert Share(part=part, whole=whole).likely == likely


@pytest.mark.parametrize(("part", "whole", "low", "high"), [(18, 20, 70, 97), (190, 200, 91, 97), (0, 10, 0, 28), (10, 10, 72, 100)])
def test_the_interval_is_that_of_wilson(part: int, whole: int, low: int, high: int) -> None:
    """The first two are the design's own examples."""
    assert tuple(round(one) for one in wilson(part, whole)) == (low, high)


def test_all_but_one_of_many_is_not_all() -> None:
    assert (percent_text(100.0), percent_text(99.96), percent_text(99.5), percent_text(88.9)) == ("100 %", "99.9 %", "99.5 %", "89 %")


def minutes(*values: float | None) -> list[timedelta | None]:
    """Spans; None still runs."""
    return [None if one is None else timedelta(minutes=one) for one in values]


def test_what_still_runs_counts_as_longest_and_is_not_dropped() -> None:
    """Dropped, the median of these would be two minutes."""
    found = spread(minutes(3, None, 1, None, 2))
    assert (found.count, found.quantile(MEDIAN), found.quantile(P90)) == (5, timedelta(minutes=3), None)
    assert (found.text(MEDIAN), found.text(SLOWEST)) == ("3 min", "still running")


def test_quantiles_are_by_nearest_rank() -> None:
    found = spread(minutes(*range(1, 11)))
    assert [found.quantile(one) for one in (MEDIAN, P90, SLOWEST)] == [timedelta(minutes=one) for one in (5, 9, 10)]
    assert spread([]).text(MEDIAN) == "none"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "under 1 s"),
        (40, "40 s"),
        (100, "1 min 40 s"),
        (240, "4 min"),
        (754, "12 min"),
        (3600, "1 h"),
        (3900, "1 h 05 min"),
        (183600, "2 d 3 h"),
    ],
)
def test_spans_in_words(seconds: float, text: str) -> None:
    assert span_text(timedelta(seconds=seconds)) == text


def test_an_even_load_is_zero_and_one_person_with_all_of_it_is_nearly_one() -> None:
    assert gini([3, 3, 3, 3]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([1, 3]) == pytest.approx(0.25)
    assert gini([0, 0]) is None
    assert (median([5, 1, 3]), median([1, 2, 3, 10])) == (3, 2.5)
