"""The nouns of the handbook, frozen: people, escalations, services, the policy; what admins write in YAML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from oncall.core.place import Place
from oncall.core.policy import Authority, Customer, Exclusion, Feedback, Goals, Guideline, Publication, Training
from oncall.core.rota import Away, Calendar, Change, Hours, Rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachStep:
    """One personal contact step: `ways` ('slack', 'sms', 'voice') together, `after` the person's page was ordered."""

    ways: tuple[str, ...]
    after: timedelta


DEFAULT_REACH = (
    ReachStep(ways=("slack", "sms"), after=timedelta(0)),
    ReachStep(ways=("voice",), after=timedelta(seconds=90)),
    ReachStep(ways=("voice",), after=timedelta(minutes=3)),
)
"""`[slack + sms, call after 90s, call after 3m]` (rotations.md 5): two calls close together pass many a handset's do-not-disturb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """What somebody was trained for, in [begins, ends) of their own naive local time; None: always.

    `waived`: they were not, and are paged all the same until it ends; the files say so, and git says who wrote it.
    """

    name: str
    begins: datetime | None = None
    ends: datetime | None = None
    waived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be paged; the first of `phones` (E.164) is the one that rings. `slack`: a member id, or the e-mail to look it up by.

    `reach`: their personal contact steps, the earliest first.
    """

    id: str
    name: str
    phones: tuple[str, ...]
    email: str | None
    slack: str | None
    language: str
    timezone: str
    place: Place
    reach: tuple[ReachStep, ...] = DEFAULT_REACH
    skills: tuple[Skill, ...] = ()

    @property
    def slack_address(self) -> str:
        """The Slack member id, or the e-mail by which Slack knows them; '' if neither is known."""
        return self.slack or self.email or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of an escalation: rotations and people to page, and how long to wait for an acknowledgement."""

    page: tuple[str, ...]
    wait: timedelta
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Steps in order, gone through `rounds` times; then the last step and the last resort repeat until somebody acknowledges."""

    id: str
    steps: tuple[Step, ...]
    rounds: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is covered; `escalations` maps a severity, or 'otherwise', to the escalation it uses. `needs`: the skill its responders have, or ''.

    `guideline`: how its emergencies are handled; `help`: what customers can try themselves before they report, in sentences.
    """

    id: str
    name: str
    escalations: Mapping[str, str]
    place: Place
    needs: str = ""
    guideline: Guideline | None = None
    help: tuple[str, ...] = ()


class AfterHours(StrEnum):
    """What happens to a report outside office hours."""

    PAGE = "page"
    WAIT = "wait"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How bad it is; `rank` 0 is the highest. The promise is `contact_within` by channel, or a delay after the next opening.

    `office_escalation`: who is paged instead while the office is open. `update_every`: how often whoever holds it owes the customer a word.
    """

    id: str
    rank: int
    means: str
    after_hours: AfterHours
    contact_within: Mapping[str, timedelta]
    contact_after_opening: timedelta | None
    acknowledge_again_after: timedelta
    escalation: str | None
    place: Place
    office_escalation: str | None = None
    update_every: timedelta | None = None
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageRule:
    """One line of triage; every condition given must hold, an empty one always does. `lower`: may lower what the reporter gave."""

    words: tuple[str, ...]
    services: tuple[str, ...]
    sources: tuple[str, ...]
    channels: tuple[str, ...]
    severity: str
    lower: bool
    otherwise: bool
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResort:
    """Who is paged when everything else failed: a person of the handbook, or a bare telephone number."""

    person: str | None
    phone: str | None


CHANNELS_OF_REPORT = ("phone", "sms", "email", "form", "chat", "portal", "api")
"""How a report can reach us; the keys of `contact_within` (decisions.md 40)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Handbook:
    """Everything that config/ and rotations/ say, read as one and never changed; `version` is a hash of the files' content.

    Compared by identity: what is worked out from it is remembered by it.
    """

    version: str
    company: str
    timezone: str
    people: Mapping[str, Person]
    rotations: Mapping[str, Rotation]
    away: tuple[Away, ...]
    changes: tuple[Change, ...]
    escalations: Mapping[str, Escalation]
    services: Mapping[str, Service]
    severities: Mapping[str, Severity]
    triage: tuple[TriageRule, ...]
    office: Hours | None
    admins: tuple[str, ...]
    managers: tuple[str, ...]
    last_resort: tuple[LastResort, ...]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    customers: Mapping[str, Customer] = field(default_factory=dict)
    trainings: Mapping[str, Training] = field(default_factory=dict)
    publication: Publication = field(default_factory=Publication)
    goals: Goals = field(default_factory=Goals)
    feedback: Feedback = field(default_factory=Feedback)
    authority: Authority = field(default_factory=Authority)
    shared_first_names: frozenset[str] = field(init=False, repr=False, compare=False)
    """First names that several people have. Every text names people, so this is not counted anew for each."""
    owner_of_phone: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The id of the person whose number it is; of the first one, should two have it."""
    customer_of: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The id of the customer whose telephone number, e-mail address in lower case, API key, name or id in lower case it is."""

    def __post_init__(self) -> None:
        """Looks through everybody once, so that no decision has to."""
        firsts = Counter(first_name(person) for person in self.people.values())
        object.__setattr__(self, "shared_first_names", frozenset(name for name, times in firsts.items() if times > 1))
        owners: dict[str, str] = {}
        for person in self.people.values():
            for phone in person.phones:
                owners.setdefault(phone, person.id)
        object.__setattr__(self, "owner_of_phone", owners)
        object.__setattr__(self, "customer_of", {mark: one.id for one in self.customers.values() for mark in marks_of(one)})


def language_of(handbook: Handbook, customer: str) -> str:
    """The language of a customer by their id in the handbook; English for somebody whom it does not know."""
    known = handbook.customers.get(customer)
    return known.language if known is not None else "en"


def marks_of(customer: Customer) -> tuple[str, ...]:
    """By what a customer is known: numbers, addresses, keys, and what people call them."""
    contacts = tuple(mark for contact in customer.contacts for mark in (contact.phone, contact.email) if mark)
    return (*contacts, *(f"key {key}" for key in customer.keys), customer.id.casefold(), customer.name.casefold())


def first_name(person: Person) -> str:
    """How texts call somebody whose first name nobody shares."""
    return next(iter(person.name.split()), person.name)
