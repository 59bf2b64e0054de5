"""What is said and asked in a call at each moment: pure scripts from the incident as it is now; every sentence is true when it is said."""

from __future__ import annotations

import re

from oncall.core.calling import Call, called_again_at, later_people, next_people, ringing
from oncall.core.messages import Status
from oncall.core.model import Handbook
from oncall.core.script import LANGUAGES, Ask, ComeBack, HangUp, Part, Pause, Say, Script, TryAgain
from oncall.core.wording import said, spoken

SILENCE_S = 8
"""Seconds of silence before the next try (interfaces.md 2.4)."""
FIRST_PAUSE_S = 1
"""The telephone travels to the ear."""
ROUNDS = 3
"""The menu, "are you there?", and everything once more; then the call ends."""
MOST_KEYS = 20
"""Keys of one call that are answered; what presses more is no human."""
MOST_TROUBLE, TROUBLE_PAUSE_S = 3, 5
"""How often, and in how many seconds, a call comes back when we cannot look up what it is about (telephony.md 3)."""
SEVERITY = re.compile(r"\bsev(?:erity)? ?(\d+)\b", re.IGNORECASE)


def answered(call: Call, asked: int) -> Script:
    """Somebody, or something, answered; `asked` counts the rounds from 1: the menu, "are you there?", everything again, the goodbye."""
    if (over := nothing_to_do(call)) is not None:
        return call.script(Pause(seconds=FIRST_PAUSE_S), *over)
    if asked <= 1:
        return call.script(Pause(seconds=FIRST_PAUSE_S), *ask(1, *opening(call), *menu(call)))
    if asked < ROUNDS:
        return call.script(*ask(asked, call.say("call_there"), *short_menu(call)))
    if asked == ROUNDS:
        return call.script(*ask(asked, *opening(call), *menu(call)))
    return call.script(*no_key(call))


def ask(asked: int, *parts: Say | Pause) -> tuple[Part, ...]:
    """Asks; after silence we are asked again, so that the goodbye too is true when it is said."""
    return Ask(parts=parts, silence_s=SILENCE_S), ComeBack(round=asked + 1)


def nothing_to_do(call: Call) -> tuple[Part, ...] | None:
    """What is said when there is nothing to take any more, or it is theirs already; None while a key is wanted."""
    incident = call.incident
    if incident.status is Status.RESOLVED:
        by, since = call.name(incident.resolved_by), call.time(incident.resolved_at)
        return (call.say("call_closed", by=by, since=since), *good_night(call))
    if incident.held_by == call.who:
        return (call.say("call_already_yours"), *ring_back(call), *goodbye(call))
    if incident.calling:
        return None
    if call.who in incident.helpers:
        return (call.say("call_joined", holder=call.name(incident.held_by)), *goodbye(call))
    if incident.held_by:
        return taken_by_other(call)
    return (call.say("call_over"), *good_night(call))


def opening(call: Call) -> tuple[Say, ...]:
    """A preamble that may be lost, then what it is about."""
    about = SEVERITY.sub(lambda match: call.say("call_severity", number=match.group(1)).text, call.opening)
    helping = (call.say("call_help", holder=call.name(call.incident.held_by)),) if call.incident.held_by else ()
    return (call.say("call_preamble", company=call.handbook.company), Say(text=spoken(about)), *helping)


def menu(call: Call) -> tuple[Say, ...]:
    """All that can be done, the goal before the key."""
    return (*short_menu(call, named=True), call.say("call_more"), call.say("call_repeat"))


def short_menu(call: Call, *, named: bool = False) -> tuple[Say, ...]:
    """Take it or pass it; `named`: to whom."""
    take = call.say("call_join" if call.incident.held_by else "call_take")
    to = call.names(next_people(call)) if named else ""
    return take, call.say("call_pass_to", next=to) if to else call.say("call_pass")


def no_key(call: Call) -> tuple[Part, ...]:
    """The goodbye to silence: only what will really happen."""
    again, following = called_again_at(call), call.names(later_people(call))
    parts = [call.say("call_no_key")]
    if again is not None:
        parts.append(call.say("call_again", until=call.time(again)))
    if following:
        parts.append(call.say("call_next", next=following))
    if again is None and not following:
        parts.append(call.say("call_on"))
    return (*parts, *goodbye(call))


