"""Reads the document that says what a call does: Say, Pause, Gather, Redirect, Hangup; everything else is an error, as it would be heard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, fromstring

MOST_VERBS = 200
LONGEST_SAY = 4096
"""Twilio's limit of one Say."""
LOOPS = 10
"""What is to be heard for ever (loop="0") is heard this often."""
LONGEST_WAIT_S = 600
KEYS = frozenset("0123456789*#")
NESTED = {"Say", "Pause"}


class BadDocument(Exception):
    """Twilio would say "an application error has occurred" and hang up; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speaks `words`, `times` times."""

    words: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Silence."""

    seconds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Waits for keys while and after it speaks.

    `digits`: how many make an answer, 0 for as many as come; `finish_on`: the key that ends it, '' for none.
    """

    inside: tuple[Say | Pause, ...] = ()
    digits: int = 0
    timeout_s: int = 5
    finish_on: str = "#"
    action: str = ""
    method: str = "POST"
    on_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Goes on with another document."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """Ends the call."""


Verb = Say | Pause | Gather | Redirect | Hangup


def document(text: bytes | str) -> tuple[Verb, ...]:
    """The verbs of a document in order. BadDocument: Twilio would not play it either."""
    try:
        words = text if isinstance(text, str) else text.decode("utf-8")
        # Entities that are made of entities need a DOCTYPE; Twilio's documents have none.
        if "<!DOCTYPE" in words:
            raise BadDocument("the document has a DOCTYPE")
        root = fromstring(words)  # noqa: S314 -- at most 64 KiB and without a DOCTYPE
    except (ParseError, ValueError) as error:
        raise BadDocument(f"the document is no XML ({error})") from error
    if root.tag != "Response":
        raise BadDocument(f"the document is <{root.tag}> and not <Response>")
    if len(root) > MOST_VERBS:
        raise BadDocument(f"the document has more than {MOST_VERBS} verbs")
    return tuple(verb(each) for each in root)


def verb(element: Element) -> Verb:
    """One verb."""
    if element.tag in NESTED:
        return spoken(element)
    if element.tag == "Gather":
        return gather(element)
    if element.tag == "Redirect":
        return Redirect(url=(element.text or "").strip(), method=method(element))
    if element.tag == "Hangup":
        return Hangup()
    raise BadDocument(f"the sandbox does not play <{element.tag}>")


def spoken(element: Element) -> Say | Pause:
    """A Say with all the words inside its marks, or a Pause."""
    if element.tag == "Pause":
        return Pause(seconds=number(element, "length", 1, LONGEST_WAIT_S))
    words = re.sub(r"\s+", " ", "".join(element.itertext())).strip()
    if len(words) > LONGEST_SAY:
        raise BadDocument(f"a <Say> has {len(words)} characters, {LONGEST_SAY} at most")
    return Say(words=words, times=number(element, "loop", 1, 1000) or LOOPS)


def gather(element: Element) -> Gather:
    """A Gather with what is spoken inside."""
    wrong = next((each.tag for each in element if each.tag not in NESTED), None)
    if wrong is not None:
        raise BadDocument(f"the sandbox does not play <{wrong}> inside <Gather>")
    if "dtmf" not in element.get("input", "dtmf").split():
        raise BadDocument("the sandbox hears keys and no speech: input must have dtmf")
    finish = element.get("finishOnKey", "#")
    if len(finish) > 1 or not set(finish) <= KEYS:
        raise BadDocument(f"finishOnKey is {finish!r} and no key")
    return Gather(
        inside=tuple(spoken(each) for each in element),
        digits=number(element, "numDigits", 0, 100),
        timeout_s=number(element, "timeout", 5, LONGEST_WAIT_S),
        finish_on=finish,
        action=element.get("action", ""),
        method=method(element),
        on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
    )


def number(element: Element, name: str, default: int, most: int) -> int:
    """A whole number of an attribute."""
    given = element.get(name, str(default))
    if not (given.isascii() and given.isdigit() and int(given[:9]) <= most):
        raise BadDocument(f"{name} of <{element.tag}> is {given!r}, not a number up to {most}")
    return int(given)


def method(element: Element) -> str:
    """POST or GET."""
    given = element.get("method", "POST").upper()
    if given not in {"POST", "GET"}:
        raise BadDocument(f"method of <{element.tag}> is {given!r}, neither POST nor GET")
    return given
