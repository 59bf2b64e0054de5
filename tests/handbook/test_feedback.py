"""When customers and the team are asked is read as it is written, and what means nothing is named with its place."""

from __future__ import annotations

import pytest

from oncall.core.policy import Feedback
from oncall.handbook import parse
from tests.handbook.test_messages import GOOD, problems

FEEDBACK = "  feedback: {customer: next working day 09:00, team: next working day 08:30}\n"


def read(content: str) -> Feedback:
    """What a handbook says."""
    handbook = parse({"config/all.yaml": content}).handbook
    assert handbook is not None
    return handbook.feedback


def test_feedback_is_read_as_it_is_written() -> None:
    assert read(GOOD + FEEDBACK) == Feedback(customer_minute=540, team_minute=510)


def test_each_of_the_two_may_be_left_out_and_then_nobody_of_them_is_asked() -> None:
    assert read(GOOD) == Feedback(customer_minute=None, team_minute=None)
    assert read(GOOD + "  feedback: {team: Next  working day 17:05}\n") == Feedback(customer_minute=None, team_minute=1025)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("working day 09:00", "day 09:00", "27:24: 'next day 09:00' is no time to ask for feedback; write e.g. next working day 09:00"),
        ("09:00", "9am", "27:24: 'next working day 9am' is no time to ask for feedback; write e.g. next working day 09:00"),
        ("09:00", "24:00", "27:24: 'next working day 24:00' is no time to ask for feedback; write e.g. next working day 09:00"),
        ("customer:", "custmer:", "27:14: unknown key 'custmer' in 'feedback'; did you mean 'customer'?"),
        (
            "{customer: next working day 09:00, team: next working day 08:30}",
            "daily",
            "27:13: 'feedback' must be keys with values, like 'key: value'",
        ),
    ],
)
def test_a_time_that_means_nothing_is_named_with_its_place(right: str, wrong: str, said: str) -> None:
    assert [one.removeprefix("config/all.yaml:") for one in problems(GOOD + FEEDBACK.replace(right, wrong))] == [said]


def test_working_days_need_the_hours_of_an_office() -> None:
    without = GOOD.replace("  office: office\n", "") + FEEDBACK
    assert problems(without) == [
        "config/all.yaml:26:13: 'feedback' is asked on working days, but the policy has no 'office' that says which those are; name the hours"
    ]
