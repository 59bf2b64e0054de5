"""Asked again in the transaction that claims an order: is this text still true and still wanted?"""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.messages import Incident, Order, OrderKind, Status

TOO_OLD = timedelta(minutes=15)
"""A page older than this is not sent as it stands: the incident's own clock has planned a newer one (invariant I6)."""


def still_wanted(order: Order, incident: Incident, at: datetime) -> str:
    """'' if `order` may go out now, else why not. No page after an acknowledgement, no notice that is no longer true (I6, I14)."""
    if order.kind is OrderKind.PAGE:
        return page_unwanted(order, incident, at)
    if order.kind is OrderKind.NOTIFY:
        return notice_untrue(order, incident)
    return question_settled(order, incident) if order.kind is OrderKind.TELL else ""


def page_unwanted(order: Order, incident: Incident, at: datetime) -> str:
    """Why a page is not sent any more."""
    page = incident.page_of(order.recipient)
    if not incident.calling:
        return f"nobody is called any more, it is {incident.status.value}"
    sent = page.try_of(order.id) if page is not None else None
    if page is None or sent is None:
        return "a newer page has taken its place"
    if page.passed_at is not None:
        return "the responder has passed it on"
    return "older than 15 minutes" if at - sent.at > TOO_OLD else ""


def notice_untrue(order: Order, incident: Incident) -> str:
    """Why a notice to the customer would not be true any more."""
    return "no longer true" if untrue(order.about, turn_of(order), incident) else ""


def untrue(about: str, turn: int, incident: Incident) -> bool:
    """Whether the notice `about`, ordered in `turn`, would not be true any more."""
    calling = incident.status is Status.OPEN
    held = bool(incident.held_by) and turn >= incident.held_turn and incident.status is not Status.RESOLVED
    contacted = incident.promise is not None and not incident.promise.pending
    found = {
        "received": not calling,
        "nobody_yet": not calling or "received" in incident.told,
        "exhausted": not calling or contacted,
        "taken": not held,
        "late": not calling or contacted,
        "late_held": not held or contacted,
        "waiting": incident.status is not Status.WAITING,
        "can_wait": incident.status is not Status.WAITING,
        "sooner": not held or contacted,
        "declined": incident.status is not Status.DECLINED,
        "no_news": incident.status is Status.RESOLVED or incident.update_by is None or turn < incident.update_turn,
        "out_of_scope": incident.status not in {Status.WAITING, Status.DECLINED},
        "resolved": incident.status is not Status.RESOLVED,
    }
    return found.get(about, False)


def question_settled(order: Order, incident: Incident) -> str:
    """Why a question or a request to a responder is settled."""
    held = incident.held_by == order.recipient and incident.status is not Status.RESOLVED
    contacted = incident.promise is not None and not incident.promise.pending
    if order.about in {"still_on_it", "snooze_over"} and (not held or incident.asked_at is None):
        return "answered already"
    if order.about in {"reached", "reached_late"} and (not held or contacted):
        return "answered already"
    if order.about in {"update_due", "update_late"} and (not held or turn_of(order) < incident.update_turn):
        return "answered already"
    if order.about in {"yours", "already_yours"} and not held:
        return "they do not hold it any more"
    if order.about in {"stand_down_waits", "waits_now"} and incident.status is not Status.WAITING:
        return "it does not wait any more"
    if order.about == "stand_down" and (incident.calling or turn_of(order) < incident.held_turn):
        return "it is not with that person any more"
    return ""


def turn_of(order: Order) -> int:
    """The turn of the decision that ordered it, from the order's id."""
    return int(order.id.split("/")[1])
