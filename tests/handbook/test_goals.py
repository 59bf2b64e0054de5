"""Goals are read as shares, and a goal that means nothing is named with its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.policy import Goals
from oncall.handbook import parse
from tests.handbook.test_messages import GOOD, problems

GOALS = "  goals: {contacted_in_time: {sev1: 95%}, resolved_within: {24h: 80%, 2d: 99.5%}}\n"


def test_goals_are_read_as_they_are_written() -> None:
    handbook = parse({"config/all.yaml": GOOD + GOALS}).handbook
    assert handbook is not None
    spans = {timedelta(hours=24): 80.0, timedelta(days=2): 99.5}
    assert handbook.goals == Goals(contacted_in_time={"sev1": 95.0}, resolved_within=spans)


def test_the_share_of_pages_that_were_right_is_a_goal_where_the_team_is_asked() -> None:
    goals = "  goals: {right_to_wake: 80%}\n  feedback: {team: next working day 09:00}\n"
    handbook = parse({"config/all.yaml": GOOD + goals}).handbook
    assert handbook is not None
    assert handbook.goals == Goals(right_to_wake=80.0)
    assert problems(GOOD + goals.replace("80%", "0%")) == ["config/all.yaml:27:26: '0%' is no share; write a percentage above 0, e.g. 95%"]


def test_a_policy_without_goals_has_none() -> None:
    handbook = parse({"config/all.yaml": GOOD}).handbook
    assert handbook is not None
    assert handbook.goals == Goals(contacted_in_time={}, resolved_within={})


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("sev1: 95%", "sev9: 95%", "27:31: no severity called 'sev9'; did you mean 'sev1'?"),
        ("sev1: 95%", "sev1: 0%", "27:37: '0%' is no share; write a percentage above 0, e.g. 95%"),
        ("sev1: 95%", "sev1: 101%", "27:37: '101%' is no share; write a percentage above 0, e.g. 95%"),
        ("24h: 80%", "24h: most", "27:66: 'most' is no share; write a percentage above 0, e.g. 95%"),
        ("24h: 80%", "soon: 80%", "27:61: 'soon' is no duration; write a number and s, m, h or d, e.g. 90s, 15m, 4h, 2d"),
        ("resolved_within", "resolvd_within", "27:43: unknown key 'resolvd_within' in 'goals'; did you mean 'resolved_within'?"),
        (
            "resolved_within",
            "right_to_wake: 80%, resolved_within",
            "27:58: 'right_to_wake' is a goal that nothing measures; write feedback: {team: next working day 09:00} into the policy",
        ),
        ("{sev1: 95%}", "95%", "27:30: 'contacted_in_time' must be keys with values, like 'key: value'"),
    ],
)
def test_a_goal_that_means_nothing_is_named_with_its_place(right: str, wrong: str, said: str) -> None:
    assert [one.removeprefix("config/all.yaml:") for one in problems(GOOD + GOALS.replace(right, wrong))] == [said]
