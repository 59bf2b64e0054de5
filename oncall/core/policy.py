"""The nouns that only the policy has: what it leaves out, which customers it knows, what staff must have learned, what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from oncall.core.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """What nobody is woken for: named by whole `words` of the report, by `services`, or by both, which must both hold then.

    `answer` is what the customer is told beside. `contact_after_opening`: how long after the next opening a person will contact them;
    None: nothing is promised.
    """

    id: str
    about: str
    words: tuple[str, ...]
    services: tuple[str, ...]
    answer: str
    contact_after_opening: timedelta | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """How to handle an emergency of a service: a Markdown `text` out of the file of this name in config/guidelines/."""

    file: str
    text: str

    def excerpt(self, longest: int) -> str:
        """Its beginning without the headline, in whole lines of at most `longest` characters together; says where there is more."""
        lines = self.text.splitlines()
        rest = "\n".join(lines[1:] if lines[:1] and lines[0].startswith("#") else lines).strip()
        if len(rest) <= longest:
            return rest
        kept = rest[:longest]
        return (kept.rpartition("\n")[0] or kept).rstrip() + f"\n... more in {self.file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerContact:
    """Somebody of a customer who may report; `phone` in E.164, `email` in lower case, '' where there is none."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer with a contract. `contract`: the services that are covered after hours, None: all. `keys`: API keys that report for them.

    `prefers`: over which way they are told first, 'sms' or 'email'; '' is the way by which they reported.
    `tier` is free text for whoever handles their case; nothing is decided by it.
    """

    id: str
    name: str
    contract: tuple[str, ...] | None
    language: str
    prefers: str
    contacts: tuple[CustomerContact, ...]
    keys: tuple[str, ...]
    place: Place
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What gives the skill of the same name. `valid_for`: how long after its day, None for ever; `shadow_shifts`: followed before it."""

    id: str
    about: str
    valid_for: timedelta | None
    shadow_shifts: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is published with the policy and decides nothing: its title, who signs it, since when it is in force, when it is looked at anew.

    `owner` is a person's id. `languages`: in which it is published besides English.
    """

    title: str = ""
    owner: str = ""
    effective: date | None = None
    review_every: timedelta | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What the team may decide alone, in sentences: whoever handles a case, and a manager."""

    responder: tuple[str, ...] = ()
    manager: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """When, in minutes of the next working day, customers are asked how a case went, and responders whether a page was right.

    None: they are not asked.
    """

    customer_minute: int | None = None
    team_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """What the company wants to reach, in percent: promises kept by severity, cases resolved within a span, pages that were right (None: any)."""

    contacted_in_time: Mapping[str, float] = field(default_factory=dict)
    resolved_within: Mapping[timedelta, float] = field(default_factory=dict)
    right_to_wake: float | None = None
