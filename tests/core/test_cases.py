"""One case across channels: what a customer's report adds to, and what opens a case of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.core.cases import case_of
from oncall.core.messages import Status
from oncall.core.triage import triage
from tests.core.escalation.player import Player
from tests.simulation.world import START

NIGHT = Player()
CASE = NIGHT.incident


def joins(
    status: Status = Status.OPEN, *, of: str = "", channel: str = "email", service: str = "", summary: str = "It is down", dedup_key: str = ""
) -> bool:
    """Whether a report joins a case of this status and service."""
    said = replace(NIGHT.report, at=START, channel=channel, service=service, summary=summary, dedup_key=dedup_key)
    return case_of(said, triage(said, NIGHT.book, START), [replace(CASE, status=status, service=of)]) is not None


@pytest.mark.parametrize("status", [Status.OPEN, Status.ACKNOWLEDGED, Status.SNOOZED])
def test_what_a_customer_says_again_joins_the_case_that_is_being_handled(status: Status) -> None:
    """By whatever channel a person uses."""
    assert joins(status)
    assert joins(status, channel="form")


def test_programs_say_by_a_key_what_is_the_same() -> None:
    """Two alerts of one customer are two emergencies; so are two reports with keys that differ."""
    assert not joins(channel="api")
    assert not joins(dedup_key="tills-41")


def test_two_services_are_two_cases() -> None:
    """Unless one of them does not say."""
    assert not joins(service="shop", of="docs")
    assert joins(service="shop")
    assert joins(of="docs")


def test_what_pages_is_never_hidden_in_a_case_that_waits() -> None:
    """A question that waits takes questions; that the checkout is down gets a case under its own words."""
    assert joins(Status.WAITING, summary="another question")
    assert not joins(Status.WAITING, summary="the checkout is down")
    assert not joins(Status.DECLINED)
    assert not joins(Status.RESOLVED)