def after_key(call: Call, result: str, key: str, asked: int) -> Script:
    """What a key did, said after its commit; `result` is the decision's word, or the meaning of a key that decides nothing."""
    if result in {"taken", "already yours"} and call.incident.held_by == call.who:
        return call.script(*yours(call, result), *goodbye(call))
    if result == "joined":
        return call.script(call.say("call_joined", holder=call.name(call.incident.held_by)), *goodbye(call))
    if result == "parked":
        return call.script(call.say("call_failed"), *goodbye(call))
    if result == "passed":
        return call.script(*passed(call), *good_night(call))
    if (over := nothing_to_do(call)) is not None:
        return call.script(*over)
    return call.script(*ask(asked, *asked_again(call, result, key)))


def asked_again(call: Call, result: str, key: str) -> tuple[Say, ...]:
    """The answer to a key that decided nothing, and the question again."""
    if result == "details":
        return details(call)
    if result == "advice":
        return call.say("call_close"), *short_menu(call, named=True)
    if result == "wrong key":
        return wrong_key(call, key)
    return *opening(call), *menu(call)


def yours(call: Call, result: str) -> tuple[Part, ...]:
    """They hold it: what the customer is told, and whom to call by when."""
    told = result == "taken" and "taken" in call.incident.told
    first = call.say("call_yours" if result == "taken" else "call_already_yours")
    return (first, *((call.say("call_customer_told"),) if told else ()), *ring_back(call))


def ring_back(call: Call) -> tuple[Part, ...]:
    """Whom to call by when, if somebody waits for it; the number is in the texts, never read out."""
    promise, contact = call.incident.promise, call.incident.contact
    if promise is None or not promise.pending or not contact.phone:
        return ()
    caller = contact.name or call.say("call_customer").text
    return (call.say("call_ring_back", caller=caller, due=call.time(promise.contact_by)),)


def passed(call: Call) -> tuple[Part, ...]:
    """Who is called now that they passed it on."""
    others = tuple(who for who in ringing(call.incident) if who != call.who)
    if others:
        return call.say("call_passed"), call.say("call_calling", next=call.names(others))
    until = call.incident.clocks.get("step")
    if call.incident.calling and until is not None:
        return (call.say("call_passed_alone", until=call.time(until)),)
    return (call.say("call_passed"),)


def details(call: Call) -> tuple[Say, ...]:
    """When it came and what was said, then the question again."""
    incident = call.incident
    words = incident.details or incident.summary
    return call.say("call_reported", since=call.time(incident.opened_at)), call.say("call_said", details=words), *short_menu(call)


def wrong_key(call: Call, key: str) -> tuple[Say, ...]:
    """Says so and asks again."""
    no = call.say("call_not_key", key=key) if len(key) == 1 and key in "0123456789" else call.say("call_no_such_key")
    return no, *short_menu(call, named=True)


def taken_by_other(call: Call) -> tuple[Part, ...]:
    """Who has it, and since when."""
    holder, since = call.name(call.incident.held_by), call.time(call.incident.held_since)
    return (call.say("call_taken", holder=holder, since=since), *good_night(call))


def goodbye(call: Call) -> tuple[Part, ...]:
    """The end of a call."""
    return call.say("call_goodbye"), HangUp()


def good_night(call: Call) -> tuple[Part, ...]:
    """The end of a call for somebody who may sleep."""
    return call.say("call_good_night"), HangUp()


# Without an incident


def unknown(handbook: Handbook) -> Script:
    """A call that we did not place, or about nothing we know."""
    words = (said(handbook.texts, "en", about, {"company": handbook.company}) for about in ("call_unknown", "call_goodbye"))
    return Script(language=LANGUAGES["en"], parts=(*(Say(text=one) for one in words), HangUp()))


def trouble(handbook: Handbook, before: int) -> Script:
    """The store does not answer: a moment, at most MOST_TROUBLE times, then another way to take it. `before`: the moments so far."""

    def say(about: str) -> Say:
        return Say(text=said(handbook.texts, "en", about, {}))

    if before >= MOST_TROUBLE:
        return Script(language=LANGUAGES["en"], parts=(say("call_trouble"), say("call_goodbye"), HangUp()))
    return Script(language=LANGUAGES["en"], parts=(say("call_moment"), Pause(seconds=TROUBLE_PAUSE_S), TryAgain(trouble=before + 1)))
