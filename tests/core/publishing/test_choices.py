"""What the form says will happen is what triage does with the report at that hour."""

from __future__ import annotations

from datetime import datetime

import pytest

from oncall.core.messages import Contact, Reported
from oncall.core.publishing import choices
from oncall.core.publishing.wording import speech_of
from oncall.core.triage import triage
from tests.core.publishing.policies import example, small
from tests.core.rotas import utc

NIGHT, DAY, FRIDAY = utc("2026-11-25T22:00"), utc("2026-11-25T10:00"), utc("2026-11-27T20:00")


def test_at_night_an_engineer_is_woken_or_the_opening_is_named() -> None:
    assert [(one.severity, one.happens) for one in choices(example(), NIGHT)] == [
        ("sev1", "We wake an engineer now. A person contacts you within 15 minutes."),
        ("sev2", "We wake an engineer now. A person contacts you within 45 minutes."),
        ("sev3", "We look at it when we open, Thursday 08:00. A person contacts you by Thursday 09:00."),
    ]
    assert choices(example(), FRIDAY)[2].happens == "We look at it when we open, Monday 08:00. A person contacts you by Monday 09:00."
    assert choices(example(), NIGHT)[0].examples == ("The checkout is down in all stores.", "Backups cannot be restored.")


def test_while_the_office_is_open_everything_is_looked_at_now() -> None:
    assert [one.happens for one in choices(example(), DAY)] == [
        "We alert an engineer now. A person contacts you within 15 minutes.",
        "We alert an engineer now. A person contacts you within 45 minutes.",
        "We alert an engineer now. A person contacts you within 1 hour.",
    ]


def test_what_is_declined_and_what_has_no_promise_promise_nothing() -> None:
    book = small(("after_hours: wait", "after_hours: decline"))
    assert choices(book, NIGHT)[1].happens == "We do not handle this after hours."


@pytest.mark.parametrize(
    ("severity", "at", "words"),
    [
        ("sev1", NIGHT, "within 15 minutes"),
        ("sev2", DAY, "within 45 minutes"),
        ("sev3", DAY, "within 1 hour"),
        ("sev3", NIGHT, "by Thursday 09:00"),
        ("sev3", FRIDAY, "by Monday 09:00"),
    ],
)
def test_the_promise_of_the_form_is_the_one_that_triage_makes(severity: str, at: datetime, words: str) -> None:
    contact = Contact(phone="+15125550199")
    verdict = triage(Reported(at=at, seed="", source="form", channel="form", summary="x", severity=severity, contact=contact), example(), at)
    (choice,) = [one for one in choices(example(), at) if one.severity == severity]
    speech = speech_of(example(), "en")
    assert verdict.severity == severity
    assert verdict.within is not None
    assert verdict.contact_by is not None
    assert words in {f"within {speech.span(verdict.within)}", f"by {speech.time(verdict.contact_by, 'Europe/Berlin', at)}"}
    assert words in choice.happens
