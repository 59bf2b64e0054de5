"""Feedback: on which day it is asked for, what a customer's survey and a review of ours are, whose a review is and by when (policy.feedback)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.core.hours import edges, is_open
from oncall.core.localtime import instant_of, local_of
from oncall.core.model import Handbook
from oncall.core.schedule import paged

DAY = timedelta(days=1)
FURTHEST_DAYS = 60
"""So many days a working day is looked for; an office that is closed for longer has none."""
WORST, BEST = 1, 5
LOW = 2
"""This rating, and what is below, opens a review (interfaces.md 6.5)."""
SURVEY = "survey"
"""What the secret of a survey is drawn for, beside that of the case's page."""
ASKS = "survey"
"""The text that puts the question to a customer."""
ASK_WITHIN = timedelta(hours=8)
"""What could not be asked so long after its time is asked at the next: nobody is asked at night because we stood still."""
STANDS_FOR = timedelta(days=28)
"""A survey can be answered for so long (interfaces.md 6.5)."""
ONE_EACH = timedelta(days=30)
"""Nobody is asked twice within it (interfaces.md 6.5)."""
RATING_DUE_DAYS, PAGE_DUE_DAYS = 1, 5
"""Working days, behind the day of the answer, at whose end a review is due: a customer who was let down waits for no week."""


class Topic(StrEnum):
    """What a review is about: a low rating of a customer, or a page that was not right."""

    RATING = "rating"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The one question about a case: how did we handle it, WORST to BEST. `phone` is '' where only the page of the case asks.

    `reported_at` is the case's. It stands until `until`; the last answer counts. `call`: the customer wants to be called.
    """

    incident: str
    phone: str
    reported_at: datetime
    asked_at: datetime
    until: datetime
    rating: int | None = None
    comment: str = ""
    call: bool = False
    answered_at: datetime | None = None
    how: str = ""

    @property
    def is_low(self) -> bool:
        """Whether the answer opens a review."""
        return self.rating is not None and self.rating <= LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Something that a human looks into and ends with a reason. `key` says what opened it, so that nothing opens two.

    `words`: what was said, without anybody's own words. `owner` is a person's id, '' if there was nobody. `reported_at` is the case's.
    `told_at`: when the managers were told that it is overdue.
    """

    id: int
    key: str
    topic: Topic
    incident: str
    words: str
    owner: str
    reported_at: datetime
    made_at: datetime
    due_at: datetime
    told_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    because: str = ""


def is_working_day(handbook: Handbook, day: datetime) -> bool:
    """Whether the office opens on a local day, given by its midnight; without an office every day counts."""
    office, timezone = handbook.office, handbook.timezone
    if office is None:
        return True
    start, end = instant_of(day, timezone), instant_of(day + DAY, timezone)
    return is_open(office, timezone, start) or any(is_open(office, timezone, edge) for edge in edges(office, timezone, start, end))


def last_asking(handbook: Handbook, minute: int, now: datetime) -> datetime | None:
    """The last time at or before `now` that was this minute of a working day; None if the office has not opened for FURTHEST_DAYS.

    What happened before it and after the one before is asked about then: its next working day.
    """
    today = local_of(now, handbook.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(FURTHEST_DAYS):
        day = today - days * DAY
        asking = instant_of(day + timedelta(minutes=minute), handbook.timezone)
        if asking <= now and is_working_day(handbook, day):
            return asking
    return None


def due_after(handbook: Handbook, at: datetime, working_days: int) -> datetime:
    """The end of the last of so many working days behind the day of `at`."""
    day, left = local_of(at, handbook.timezone).replace(hour=0, minute=0, second=0, microsecond=0), working_days
    for _ in range(FURTHEST_DAYS):
        day += DAY
        left -= is_working_day(handbook, day)
        if not left:
            break
    return instant_of(day + DAY, handbook.timezone)


def owner_of(handbook: Handbook, at: datetime) -> str:
    """Whose a review is: the policy's owner, else the first of the managers, else of the admins; '' if there is nobody."""
    if handbook.publication.owner in handbook.people:
        return handbook.publication.owner
    return next(iter((*paged(handbook, handbook.managers, at), *paged(handbook, handbook.admins, at))), "")


def last_day(handbook: Handbook, review: Review) -> str:
    """The day at whose end a review is due, as texts name it."""
    return f"{local_of(review.due_at, handbook.timezone) - DAY:%a %d %b}"


def order_key(incident: str, about: str) -> str:
    """How the ids of orders begin that are about the survey of an incident."""
    return f"survey/{incident}/{about}"


def asked_by(order: str) -> str:
    """The incident that an order puts the question about, by the order's id; '' if it puts none."""
    kind, incident, about = (*order.split("/"), "", "")[:3]
    return incident if (kind, about) == ("survey", ASKS) else ""
