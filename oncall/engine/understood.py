"""What a text or a click led to, and answers to it that change no incident."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from oncall.core.messages import Heard, Order, OrderKind
from oncall.core.wording import text, words_for
from oncall.engine.desk import Decided, Desk
from oncall.store import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a text led to: decisions, and a word for the metrics and the door. `asks`: there is work for engine.asking."""

    action: str
    decided: tuple[Decided, ...] = ()
    because: str = ""
    asks: bool = False


def replied(
    conn: Connection, desk: Desk, heard: Heard, who: str, about: str, values: dict[str, str], *, asks: bool = False
) -> Understood:  # fmt: skip
    """Says the text `about` to who texted, in a message of its own, or to who clicked, in the door's answer."""
    if heard.way == "sms":
        answer(conn, desk, heard, who, about, values)
    person = desk.handbook.people.get(who)
    words = words_for(heard.way, desk.handbook.texts, person.language if person else "en", about, values)
    return Understood(action=about, because=words, asks=asks)


def answer(conn: Connection, desk: Desk, heard: Heard, who: str, about: str, values: dict[str, str]) -> None:
    """Orders an answer that changes no incident."""
    person = desk.handbook.people.get(who)
    order = Order(
        id=f"heard/{heard.reference}/{about}/{who}/{heard.way}",
        kind=OrderKind.TELL,
        about=about,
        incident="",
        recipient=who,
        way=heard.way,
        address=heard.sender,
        text=text(desk.handbook.texts, person.language if person else "en", about, values),
        urgency=3,
        due_at=heard.at,
    )
    outbox.put(conn, (order,))
