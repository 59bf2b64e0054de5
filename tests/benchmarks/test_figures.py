"""Latencies, losses and duplicates are counted right on made-up records, and a slowdown turns a quick run red."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.figures import Page, Reported, latencies, median, story
from benchmarks.goals import STEADY, UNSTEADY, Figure, medians, slower, table


def report(number: int, *, due: float, posted: float | None = None, answered: float = 0.0, status: int = 202) -> Reported:
    """One report, posted when it was due unless told otherwise."""
    return Reported(number=number, due=due, posted=due if posted is None else posted, answered=answered or due + 0.001, status=status)


def figure(name: str, value: float, limit: float = 1.0, allowed: float = UNSTEADY) -> Figure:
    """A figure whose machine needed `limit`."""
    return Figure(name=name, value=value, unit="ms", must=5, aim=2, limit=limit, allowed=allowed)


def test_a_goal_grows_with_what_the_peer_needs_on_a_slower_machine_and_never_shrinks() -> None:
    """The claim is the ratio; a faster machine is held to the goal as it was set."""
    slow = Figure(name="B1", value=9, unit="ms", must=5, peer=2.0, peer_then=1.0)
    assert (slow.here(5), slow.meets(5), slow.meets(4)) == (10, True, False)
    fast = Figure(name="B1", value=9, unit="ms", must=5, peer=0.5, peer_then=1.0)
    assert (fast.here(5), fast.meets(5)) == (5, False)
    alone = Figure(name="B1", value=9, unit="ms", must=5, peer_then=1.0)
    assert not alone.meets(5)
    assert "5 ms, 10 ms here" in table([slow])


def test_latency_counts_from_when_a_report_was_due_and_not_from_when_it_could_be_posted() -> None:
    told = story([report(1, due=10.0, posted=12.0, answered=12.1)], [Page(number=1, at=12.5)])
    assert told.page.p50 == pytest.approx(2.5)
    assert told.accept.p50 == pytest.approx(2.1)
    assert told.lag.most == pytest.approx(2.0)


def test_what_was_accepted_and_never_paged_is_lost_and_what_was_refused_is_not() -> None:
    told = story([report(1, due=0), report(2, due=0), report(3, due=0, status=503)], [Page(number=1, at=1)])
    assert (told.lost, told.refused, told.duplicates) == (1, 1, 0)


def test_each_page_beyond_the_first_is_a_duplicate_and_the_first_one_counts_for_the_latency() -> None:
    told = story([report(1, due=0)], [Page(number=1, at=3), Page(number=1, at=1), Page(number=1, at=2)])
    assert told.duplicates == 2
    assert told.page.most == 1


def test_first_and_last_page_count_from_the_beginning_of_the_storm() -> None:
    told = story([report(1, due=5), report(2, due=6)], [Page(number=2, at=9), Page(number=1, at=7)])
    assert (told.first_s, told.last_s) == (2, 4)


def test_quantiles_are_of_the_nearest_rank() -> None:
    found = latencies(float(n) for n in range(100, 0, -1))
    assert (found.p50, found.p99, found.most) == (51, 100, 100)
    assert latencies([]).p99 == 0


def test_the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() -> None:
    assert (median([3, 1, 2]), median([4, 1, 2, 3]), median([])) == (2, 2.5, 0)


def test_of_losses_the_worst_run_counts_and_of_times_the_median() -> None:
    runs = [[figure("B1", value), Figure(name="B1 lost", value=lost, unit="", must=0)] for value, lost in ((1, 0), (9, 3), (2, 0))]
    assert [one.value for one in medians(runs)] == [2, 3]


def test_a_planted_slowdown_turns_the_quick_run_red_and_a_slow_machine_does_not() -> None:
    stored = {"B13": 4.0}
    assert slower([figure("B13", 11.9, allowed=STEADY)], stored) == []
    assert slower([figure("B13", 44.0, limit=10.0, allowed=STEADY)], stored) == []
    assert "12.1 times what the machine needs, 4.0 when it was stored" in slower([figure("B13", 12.1, allowed=STEADY)], stored)[0]


def test_a_latency_may_vary_more_than_processor_time() -> None:
    assert slower([figure("B1 page p50", 39.0)], {"B1 page p50": 4.0}) == []
    assert len(slower([figure("B1 page p50", 41.0)], {"B1 page p50": 4.0})) == 1


def test_a_lost_page_and_a_figure_that_is_missing_turn_the_quick_run_red() -> None:
    assert slower([Figure(name="B2 lost", value=1, unit="", must=0)], {}) == ["B2 lost: 1, but it must be 0"]
    assert slower([], {"B2 last page": 3.0}) == ["B2 last page: was not measured"]


def test_the_table_says_what_is_met_and_what_is_not() -> None:
    rows = table([figure("B1", 1), figure("B2", 3), figure("B3", 6), Figure(name="B4", value=400, unit="/s", must=500, aim=2000, more=True)])
    assert [row.split("|")[5].strip() for row in rows.splitlines()[2:]] == ["aim", "must", "NO", "NO"]


def test_a_goal_in_times_of_the_machine_is_held_against_the_ratio() -> None:
    start = Figure(name="B6", value=1.4, unit="s", must=1.5, limit=1.0, relative=True)
    assert start.meets(start.must)
    assert not Figure(name="B6", value=1.6, unit="s", must=1.5, limit=1.0, relative=True).meets(1.5)


def test_every_stored_ratio_belongs_to_a_case_that_a_quick_run_measures() -> None:
    stored = json.loads(Path(command.STORED).read_text())
    assert stored
    assert set(stored) == set(command.COMPARED)
    assert {name.split()[0] for name in stored} <= {*command.QUICK, "B13"}


def test_an_unknown_case_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="there is no case B99; there are B1, "):
        command.chosen("B1,B99", quick=False)
    assert command.chosen("B13,B2", quick=False) == ["B2"]
