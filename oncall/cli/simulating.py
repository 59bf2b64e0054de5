"""The command simulate: what would happen to an emergency at a time, from the files alone, with people and providers as assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from oncall.cli.output import Code, Failed, out
from oncall.cli.planning import handbook, now
from oncall.cli.timelines import show, show_sweep
from oncall.cli.times import read_time
from oncall.core.messages import Contact, Reported
from oncall.core.model import CHANNELS_OF_REPORT, Handbook

if TYPE_CHECKING:
    from oncall.core.simulate import Behaviour, Fault

LONGEST = timedelta(days=400)
CALLER = Contact(name="the customer", phone="+15125550100")
"""Somebody to call back: without them nothing would be promised."""
ASSUMED = re.compile(r"never|off|passes|after (.+)")
PERSON_FORMS = 'write e.g. --person ana=never, ana=off, ana=passes or --person "ana=after 90s"'

OF_PERSON = "What somebody does: never, off (texts and calls fail), passes, or 'after 90s'; again for others."
OF_FAULT = "What a provider does: refuses, hangs, 'delivers nothing' or 'is slow'; sms, voice or slack; again for others."


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(simulate)


def simulate(
    at: Annotated[str, typer.Option("--at", metavar="TIME", help='When it is reported, by default now: "Sat 02:30" or 2026-11-28T02:30:00Z.')] = "",
    severity: Annotated[str, typer.Option("--severity", help="As the reporter says it; by default what triage makes of the summary.")] = "",
    service: Annotated[str, typer.Option("--service", help="What it is about.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="Who reports it.")] = "",
    channel: Annotated[str, typer.Option("--channel", help=f"How: {', '.join(CHANNELS_OF_REPORT)}.")] = "phone",
    summary: Annotated[str, typer.Option("--summary", help="What is reported; triage reads it.")] = "",
    person: Annotated[list[str] | None, typer.Option("--person", metavar="WHO=WHAT", help=OF_PERSON)] = None,
    fault: Annotated[list[str] | None, typer.Option("--fault", metavar="WAY=WHAT", help=OF_FAULT)] = None,
    span: Annotated[str, typer.Option("--sweep", metavar="SPAN", help="At every time from then on at which the answer can change, e.g. 30d.")] = "",
) -> int:
    """What would happen: who is paged when, and whether the customer is contacted in time. Exit 0: kept, 1: missed or nobody, 2: wrong usage."""
    from oncall.core.simulate import Assumptions, sweep
    from oncall.core.simulate import simulate as played

    book = handbook(everything=True)
    one_of("severity", severity, book.severities)
    one_of("service", service, book.services)
    one_of("channel", channel, dict.fromkeys(CHANNELS_OF_REPORT))
    if customer.casefold() not in book.customer_of:
        one_of("customer", customer, book.customers)
    when = read_time(at, book.timezone, now()) if at else now().replace(microsecond=0)
    report = Reported(
        at=when, seed="", source="simulate", channel=channel, summary=summary, service=service, severity=severity, customer=customer, contact=CALLER
    )
    assumed = Assumptions(people=people_assumed(book, person or []), faults=faults_assumed(fault or []))
    end = when + length_of("sweep", span) if span else None
    if end == when:
        raise Failed(Code.USAGE, "span", f"--sweep: '{span}' is no time at all", "write e.g. 30d; for one moment leave --sweep out")
    out.say("note: this is what the files say, without changes taken tonight; nothing is sent")
    if end is not None:
        return show_sweep(book, report, assumed, end, list(sweep(book, report, assumed, end)))
    return show(book, report, assumed, played(book, report, assumed))


def one_of(what: str, given: str, known: Mapping[str, object]) -> None:
    """Failed if a name is given and there is nothing of it."""
    if given and given not in known:
        near = get_close_matches(given, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
        raise Failed(Code.USAGE, f"unknown_{what}", f"--{what}: there is no {what} '{given}'", hint)


def people_assumed(book: Handbook, given: list[str]) -> dict[str, Behaviour]:
    """What people are assumed to do."""
    from oncall.core.simulate import Answer, Behaviour

    answers = {"never": Answer.NEVER, "off": Answer.OFF, "passes": Answer.PASSES}
    found = {}
    numbers = {entry.phone: None for entry in book.last_resort if entry.phone}
    for text in given:
        who, _, what = text.partition("=")
        one_of("person", who, {**book.people, **numbers})
        match = ASSUMED.fullmatch(what.strip())
        if not who or match is None:
            raise Failed(Code.USAGE, "person", f"--person: '{text}' does not say what somebody does", PERSON_FORMS)
        found[who] = Behaviour(after=length_of("person", match[1])) if match[1] else Behaviour(answer=answers[match[0]])
    return found


def faults_assumed(given: list[str]) -> dict[str, Fault]:
    """What providers are assumed to do."""
    from oncall.core.simulate import Fault

    found = {}
    for text in given:
        way, _, what = text.partition("=")
        if way not in {"sms", "voice", "slack"} or what not in set(Fault):
            hint = f"write sms, voice or slack, and one of: {', '.join(Fault)}; e.g. --fault sms=hangs"
            raise Failed(Code.USAGE, "fault", f"--fault: '{text}' does not say what a provider does", hint)
        found[way] = Fault(what)
    return found


def length_of(option: str, text: str) -> timedelta:
    """A duration as the files write it, at most LONGEST. Failed if it is none."""
    from oncall.handbook.values import DURATION, UNITS

    match = DURATION.fullmatch(text.strip())
    span = int(match[1]) * UNITS[match[2]] if match else None
    if span is None or span > LONGEST:
        raise Failed(Code.USAGE, "span", f"--{option}: '{text}' is no length of time up to {LONGEST.days}d", "write e.g. 90s, 15m, 4h or 30d")
    return span
