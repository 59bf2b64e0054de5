"""Whom somebody wants forgotten: a telephone number, an e-mail address, or the name of a case or a customer; and where texts speak of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from oncall.core.incident import Incident

BETWEEN = r"[\s().-]*"
"""What people write between the digits of a number."""
SEPARATORS = re.compile(BETWEEN)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DIGITS = re.compile(r"[0-9\s()./-]{7,}")
"""So many of these are a number, and no incident's."""


class Kind(StrEnum):
    """What somebody was named by. NAME: a case by its number or reference, or a customer by id or name."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Somebody to be forgotten; `text` is E.164 for a number, in small letters for an address, and as it was given for a name."""

    kind: Kind
    text: str
    pattern: re.Pattern[str] | None = None

    def is_in(self, text: str) -> bool:
        """Whether `text` has the number or the address, however its digits are grouped. A name alone is no mark: it may be a common word."""
        return self.pattern is not None and self.pattern.search(text) is not None

    def reported(self, incident: Incident, customer_id: str) -> bool:
        """Whether this is who reported, or whose incident it is; `customer_id` is who they are in the handbook, '' when they are not known."""
        match self.kind:
            case Kind.PHONE:
                return incident.contact.phone == self.text
            case Kind.EMAIL:
                return incident.contact.email.casefold() == self.text
        known = bool(customer_id) and incident.customer_id == customer_id
        return known or (bool(incident.customer) and incident.customer.casefold() == self.text.casefold())


def whom_of(given: str) -> Whom:
    """Who is meant by what was typed. ValueError says what else to write."""
    text = " ".join(given.split())
    if not text:
        raise ValueError("nobody is named; write a telephone number, an e-mail address, a customer or a case")
    if "@" in text:
        address = text.casefold()
        return Whom(kind=Kind.EMAIL, text=address, pattern=re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", re.IGNORECASE))
    number = SEPARATORS.sub("", text)
    if E164.fullmatch(number):
        digits = BETWEEN.join(number[1:])
        return Whom(kind=Kind.PHONE, text=number, pattern=re.compile(rf"(?:\+|(?<!\d)00){BETWEEN}{digits}(?!\d)"))
    if text.startswith("+") or DIGITS.fullmatch(text):
        raise ValueError(f"'{text}' is no telephone number in international form; write for example +31655501234")
    return Whom(kind=Kind.NAME, text=text)
