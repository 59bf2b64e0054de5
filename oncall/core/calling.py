"""A call to one person about one incident, and whom it concerns: who rings now, who is next, and whether they are rung again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.incident import WELL
from oncall.core.messages import Incident, Page
from oncall.core.model import DEFAULT_REACH, Handbook, first_name
from oncall.core.schedule import needed, paged
from oncall.core.script import LANGUAGES, Part, Say, Script
from oncall.core.texts_en import CALLS
from oncall.core.wording import clock_text, said, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call to `who` about `incident`, as it is `at` this moment; `opening` is the text that its order carries."""

    incident: Incident
    who: str
    opening: str
    handbook: Handbook
    at: datetime

    @property
    def page(self) -> Page | None:
        """The page that the person holds."""
        return self.incident.page_of(self.who)

    @property
    def language(self) -> str:
        """The language spoken with them."""
        person = self.handbook.people.get(self.who)
        return language_of(self.handbook, person.language if person else "en")

    def say(self, about: str, **values: str) -> Say:
        """One sentence of the company's texts."""
        return Say(text=said(self.handbook.texts, self.language, about, values))

    def time(self, at: datetime | None) -> str:
        """A time on their clock as it is said: '3 17'."""
        person = self.handbook.people.get(self.who)
        return "" if at is None else spoken(clock_text(at, person.timezone if person else self.handbook.timezone, self.at))

    def name(self, who: str) -> str:
        """A colleague's first name, the whole name where two share it; a bare number is not read out."""
        person = self.handbook.people.get(who)
        if person is None:
            return self.say("call_somebody").text
        first = first_name(person)
        return person.name if first in self.handbook.shared_first_names else first

    def names(self, people: tuple[str, ...]) -> str:
        """Several colleagues."""
        return ", ".join(dict.fromkeys(self.name(one) for one in people))

    def script(self, *parts: Part) -> Script:
        """A script in their language."""
        return Script(language=LANGUAGES[self.language], parts=parts)


def language_of(handbook: Handbook, wanted: str) -> str:
    """`wanted` if there is a voice for it and the company has all sentences of a call in it, else English."""
    complete = wanted in LANGUAGES and CALLS.keys() <= handbook.texts.get(wanted, {}).keys()
    return wanted if complete else "en"


def ringing(incident: Incident) -> tuple[str, ...]:
    """Who is called in the round that rings now, without those who passed it on."""
    return tuple(page.person for page in incident.newest_round) if incident.calling else ()


def next_people(call: Call) -> tuple[str, ...]:
    """Whom a pass reaches: the others who ring now, else the first later step that has somebody."""
    others = tuple(who for who in ringing(call.incident) if who != call.who)
    return others or later_people(call)


def later_people(call: Call) -> tuple[str, ...]:
    """The people of the first later step that has somebody who can be called and has not passed it on."""
    incident, handbook = call.incident, call.handbook
    for step in incident.steps[max(incident.step, -1) + 1 :]:
        found = paged(handbook, step.targets, call.at, needed(handbook, incident.service))
        reachable = tuple(who for who in found if may_be_called(call, who))
        if reachable:
            return reachable
    return ()


def may_be_called(call: Call, who: str) -> bool:
    """Whether a step would page `who`."""
    person, page = call.handbook.people.get(who), call.incident.page_of(who)
    if person is None or not person.phones or who in {call.who, call.incident.held_by}:
        return False
    return page is None or page.passed_at is None


def called_again_at(call: Call) -> datetime | None:
    """When this person's own contact steps ring them again; None unless that is planned, and comes before the next step of the escalation.

    A call without a key brings the next other way forward, if no text is well, and what lay between is left out (escalation.reach).
    """
    page, incident = call.page, call.incident
    planned, moves_on = incident.clocks.get(f"reach/{call.who}"), incident.clocks.get("step")
    if page is None or planned is None or (moves_on is not None and planned >= moves_on):
        return None
    person = call.handbook.people.get(call.who)
    left = (person.reach if person else DEFAULT_REACH)[page.reach_done :]
    text_is_well = any(one.way == "sms" and one.state in WELL for one in page.tries)
    brought_forward = not text_is_well and any(set(step.ways) - {"voice"} for step in left)
    return planned if left and "voice" in left[0].ways and not brought_forward else None
