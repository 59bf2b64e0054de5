"""A text came in: who sent it, what they hold, what it means, what follows; all in one unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from oncall.core.asks import Ask
from oncall.core.messages import ACTS, Contact, Heard, HumanAct, Incident, MarkedUrgent, Noted, Reopened, Reported, Status
from oncall.core.model import AfterHours, Handbook
from oncall.core.replies import WRONG_CODES_ALLOWED, WRONG_CODES_SPAN, Act, AskedCode, HeldCode, Meaning, case_named, understand, understand_customer
from oncall.engine.alarms import admins, trouble
from oncall.engine.answering import answered, wished
from oncall.engine.desk import Desk, decide_and_save, verdict_on
from oncall.engine.rating import of_survey
from oncall.engine.understood import Understood, answer
from oncall.store import asks, codes, incidents, outbox, ways, wrong_codes

REOPEN_WITHIN = timedelta(days=7)
"""How long after its close a customer's text still belongs to a case."""
SUMMARY_LIMIT = 300
"""Characters of a customer's first text that make the summary."""


def hear(conn: Connection, desk: Desk, heard: Heard, *, one_line: bool) -> Understood:
    """What follows from `heard`. `one_line`: staff and customers text the same number, so the sender tells which it is."""
    who = responder_of(conn, desk, heard)
    if heard.line == "customers" and not one_line:
        return from_customer(conn, desk, heard)
    if who:
        return from_responder(conn, desk, heard, who)
    return from_customer(conn, desk, heard) if one_line else from_stranger(conn, desk, heard)


def responder_of(conn: Connection, desk: Desk, heard: Heard) -> str:
    """The person whose number the text came from, or the bare number of a last resort; '' for everybody else."""
    if heard.sender in desk.handbook.owner_of_phone:
        return desk.handbook.owner_of_phone[heard.sender]
    if any(entry.phone == heard.sender for entry in desk.handbook.last_resort) or codes.bound_to(conn, heard.sender, heard.at):
        return heard.sender
    return ""


def from_responder(conn: Connection, desk: Desk, heard: Heard, who: str) -> Understood:
    """A responder's reply: acts on what its code names, or is answered with what was not understood."""
    bound = codes.bound_to(conn, who, heard.at)
    pages = {one.code: incidents.load(conn, one.incident) for one in bound if one.incident}
    held = {code: incident for code, incident in pages.items() if incident is not None}
    asked = tuple(question for question in (asks.load(conn, one.ask) for one in bound if one.ask) if question is not None)
    wrong = wrong_codes.count(conn, heard.sender, heard.at - WRONG_CODES_SPAN)
    known = tuple(HeldCode(code=code, incident=one.id, waits=waits_for(one, who)) for code, one in held.items())
    questions = tuple(AskedCode(code=one.code, ask=one.id, waits=one.waits(heard.at)) for one in asked)
    meaning = understand(heard.text, known, wrong, questions, tuple(desk.handbook.severities))
    if meaning.acts:
        return act(conn, desk, heard, who, meaning.acts)
    if meaning.ask:
        return answered(conn, desk, heard, who, meaning)
    if meaning.wish:
        return wished(conn, desk, heard, who, meaning)
    if meaning.opted_out or meaning.opted_in:
        return opt(conn, desk, heard, who, meaning)
    if meaning.wrong_code:
        note_wrong_code(conn, desk, heard, who, wrong)
    if meaning.asks_about:
        answer(conn, desk, heard, who, "details", asked_values(held, meaning.asks_about))
    elif meaning.answer == "which_code":
        answer(conn, desk, heard, who, "which_code", {"list": ", ".join((*open_pages(held, who), *open_questions(asked, heard.at)))})
    elif meaning.answer:
        answer(conn, desk, heard, who, meaning.answer, open_values(held, who, meaning))
    return Understood(action=meaning.answer or ("details" if meaning.asks_about else "ignored"), because=f"{who} wrote what no page asked for")


