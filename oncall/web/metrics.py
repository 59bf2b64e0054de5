"""Counts what happens, for /metrics (interfaces.md 5.4); no label holds anything about a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from oncall import __version__
from oncall.core.messages import Incident, Order, OrderKind, PageState, Promise
from oncall.core.metrics.lines import escalated

PROVIDERS = {"sms": "twilio"}
TARGET_BUCKETS = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Seconds at the edges of what policies promise, so that 'within 15 min' can be read off exactly."""
DISPATCH_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, *TARGET_BUCKETS)
"""Seconds around the goals of 2 s and 5 s for a page to leave (reliability.md 3, not late), and on to those of the policy."""
DELIVERY_BUCKETS = (1, 2, 5, 10, 15, *TARGET_BUCKETS)
"""A text is on the handset within seconds; what takes longer than a step waits has not woken anybody in time."""


class Metrics:
    """Every metric of one daemon, in a registry of its own; the engine counts into it (engine.Counts)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made = self.registry
        Gauge("oncall_build_info", "The version that runs.", ["version"], registry=made).labels(__version__).set(1)
        self._incidents = Gauge("oncall_incidents", "Incidents, the closed ones too.", ["state", "severity"], registry=made)
        self._opened = Counter("oncall_incidents_opened", "Reports that became incidents.", ["severity", "channel"], registry=made)
        self._attempts = Counter("oncall_page_attempts", "Tries to send a page.", ["channel", "provider", "result"], registry=made)
        self._notices = Counter("oncall_customer_notices", "Tries to tell a customer.", ["channel", "stage", "result"], registry=made)
        self._replies = Counter("oncall_page_replies", "Texts that came in, by what they led to.", ["channel", "action"], registry=made)
        self._met = Counter("oncall_target_met", "Promises kept: the customer was reached in time.", ["severity", "target"], registry=made)
        self._missed = Counter("oncall_target_missed", "Promises missed, counted at the deadline.", ["severity", "target"], registry=made)
        self._refused = Counter("oncall_requests_refused", "Requests without a right.", ["reason"], registry=made)
        self._dispatch = Histogram("oncall_dispatch_delay_seconds", "From due to sent.", buckets=DISPATCH_BUCKETS, registry=made)
        self._delivery = Histogram("oncall_page_delivery_seconds", "From accepted to handset.", buckets=DELIVERY_BUCKETS, registry=made)
        self._take = Histogram("oncall_take_seconds", "Until somebody first took it.", ["severity"], buckets=TARGET_BUCKETS, registry=made)
        contact, labels = "Until the customer was reached, by promise.", ["severity", "channel"]
        self._contact = Histogram("oncall_first_contact_seconds", contact, labels, buckets=TARGET_BUCKETS, registry=made)
        self._escalations = Counter("oncall_escalations", "Incidents that went up their escalation.", ["reason"], registry=made)
        self._reload_ok = Gauge("oncall_config_last_reload_successful", "1: the handbook in force is what the files say.", registry=made)
        self._reload_at = Gauge("oncall_config_last_reload_success_timestamp_seconds", "When the handbook was last read well.", registry=made)
        self._tick = Gauge("oncall_engine_last_tick_timestamp_seconds", "Last engine turn that went through the store.", registry=made)
        self._oldest = Gauge("oncall_outbox_oldest_seconds", "Age of the oldest order that is due and not sent.", registry=made)
        self._beat_at = Gauge("oncall_heartbeat_sent_timestamp_seconds", "When the outside watcher last took a heartbeat.", registry=made)
        self.last_beat: datetime | None = None
        """When the outside watcher last took a heartbeat."""

    def beaten(self, at: datetime) -> None:
        """The outside watcher took a heartbeat."""
        self.last_beat = at
        self._beat_at.set(at.timestamp())

    def decided(self, fact: str, before: Incident | None, after: Incident) -> None:
        """A decision was committed; `fact` is the fact's name."""
        if before is None:
            self._opened.labels(after.severity, after.channel).inc()
        if taken := first_taken(before, after):
            self._take.labels(after.severity).observe(taken.total_seconds())
        if fact == "Delivered" and before is not None:
            for took in delivered(before, after):
                self._delivery.observe(took.total_seconds())
        if reason := escalated(before, after, fact):
            self._escalations.labels(reason).inc()
        self._promised(before.promise if before else None, after)

    def _promised(self, was: Promise | None, after: Incident) -> None:
        """Counts a promise that was kept or missed by now, and how long the first contact took."""
        now = after.promise
        if now is None:
            return
        if now.missed_at is not None and (was is None or was.missed_at is None):
            self._missed.labels(after.severity, "contact").inc()
        if now.contacted_at is not None and (was is None or was.contacted_at is None):
            took = now.contacted_at - (now.first_contact_by - now.within)
            self._contact.labels(after.severity, after.channel).observe(took.total_seconds())
            if now.missed_at is None:
                self._met.labels(after.severity, "contact").inc()

    def attempted(self, order: Order, result: str, seconds_late: float) -> None:
        """A send ended with `result`; it began `seconds_late` after it was due."""
        if order.kind is OrderKind.NOTIFY:
            self._notices.labels(order.way, order.about, result).inc()
        else:
            self._attempts.labels(order.way, PROVIDERS.get(order.way, order.way), result).inc()
        self._dispatch.observe(max(seconds_late, 0.0))

    def heard(self, way: str, action: str) -> None:
        """A text came in and led to `action`."""
        self._replies.labels(way, action).inc()

    def refused(self, reason: str) -> None:
        """A request had no right to what it asked."""
        self._refused.labels(reason).inc()

    def reloaded(self, at: datetime, good: bool) -> None:
        """The handbook was read again."""
        self._reload_ok.set(1 if good else 0)
        if good:
            self._reload_at.set(at.timestamp())

    def page(self, incidents: Mapping[tuple[str, str], int], last_turn: datetime | None, oldest_due_s: float) -> bytes:
        """Everything in Prometheus' text form, with what is so at this moment."""
        self._incidents.clear()
        for (state, severity), number in incidents.items():
            self._incidents.labels(state, severity).set(number)
        self._tick.set(last_turn.timestamp() if last_turn else 0)
        self._oldest.set(oldest_due_s)
        return generate_latest(self.registry)


def first_taken(before: Incident | None, after: Incident) -> timedelta | None:
    """How long an incident was called for until somebody took it, if this is the first time; later takes are no new ones."""
    if before is None or before.held_turn or not after.held_turn or after.held_since is None or after.called_since is None:
        return None
    return after.held_since - after.called_since


def delivered(before: Incident, after: Incident) -> Iterator[timedelta]:
    """How long texts of pages were on their way that are on their handsets since this decision; of a call the receipt is an answer."""
    was = {one.order: one for page in before.pages for one in page.tries}
    for page in after.pages:
        for one in page.tries:
            known = was.get(one.order)
            if one.way == "sms" and one.state is PageState.DELIVERED and known is not None and known.state is PageState.HANDED_OVER:
                yield (one.since or known.at) - (known.since or known.at)
