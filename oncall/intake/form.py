"""The report as the form of our public page sends it: a person in a hurry, so every mistake gets a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from oncall.core.messages import Contact, Reported
from oncall.intake.api import LARGEST_BODY
from oncall.intake.phones import international
from oncall.intake.report import Received, Refused, Why

LONGEST = {"what": 4000, "company": 200, "name": 200, "phone": 64, "email": 254, "service": 64, "severity": 64, "website": 200, "token": 64}
"""The fields and how many characters each may have; the page's own fields take no more. 254: the longest address that works (RFC 5321)."""
MANY_LINES = frozenset({"what", "words"})
MOST_FIELDS = 30
LONGEST_SUMMARY = 300
EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
"""Control characters but the end of a line: nobody types them."""

NO_WORDS = "Tell us what does not work."
NO_CONTACT = "Give us a phone number or an e-mail address. Without one, nobody can contact you."
WRONG_PHONE = "Write the number with its country code, for example +31 6 5550 1234."
WRONG_EMAIL = "This is no e-mail address. Write it like name@example.com."
NOT_EMPTY = "Leave this field empty. It is there to stop programs."


def values_of(raw: bytes) -> dict[str, str]:
    """The fields of the form for reports."""
    return words_of(raw, LONGEST)


def words_of(raw: bytes, longest: Mapping[str, int]) -> dict[str, str]:
    """The fields of a form as they were typed, cut to what each may have; '' for one that is absent. Refused: these bytes are no form."""
    if len(raw) > LARGEST_BODY:
        raise Refused(Why.TOO_LARGE, f"the form is larger than {LARGEST_BODY // 1024} KiB")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise Refused(Why.NOT_READABLE, "this is no form") from error
    sent = dict(pairs)
    return {name: clean(sent.get(name, ""), most, lines=name in MANY_LINES) for name, most in longest.items()}


def clean(text: str, longest: int, *, lines: bool) -> str:
    """What somebody typed, without what cannot be seen, and in one line unless `lines`."""
    kept = UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return (kept if lines else " ".join(kept.split())).strip()[:longest]


def read(raw: bytes, *, at: datetime, seed: str, source: str) -> Received:
    """Reads a form. With one way to reach the reporter that can be used, no mistake in the other one keeps an emergency from coming in."""
    given = values_of(raw)
    phone, email = international(given["phone"])[0], given["email"] if EMAIL.fullmatch(given["email"]) else ""
    wrong = problems(given, phone, email)
    if wrong:
        raise Refused(Why.WRONG_FIELDS, "the form has fields that cannot be used", wrong)
    remarks = [
        f"Contact's {name} as given: {given[key]}"
        for key, name, used in (("phone", "phone", phone), ("email", "e-mail", email))
        if given[key] and not used
    ]
    summary = " ".join(given["what"].split())
    words = [given["what"]] if len(summary) > LONGEST_SUMMARY or "\n" in given["what"] else []
    fact = Reported(
        at=at,
        seed=seed,
        source=source,
        channel="form",
        summary=summary[:LONGEST_SUMMARY],
        details="\n".join((*words, *remarks)),
        service=given["service"],
        severity=given["severity"],
        customer=given["company"],
        contact=Contact(name=given["name"], phone=phone, email=email),
    )
    return Received(fact=fact, remarks=tuple(remarks))


def problems(given: dict[str, str], phone: str, email: str) -> dict[str, str]:
    """What keeps a form from being a report, by field."""
    wrong = {} if given["what"] else {"what": NO_WORDS}
    if not phone and not email:
        if given["phone"]:
            wrong["phone"] = WRONG_PHONE
        if given["email"]:
            wrong["email"] = WRONG_EMAIL
        if not given["phone"] and not given["email"]:
            wrong["phone"] = NO_CONTACT
    return wrong | ({"website": NOT_EMPTY} if given["website"] else {})
