"""How the customer is told: over which way first, in which words, and what follows when they may not have it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.core.escalation.wanted import untrue
from oncall.core.incident import Said
from oncall.core.letters import letter
from oncall.core.messages import OrderKind
from oncall.core.model import language_of
from oncall.core.replies import draw_secret
from oncall.core.wording import clock_text_in, words_for

if TYPE_CHECKING:
    from oncall.core.escalation.draft import Draft

CUSTOMER = "customer"
"""The recipient of every order to the customer."""
IN_WORDS = {"sms": "text", "email": "mail"}


def ways(draft: Draft) -> tuple[tuple[str, str], ...]:
    """The customer's ways with their addresses, first the one they prefer, else the one they reported by, else a text.

    A mail server that is not set up is no way; a text is one whatever happens, so that its failure is told to somebody.
    """
    contact, known = draft.incident.contact, draft.handbook.customers.get(draft.incident.customer_id)
    found = [("sms", contact.phone)] if contact.phone else []
    if contact.email and draft.view.way_on("email"):
        found.append(("email", contact.email))
    first = (known.prefers if known is not None else "") or draft.incident.channel
    return tuple(sorted(found, key=lambda one: one[0] != first))


def works(draft: Draft, way: str, address: str) -> bool:
    """Whether a way is on, and nothing is known to be wrong with its address."""
    return draft.view.way_on(way) and not draft.view.way_broken(CUSTOMER, way, address)


def left_after(draft: Draft, way: str) -> tuple[tuple[str, str], ...]:
    """The ways behind `way` that may work. Never one before it: that was tried, or was known to be broken, so nothing goes round in circles."""
    known = ways(draft)
    behind = known[[one for one, _ in known].index(way) + 1 :] if way in dict(known) else known
    return tuple((one, address) for one, address in behind if works(draft, one, address))


def notify(draft: Draft, about: str, more: dict[str, str]) -> None:
    """Orders a notice to the customer over the first way that may work (or the first, if none may), and remembers that this was told."""
    known = ways(draft)
    if not known:
        if draft.incident.contact.email:
            draft.why("the customer left no number that can be texted, and no mail server is set up")
        return
    way, address = next((one for one in known if works(draft, *one)), known[0])
    order_notice(draft, about, way, address, more)
    draft.why(f"the customer is told: {about.replace('_', ' ')}")
    draft.change(told=(*draft.incident.told, about))


def order_notice(draft: Draft, about: str, way: str, address: str, more: dict[str, str]) -> None:
    """Orders the notice `about` over `way`. If its result is unknown another way follows at once, the same one only where there is none."""
    left = left_after(draft, way)
    draft.order(OrderKind.NOTIFY, about, CUSTOMER, way, address, words(draft, about, way, more), only_way=not left)
    if left:
        draft.change(said={**draft.incident.said, about: Said(turn=draft.incident.turn, values=more)})


def words(draft: Draft, about: str, way: str, more: dict[str, str]) -> str:
    """What the customer reads, in their language as far as there are words in it."""
    texts, incident, promise = draft.handbook.texts, draft.incident, draft.incident.promise
    due = promise.contact_by if promise is not None and promise.pending else None
    ours = {"holder": draft.public_name(incident.held_by), "due": time(draft, due), "since": time(draft, incident.held_since)}
    values = draft.values(**(ours | more))
    if way == "email":
        return letter(texts, language(draft), about, {**values, **in_letters(draft)})
    return words_for(way, texts, language(draft), about, values)


def language(draft: Draft) -> str:
    """The customer's language; English for somebody whom the handbook does not know."""
    return language_of(draft.handbook, draft.incident.customer_id)


def time(draft: Draft, at: datetime | None) -> str:
    """`at` on the company's clock, with days and months in the customer's language; '' for None."""
    return "" if at is None else clock_text_in(draft.handbook.texts, language(draft), at, draft.handbook.timezone, draft.at)


def name(draft: Draft, about: str) -> str:
    """A name that the customer reads in the place of somebody's, in their language: 'duty_manager', 'next_engineer' or 'one_of_us'."""
    return words_for("sms", draft.handbook.texts, language(draft), about, {})


def in_letters(draft: Draft) -> dict[str, str]:
    """What letters name and texts have no room for. Letters are read later and elsewhere, so they say of which day and zone their times are."""
    incident, zone = draft.incident, draft.handbook.timezone
    return {
        "name": incident.contact.name,
        "reported": time(draft, incident.opened_at),
        "number": draft.view.customers_line(),
        "page": draft.view.case_page(incident.case, draw_secret(incident.seed)),
        "policy": draft.view.policy_page(),
        "written": f"{draft.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
        "zone": zone,
    }


def may_not_have_it(draft: Draft, order: str, reason: str) -> None:
    """The notice that was `order` failed, or nobody knows: it goes by the next way while it is true, and where there is none a human is told.

    One that was said anew since, in other words, is not said again in those; so a human is told of it too.
    """
    _, turn, about, _, way = order.split("/")
    left, said = left_after(draft, way), draft.incident.said.get(about)
    if not left or said is None or said.turn != int(turn):
        tell_somebody(draft, reason)
    elif untrue(about, int(turn), draft.incident):
        draft.why(f"the notice '{about}' is not true any more, so it is not sent by another way")
    else:
        order_notice(draft, about, *left[0], dict(said.values))
        draft.why(f"the customer is told by {IN_WORDS[left[0][0]]} instead: {about.replace('_', ' ')}")


def tell_somebody(draft: Draft, reason: str) -> None:
    """The customer could not be told: whoever holds the incident, else the admins, must know."""
    if draft.incident.held_by:
        draft.tell(draft.incident.held_by, "customer_not_told", reason=reason)
    else:
        draft.tell_admins("customer_not_told", reason=reason)
