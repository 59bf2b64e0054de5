"""Asks customers how their case went, and responders whether it was right to wake them, on the next working day; all of it is rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from oncall.core.asks import RIGHT_TO_WAKE, Span
from oncall.core.asks import order_key as order_id
from oncall.core.feedback import ASK_WITHIN, ASKS, ONE_EACH, last_asking, order_key
from oncall.core.incident import RINGING
from oncall.core.messages import Incident, Order, OrderKind
from oncall.core.model import Handbook, language_of
from oncall.core.notices import by_day
from oncall.core.triage import office_is_open
from oncall.core.wording import clock_text_in, text
from oncall.engine.alarms import URGENCY, by_text, trouble
from oncall.engine.duty import Orders
from oncall.engine.judging import waking_values
from oncall.engine.outcome import Clock
from oncall.engine.reviewing import overdue
from oncall.store import StoreUnavailable, asks, chores, incidents, surveys, ways
from oncall.store import log as log_

log = structlog.get_logger(__name__)

SURVEYED = "surveys"
"""Up to which time of their close cases have been asked about."""
AT_ONCE = 100
"""Cases that one unit of work looks at; the rest come a minute later."""
WAKINGS = "wakings"
"""Up to which time people who were woken have been asked about it."""
MOST_EACH = 5
"""Questions to one person in one morning; after a night of dozens of emergencies nobody answers dozens of texts."""
JUDGE_WITHIN = timedelta(hours=2)
"""So long the question stands: longer, and a bare word to the next page would be ambiguous. A later answer counts too."""
OLD_NEWS = timedelta(days=14)
"""What is longer ago, because nobody was asked meanwhile, is asked about no more."""


class FeedbackChore:
    """`ask` is called each minute. `ways` are the channels that are on."""

    def __init__(self, engine: Orders, clock: Clock, handbook: Callable[[], Handbook], ways: frozenset[str]) -> None:
        self._engine = engine
        self._clock = clock
        self._handbook = handbook
        self._ways = ways

    async def ask(self) -> None:
        """Asks what is due; a store that cannot be written is tried again in a minute."""
        handbook, now = self._handbook(), self._clock.now()
        try:
            await self._engine.order(lambda conn: self._due(conn, handbook, now))
        except StoreUnavailable as error:
            log.error("feedback could not be asked for", reason=str(error))

    def _due(self, conn: Connection, handbook: Handbook, now: datetime) -> tuple[Order, ...]:
        """Everything that is to be asked and told now."""
        asked = (*self._surveys(conn, handbook, now), *self._wakings(conn, handbook, now))
        return (*asked, *overdue(conn, handbook, self._ways, now))

    def _surveys(self, conn: Connection, handbook: Handbook, now: datetime) -> tuple[Order, ...]:
        """The surveys about what was closed before the last time to ask, and since the one before."""
        span = unasked_span(conn, handbook, SURVEYED, handbook.feedback.customer_minute, now)
        if span is None:
            return ()
        start, asking = span
        found = incidents.resolved_between(conn, start, asking, AT_ONCE)
        chores.done(conn, SURVEYED, asking if len(found) < AT_ONCE else found[-1][0])
        return tuple(order for _, incident in found for order in self._survey(conn, handbook, incident, now))

    def _survey(self, conn: Connection, handbook: Handbook, incident: Incident, now: datetime) -> tuple[Order, ...]:
        """Asks about a case: of those who were contacted, once, and at most once in ONE_EACH. Who cannot be texted finds it on the case's page."""
        promise, phone = incident.promise, incident.contact.phone
        if promise is None or promise.contacted_at is None or surveys.load(conn, incident.id) is not None:
            return ()
        if phone and (surveys.is_refused(conn, phone) or surveys.newest(conn, phone, now - ONE_EACH) is not None):
            return ()
        # A responder's own number answers pages, and digits are codes there.
        texted = "sms" in self._ways and phone not in handbook.owner_of_phone and not ways.is_broken(conn, "customer", "sms", phone)
        surveys.add(conn, incident.id, phone if texted else "", incident.opened_at, now)
        if not phone or not texted:
            return ()
        language = language_of(handbook, incident.customer_id)
        since = clock_text_in(handbook.texts, language, incident.opened_at, handbook.timezone, now)
        values = {"company": handbook.company, "case": incident.case, "since": since}
        return (
            Order(
                id=f"{order_key(incident.id, ASKS)}/customer/sms",
                kind=OrderKind.NOTIFY,
                about=ASKS,
                incident="",
                recipient="customer",
                way="sms",
                address=phone,
                text=text(handbook.texts, language, ASKS, values),
                urgency=URGENCY,
                due_at=now,
                # One text: what may have arrived is not sent again.
                only_way=False,
            ),
        )

    def _wakings(self, conn: Connection, handbook: Handbook, now: datetime) -> tuple[Order, ...]:
        """Whoever was rung after hours before the last time to ask, and since the one before, is asked about it."""
        span = unasked_span(conn, handbook, WAKINGS, handbook.feedback.team_minute, now)
        if span is None:
            return ()
        start, asking = span
        found = log_.pages_taken(conn, start, asking, AT_ONCE)
        chores.done(conn, WAKINGS, asking if len(found) < AT_ONCE else found[-1][0])
        return tuple(order for at, incident, page in found for order in self._waking(conn, handbook, asking, at, incident, page))

    def _waking(self, conn: Connection, handbook: Handbook, asking: datetime, at: datetime, named: str, page: str) -> tuple[Order, ...]:
        """Asks about one page: each person once for each incident, at most MOST_EACH times in a morning, and by day on their own clock."""
        who, way = page.split("/")[3:5]
        incident, to = incidents.load(conn, named), by_text(handbook, self._ways, who)
        if incident is None or who not in handbook.people or not to or way not in RINGING or office_is_open(handbook, at):
            return ()
        if any(one.person == who for one in asks.about_incident(conn, named)) or asks.count_about(conn, who, RIGHT_TO_WAKE, asking) >= MOST_EACH:
            return ()
        now = self._clock.now()
        when = by_day(handbook, who, now, earlier=False)
        ask = asks.add(
            conn, who, RIGHT_TO_WAKE, Span(rotation="", start=at, end=at), request=0, until=when + JUDGE_WITHIN, seed=secrets.token_hex(16),
            now=now, at=when, incident=named,
        )  # fmt: skip
        return trouble(handbook, RIGHT_TO_WAKE, order_id(ask.id), waking_values(handbook, ask, incident, when), to, when, urgency=URGENCY)


def unasked_span(conn: Connection, handbook: Handbook, chore: str, minute: int | None, now: datetime) -> tuple[datetime, datetime] | None:
    """[start, the last time to ask) of what is to be asked about now; None if there is nothing, or it has to wait for the next time.

    A new daemon asks about nothing of the past.
    """
    asking = last_asking(handbook, minute, now) if minute is not None else None
    if asking is None:
        return None
    since = chores.done_until(conn, chore)
    if since is None:
        chores.done(conn, chore, now)
        return None
    return None if since >= asking or now - asking >= ASK_WITHIN else (max(since, asking - OLD_NEWS), asking)
