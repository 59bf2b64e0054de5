"""Incidents, their stories and who is on call as plain data for JSON; reply codes, seeds and staff numbers are never in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from oncall.core.asks import Ask, Request
from oncall.core.messages import HumanAct, Incident, LogEntry, Noted, Page, Reported
from oncall.core.model import Handbook
from oncall.core.rotation import Duty

if TYPE_CHECKING:
    # `oncall who` prints by these functions too, and must not wait for SQLAlchemy.
    from oncall.store.outbox import Attempt, Outbound

Json = dict[str, object]


def time_text(at: datetime | None) -> str | None:
    """`at` in UTC as JSON carries it, None if there is none."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def masked(address: str) -> str:
    """The last four characters of an address: enough to recognise, too little to use."""
    return f"...{address[-4:]}"


def incident_line(incident: Incident) -> Json:
    """One incident in a list."""
    return {
        "incident": incident.id,
        "case": incident.case,
        "status": incident.status.value,
        "severity": incident.severity,
        "service": incident.service,
        "summary": incident.summary,
        "customer": incident.customer,
        "opened_at": time_text(incident.opened_at),
        "held_by": incident.held_by,
        "contact_by": time_text(incident.promise.contact_by) if incident.promise else None,
        "reports": incident.reports,
    }


def incident_whole(incident: Incident, history: Iterable[LogEntry], sent: Iterable[tuple[Outbound, list[Attempt]]]) -> Json:
    """One incident with its story and every message that was ordered for it."""
    promise, contact = incident.promise, incident.contact
    return {
        **incident_line(incident),
        "details": incident.details,
        "channel": incident.channel,
        "source": incident.source,
        "dedup_key": incident.dedup_key,
        "contact": {"name": contact.name, "phone": contact.phone, "email": contact.email},
        "because": incident.because,
        "held_since": time_text(incident.held_since),
        "helpers": list(incident.helpers),
        "contacted_at": time_text(promise.contacted_at) if promise else None,
        "promise_missed_at": time_text(promise.missed_at) if promise else None,
        "resolved_at": time_text(incident.resolved_at),
        "resolved_by": incident.resolved_by,
        "forgotten_at": time_text(incident.forgotten_at),
        "forgotten_by": incident.forgotten_by,
        "wake_at": time_text(incident.wake_at),
        "pages": [
            {"person": shown(page.person), "state": page_state(page), "step": page.step, "paged_at": time_text(page.paged_at)}
            for page in incident.pages
        ],
        "timeline": [story_line(entry) for entry in history],
        "outbox": [message(order, attempts) for order, attempts in sent],
    }


def beside(incident: Incident, handbook: Handbook) -> Json:
    """What the newest handbook has to say to whoever handles it: the customer's tier, the service's guideline, what may be decided alone."""
    service = handbook.services.get(incident.service)
    guideline = service.guideline if service is not None else None
    authority, customer = handbook.authority, handbook.customers.get(incident.customer_id)
    return {
        "tier": customer.tier if customer is not None else "",
        "guideline": {"file": guideline.file, "text": guideline.text} if guideline is not None else None,
        "authority": {"responder": list(authority.responder), "manager": list(authority.manager)},
    }


def page_state(page: Page) -> str:
    """How far a page came, for each way of its newest round: 'sms delivered, voice unanswered'."""
    return ", ".join(f"{one.way} {one.state.value}" for one in page.tries) or "not paged"


def shown(recipient: str) -> str:
    """A person's id, or the end of a bare number."""
    return masked(recipient) if recipient.startswith("+") else recipient


def story_line(entry: LogEntry) -> Json:
    """One line of an incident's story: what happened, what came of it, and why."""
    fact, decision = entry.fact, entry.decision
    line: Json = {"at": time_text(fact.at), "fact": type(fact).__name__, "result": decision.result, "because": decision.because}
    if isinstance(fact, HumanAct):
        line |= {"by": shown(fact.by), "how": fact.how}
    if isinstance(fact, Reported):
        line |= {"source": fact.source, "channel": fact.channel}
    text = getattr(fact, "text", "") or getattr(fact, "note", "") or getattr(fact, "reason", "")
    if text:
        line["text"] = text
    if isinstance(fact, Noted) and fact.decision:
        line["decision"] = True
    line["status"] = decision.incident.status.value
    line["orders"] = [{"about": order.about, "to": shown(order.recipient), "way": order.way} for order in decision.orders]
    return line


def message(sent: Outbound, attempts: Iterable[Attempt]) -> Json:
    """One ordered message with its attempts; its text stays out, because a page's text carries the code that takes it."""
    order = sent.order
    return {
        "kind": order.kind.value,
        "about": order.about,
        "to": shown(order.recipient),
        "way": order.way,
        "address": masked(order.address),
        "due_at": time_text(order.due_at),
        "state": sent.state,
        "reason": sent.reason,
        "receipt": sent.receipt,
        "provider_id": sent.provider_id,
        "settled_at": time_text(sent.settled_at),
        "attempts": [attempt_line(one) for one in attempts],
    }


def attempt_line(attempt: Attempt) -> Json:
    """One try to send."""
    took = (attempt.ended_at - attempt.started_at).total_seconds() if attempt.ended_at else None
    return {
        "n": attempt.n,
        "started_at": time_text(attempt.started_at),
        "seconds": took,
        "result": attempt.result,
        "detail": attempt.detail,
        "provider_id": attempt.provider_id,
    }


def duty_line(duty: Duty) -> Json:
    """Who holds a rotation at an instant, why, and until when that stays so."""
    return {"people": list(duty.people), "because": duty.because, "until": time_text(duty.end)}


def shift_lines(duties: Iterable[Duty]) -> Json:
    """The shifts of a rotation between two instants; a gap has nobody in it."""
    return {
        "shifts": [{"start": time_text(one.start), "end": time_text(one.end), "people": list(one.people), "because": one.because} for one in duties]
    }


def request_line(one: Request, asked: tuple[Ask, ...]) -> Json:
    """What is being asked, by whom, until when, and what each said so far; the codes stay out."""
    return {
        "request": one.id,
        "topic": one.topic.value,
        "by": one.by,
        "rotation": one.rotation,
        "from": time_text(one.span.start),
        "to": time_text(one.span.end),
        "until": time_text(one.until),
        "asked": [{"person": ask.person, "answer": ask.answer} for ask in asked],
    }


def confirmed_line(one: Ask) -> Json:
    """A duty that its person said they know of."""
    times = {"from": time_text(one.span.start), "to": time_text(one.span.end), "confirmed_at": time_text(one.answered_at)}
    return {"person": one.person, "rotation": one.span.rotation, **times, "how": one.how}