def waits_for(incident: Incident, who: str) -> bool:
    """Whether the incident waits for a word of `who`: a page they have not passed on, or an open question to the holder."""
    page = incident.page_of(who)
    if incident.held_by == who:
        return incident.asked_at is not None
    return incident.calling and page is not None and bool(page.tries) and page.passed_at is None


def act(conn: Connection, desk: Desk, heard: Heard, who: str, acts: tuple[Act, ...]) -> Understood:
    """Decides each act on the incident as it is now."""
    decided = []
    for one in acts:
        incident = incidents.load(conn, one.incident)
        if incident is not None:
            decided.append(decide_and_save(conn, desk, incident, fact_of(one, heard, who)))
    return Understood(action=acts[0].verb, decided=tuple(decided), because="; ".join(each.decision.because for each in decided))


def fact_of(one: Act, heard: Heard, who: str) -> HumanAct:
    """The fact that a reply's act is."""
    needs: dict[str, dict[str, object]] = {"snooze": {"minutes": one.minutes}, "update": {"text": one.text}, "reclassify": {"severity": one.severity}}
    more = needs.get(one.verb, {})
    return ACTS[one.verb](at=heard.at, incident=one.incident, by=who, how=heard.way, **more)


def opt(conn: Connection, desk: Desk, heard: Heard, who: str, meaning: Meaning) -> Understood:
    """STOP and START: the carrier acts on them by itself, so we must know that this person can or cannot be texted."""
    if meaning.opted_in:
        ways.mend(conn, who, heard.way, heard.sender)
        return Understood(action="opted in", because=f"{who} can be texted again")
    ways.break_way(conn, who, heard.way, heard.sender, "opted out", heard.at)
    values = {"by": name(desk.handbook, who), "phone": masked(heard.sender), "text": "STOP"}
    outbox.put(conn, trouble(desk.handbook, "opted_out", heard.reference, values, admins(desk.handbook, desk.ways, heard.at), heard.at))
    return Understood(action="opted out", because=f"{who} stopped texts to themselves; the admins are told")


def note_wrong_code(conn: Connection, desk: Desk, heard: Heard, who: str, before: int) -> None:
    """Counts a wrong code; with the one that locks the number's answers the admins are told."""
    wrong_codes.note(conn, heard.sender, heard.at)
    if before + 1 == WRONG_CODES_ALLOWED:
        values = {"by": name(desk.handbook, who), "phone": masked(heard.sender)}
        outbox.put(conn, trouble(desk.handbook, "locked", heard.reference, values, admins(desk.handbook, desk.ways, heard.at), heard.at))


def asked_values(held: dict[str, Incident], asked: str) -> dict[str, str]:
    """What the text 'details' names."""
    code, incident = next((code, one) for code, one in held.items() if one.id == asked)
    return {
        "code": code,
        "customer": incident.label,
        "details": incident.details or incident.summary,
        "caller": incident.contact.caller,
    }


def open_values(held: dict[str, Incident], who: str, meaning: Meaning) -> dict[str, str]:
    """What the answers to a wrong or an ambiguous reply name: the one open page, or the list of them."""
    waiting = [(code, one) for code, one in held.items() if waits_for(one, who)]
    values = {"text": meaning.wrong_code, "count": str(len(waiting)), "nothing": "" if waiting else "You have no open page."}
    if len(waiting) == 1:
        code, incident = waiting[0]
        values |= {"code": code, "severity": incident.severity.upper(), "customer": incident.label}
    elif waiting:
        values["list"] = ", ".join(open_pages(held, who))
    return values


def open_pages(held: dict[str, Incident], who: str) -> Iterator[str]:
    """The pages that wait for `who`, each with its code."""
    yield from (f"{code} for {one.severity.upper()} {one.label}" for code, one in held.items() if waits_for(one, who))


def open_questions(asked: tuple[Ask, ...], now: datetime) -> Iterator[str]:
    """The questions that stand unanswered, each with its code."""
    yield from (f"{one.code} for {one.span.rotation or 'last night'}" for one in asked if one.waits(now))


