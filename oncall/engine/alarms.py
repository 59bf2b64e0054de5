"""Tells people what belongs to no incident, trouble above all: whom, by which way, in fixed texts that need no decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.asks import Span
from oncall.core.messages import Incident, Order, OrderKind
from oncall.core.model import Handbook, first_name
from oncall.core.schedule import on_call
from oncall.core.wording import clock_text, words_for

TEXTED = ("sms", "slack")
"""The ways that carry a text, the louder first."""
URGENCY = 90
"""Of what is about people's time on call: behind everything that is about an emergency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Somebody, and where a text reaches them."""

    who: str
    way: str
    address: str


def last_resort(handbook: Handbook, ways: frozenset[str]) -> tuple[Reachable, ...]:
    """Everybody of the last resort, by every way there is: when the pager itself is in trouble, one way is not enough."""
    found = (one for entry in handbook.last_resort for one in by_text(handbook, ways, entry.person or entry.phone or ""))
    return tuple(dict.fromkeys(found))


def admins(handbook: Handbook, ways: frozenset[str], at: datetime) -> tuple[Reachable, ...]:
    """The admins on duty at `at`, each by one way."""
    found: list[Reachable] = []
    for target in handbook.admins:
        names = on_call(handbook, target, at).people if target in handbook.rotations else (target,)
        found.extend(one for who in names for one in by_text(handbook, ways, who)[:1])
    return tuple(dict.fromkeys(found))


def by_text(handbook: Handbook, ways: frozenset[str], who: str) -> tuple[Reachable, ...]:
    """Where a text reaches `who`, a person or a bare number, by the ways that are on."""
    person = handbook.people.get(who)
    phone = (person.phones[:1] if person else ((who,) if who.startswith("+") else ())) or ("",)
    addresses = {"sms": phone[0], "slack": person.slack_address if person else ""}
    return tuple(Reachable(who=who, way=way, address=addresses[way]) for way in TEXTED if way in ways and addresses[way])


def shouts(handbook: Handbook, ways: frozenset[str], incident: Incident, at: datetime, reason: str) -> tuple[Order, ...]:
    """The fixed text about an incident that could not be decided, to everybody of the last resort."""
    values = {"customer": f"{incident.label}, {incident.summary}", "reason": reason}
    key = f"{incident.id}/{incident.turn}.{int(at.timestamp())}"
    return trouble(handbook, "parked", key, values, last_resort(handbook, ways), at)


def trouble(
    handbook: Handbook, about: str, key: str, values: dict[str, str], to: tuple[Reachable, ...], at: datetime, *, urgency: int = 0
) -> tuple[Order, ...]:
    """Orders that tell `to` of trouble; they belong to no incident, and the same `key` tells it once."""
    return tuple(
        Order(
            id=f"trouble/{key}/{about}/{one.who}/{one.way}",
            kind=OrderKind.TELL,
            about=about,
            incident="",
            recipient=one.who,
            way=one.way,
            address=one.address,
            text=words_for(one.way, handbook.texts, handbook.people[one.who].language if one.who in handbook.people else "en", about, values),
            urgency=urgency,
            due_at=at,
        )
        for one in to
    )


def time_of(handbook: Handbook, who: str, at: datetime, now: datetime) -> str:
    """A time on its reader's clock."""
    person = handbook.people.get(who)
    return clock_text(at, person.timezone if person else handbook.timezone, now)


def span_values(handbook: Handbook, who: str, span: Span, now: datetime) -> dict[str, str]:
    """What texts about a span name, for the reader `who`."""
    return {"list": span.rotation, "since": time_of(handbook, who, span.start, now), "until": time_of(handbook, who, span.end, now)}


def names(handbook: Handbook, people: tuple[str, ...]) -> str:
    """People as texts call them."""
    known = (handbook.people[who] for who in people if who in handbook.people)
    return ", ".join(person.name if first_name(person) in handbook.shared_first_names else first_name(person) for person in known)