def from_stranger(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """An unknown number on the staff line: kept, shown to the admins, not answered (decisions.md 35)."""
    values = {"phone": masked(heard.sender), "summary": heard.text}
    outbox.put(conn, trouble(desk.handbook, "stranger", heard.reference, values, admins(desk.handbook, desk.ways, heard.at), heard.at))
    return Understood(action="stranger", because="an unknown number on the staff line; kept and shown to the admins")


def from_customer(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """A customer's text: URGENT and REOPEN act on their case, a rating on a survey, other words join an open case or open a new one."""
    word = understand_customer(heard.text)
    if word == "opted out":
        ways.break_way(conn, "customer", heard.way, heard.sender, "opted out", heard.at)
        return Understood(action=word, because="the customer stopped texts to themselves")
    if word == "opted in":
        ways.mend(conn, "customer", heard.way, heard.sender)
        return Understood(action=word, because="the customer can be texted again")
    cases = named(conn, heard) or incidents.of_contact(conn, Contact(phone=heard.sender), "", closed_since=heard.at - REOPEN_WITHIN)
    if (about_survey := of_survey(conn, desk, heard, word, cases)) is not None:
        return about_survey
    decided = decide_and_save(conn, desk, *case_and_fact(conn, desk, heard, word, cases))
    return Understood(action=decided.decision.result, decided=(decided,), because=decided.decision.because)


def named(conn: Connection, heard: Heard) -> list[Incident]:
    """The case that an URGENT or a REOPEN names, whoever sent it: who gave us only a mail address has no number that we know.

    A stranger who guesses one can wake us by it, as by any text, and learns nothing.
    """
    reference = case_named(heard.text)
    found = incidents.with_case(conn, reference) if reference else None
    old = found is not None and found.resolved_at is not None and found.resolved_at < heard.at - REOPEN_WITHIN
    # Of one that was forgotten nobody knows anything any more, so these words are an emergency of their own.
    return [] if found is None or old or found.forgotten_at is not None else [found]


def case_and_fact(
    conn: Connection, desk: Desk, heard: Heard, word: str, cases: list[Incident]
) -> tuple[Incident | None, MarkedUrgent | Reopened | Noted | Reported]:
    """Which case the text is about (None: a new one) and the fact it makes."""
    alive = [one for one in cases if one.status is not Status.RESOLVED]
    closed = [one for one in cases if one.status is Status.RESOLVED]
    if word == "urgent" and alive:
        waiting = [one for one in alive if one.status in {Status.WAITING, Status.DECLINED}]
        case = (waiting or alive)[0]
        return case, MarkedUrgent(at=heard.at, incident=case.id)
    if closed and (word == "reopen" or (word == "urgent" and case_named(heard.text))):
        return closed[0], Reopened(at=heard.at, incident=closed[0].id, by="customer", how=heard.way)
    report = report_of(heard)
    handled = [one for one in alive if one.status is not Status.DECLINED and not (one.status is Status.WAITING and is_worse(desk, report, one))]
    if handled:
        return handled[0], Noted(at=heard.at, incident=handled[0].id, by="customer", how=heard.way, text=heard.text)
    return None, replace(report, incident=str(incidents.next_number(conn)))


def report_of(heard: Heard) -> Reported:
    """A customer's text as the report of an emergency that has no number yet."""
    return Reported(
        at=heard.at,
        seed=heard.seed,
        source="sms",
        channel="sms",
        summary=" ".join(heard.text.split())[:SUMMARY_LIMIT] or "(a text without words)",
        details=heard.text,
        contact=Contact(phone=heard.sender),
    )


def is_worse(desk: Desk, report: Reported, waiting: Incident) -> bool:
    """Whether a text names something that wakes people, and is no mere word about a case that can wait."""
    known = desk.handbook.severities.get(waiting.severity)
    verdict = verdict_on(desk, report)
    return verdict is None or (known is not None and verdict.after_hours is AfterHours.PAGE and verdict.rank < known.rank)


def name(handbook: Handbook, who: str) -> str:
    """A person's name, or the end of a bare number."""
    person = handbook.people.get(who)
    return person.name if person else masked(who)


def masked(number: str) -> str:
    """The last four digits of a number: enough to recognise, too little to call."""
    return f"...{number[-4:]}"
