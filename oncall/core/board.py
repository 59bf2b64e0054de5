"""What Slack shows of an incident: its state in a shape and a word, who is paged, the buttons that work now; and the thread's lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from oncall.core.buttons import LONGEST_FIELD, LONGEST_HEADER, LONGEST_TEXT, PAGE_BUTTONS, Block, buttons, escaped, marked, plain, severity_menu
from oncall.core.calling import Call, later_people, ringing
from oncall.core.messages import FINAL, Incident, LogEntry, Page, Status
from oncall.core.model import Handbook
from oncall.core.wording import clock_text

MOST_PEOPLE = 10
"""People that a field names one by one: at most 165 characters each, so that they stay under Slack's limit of a field."""


LONGEST_EXCERPT = 800
"""Characters of a guideline that the message shows: what fits a telephone's screen; the whole of it is printed by `oncall show`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The message of an incident: its whole sentence for notifications and screen readers, and its blocks."""

    text: str
    blocks: tuple[Block, ...]


def board(incident: Incident, handbook: Handbook, at: datetime) -> Board:
    """The message of an incident as it stands at `at`."""
    call = Call(incident=incident, who="", opening="", handbook=handbook, at=at)
    shape, state = state_of(call)
    severity, label = incident.severity.upper(), incident.label
    sentence = f"{severity} {label}: {incident.summary}. {state[:1].upper()}{state[1:].lower() if state.isupper() else state[1:]}."
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": plain(f"{shape} {severity} · {state} · {label}", LONGEST_HEADER), "emoji": True}},
        {"type": "section", "text": marked(f"*{escaped(one_line(incident.summary), 500)}*{quoted(incident)}")},
        {"type": "section", "fields": [marked(f"*{name}*\n{words}") for name, words in fields(call)]},
    ]
    if incident.status not in FINAL:
        blocks += guidance(incident, handbook)
    elements = buttons(buttons_now(incident), incident.id, incident.turn)
    if incident.status is not Status.RESOLVED:
        elements += severity_menu(handbook.severities, incident.severity, incident.id, incident.turn)
    blocks.append({"type": "actions", "block_id": "oncall_actions", "elements": elements})
    context = f"Case {incident.case} · incident {incident.id} · {escaped(incident.because, 800)}"
    blocks.append({"type": "context", "elements": [marked(context)]})
    return Board(text=escaped(sentence, LONGEST_TEXT), blocks=tuple(blocks))


def guidance(incident: Incident, handbook: Handbook) -> list[Block]:
    """How the service's emergencies are handled, the beginning quoted, and what may be decided alone; what nobody wrote down is left out."""
    service = handbook.services.get(incident.service)
    found: list[Block] = []
    if service is not None and service.guideline is not None:
        lines = escaped(service.guideline.excerpt(LONGEST_EXCERPT), LONGEST_TEXT - 500).splitlines()
        found.append({"type": "section", "text": marked(f"*Guideline: {escaped(service.name, 100)}*" + "".join(f"\n> {line}" for line in lines))})
    may = [(who, words) for who, words in (("You", handbook.authority.responder), ("A manager", handbook.authority.manager)) if words]
    if may:
        text = "\n".join(f"*{who} may decide*" + "".join(f"\n• {escaped(one, 250)}" for one in words) for who, words in may)
        found.append({"type": "section", "text": marked(text[:LONGEST_TEXT])})
    return found


def state_of(call: Call) -> tuple[str, str]:
    """The state as a shape and in words; never a colour alone (interfaces.md 3.2)."""
    incident = call.incident
    holder, since = call.name(incident.held_by), clock(call, incident.held_since)
    missed = incident.promise is not None and incident.promise.missed_at is not None and incident.promise.pending
    match incident.status:
        case Status.RESOLVED:
            return "🟩", f"RESOLVED {clock(call, incident.resolved_at)}"
        case Status.DECLINED:
            return "⬜", "NOT HANDLED AFTER HOURS"
        case Status.WAITING:
            return "⬜", f"WAITS until {clock(call, incident.clocks.get('opening'))}"
        case Status.SNOOZED:
            return "⬜", f"SNOOZED until {clock(call, incident.clocks.get('snooze'))} by {holder}"
        case Status.ACKNOWLEDGED:
            return "🟦", f"TAKEN by {holder} {since}" + (" · LATE" if missed else "")
    return ("🟪", "LATE, nobody has it") if missed else ("🟥", "NOT TAKEN")


def one_line(words: str) -> str:
    """Words of one line, without the stars that Slack would take for bold."""
    return " ".join(words.replace("*", "").split()) or "-"


def quoted(incident: Incident) -> str:
    """What was said beside the summary, as a quote."""
    if not incident.details or incident.details == incident.summary:
        return ""
    lines = escaped(incident.details, 1500).splitlines()
    return "".join(f"\n> {line}" for line in lines[:12] if line.strip())[: LONGEST_TEXT - 600]


def fields(call: Call) -> list[tuple[str, str]]:
    """What somebody wants to know at a glance, as (name, words)."""
    incident = call.incident
    found = [("Customer due a call by", due(call))] if incident.promise is not None else []
    if incident.calling:
        found.append(("Paging now", escaped_names(call, ringing(incident))))
        following = later_people(call)
        step = incident.clocks.get("step")
        found.append(("Next if no answer", f"{escaped(call.names(following) or 'the last step again', 200)} at {clock(call, step)}"))
    contact = incident.contact
    caller = ", ".join(part for part in (contact.name, contact.phone, contact.email) if part)
    known = call.handbook.customers.get(incident.customer_id)
    tier = f" · {known.tier}" if known is not None and known.tier else ""
    found.append(("Reported by", escaped(f"{caller or incident.source}, {incident.channel}, {clock(call, incident.opened_at)}{tier}", 400)))
    if incident.reports > 1:
        found.append(("Reported", f"{incident.reports} times"))
    return [(name, words[:LONGEST_FIELD]) for name, words in found]


def due(call: Call) -> str:
    """The promise as it stands."""
    promise = call.incident.promise
    assert promise is not None
    if promise.contacted_at is not None:
        return f"reached at {clock(call, promise.contacted_at)}"
    # No "in 11 min": the message is edited only when something happens, and would go on saying it.
    missed = " (the first time was missed)" if promise.missed_at is not None else ""
    return f"*{clock(call, promise.contact_by)}*{missed}"


def escaped_names(call: Call, people: tuple[str, ...]) -> str:
    """Who is paged, each with what became of the ways; only they are mentioned, and only while they are paged."""
    lines = [paged(call, page) for page in (call.incident.page_of(who) for who in people) if page is not None]
    return "\n".join([*lines[:MOST_PEOPLE], *([f"and {len(lines) - MOST_PEOPLE} more"] if len(lines) > MOST_PEOPLE else [])]) or "nobody"


def paged(call: Call, page: Page) -> str:
    """One person who is paged."""
    person = call.handbook.people.get(page.person)
    member = person.slack if person is not None and person.slack and "@" not in person.slack else ""
    ways = ", ".join(f"{one.way} {one.state.value}" for one in page.tries)
    return f"{f'<@{escaped(member, 40)}>' if member else escaped(call.name(page.person), 60)} · {ways[:100]}"


def buttons_now(incident: Incident) -> tuple[str, ...]:
    """The buttons that do something in this state."""
    if incident.status in {Status.RESOLVED, Status.DECLINED, Status.WAITING}:
        return ("oncall_reopen",)
    if incident.held_by:
        reached = incident.promise is not None and incident.promise.contacted_at is not None
        # While the holder waits for help, to take it is to join.
        return (
            *(("oncall_take",) if incident.calling else ()),
            *(() if reached else ("oncall_reached",)),
            *("oncall_help", "oncall_resolve", "oncall_pass", "oncall_snooze"),
        )
    return (*PAGE_BUTTONS, "oncall_next")


def clock(call: Call, at: datetime | None) -> str:
    """A time of day of the company."""
    return "-" if at is None else clock_text(at, call.handbook.timezone, call.at)


def thread(entries: Iterable[LogEntry], handbook: Handbook, at: datetime) -> str:
    """New lines of an incident's timeline as one reply, the oldest first; '' for none. Nobody is mentioned."""
    happened = [(clock_text(entry.fact.at, handbook.timezone, at), " ".join(entry.decision.because.split())) for entry in entries]
    lines = [f"`{when}` {escaped(because, 400)}" for when, because in happened]
    whole = "\n".join(lines)
    if len(whole) <= LONGEST_TEXT:
        return whole
    return whole[: LONGEST_TEXT - 60].rsplit("\n", 1)[0] + f"\n… {len(lines)} lines in all, see `oncall explain`"


def present(incident: Incident, handbook: Handbook, at: datetime) -> str:
    """The truth about an incident in one sentence, for somebody whose button was old."""
    call = Call(incident=incident, who="", opening="", handbook=handbook, at=at)
    match incident.status:
        case Status.RESOLVED:
            return f"{incident.label} was closed by {call.name(incident.resolved_by)} at {clock(call, incident.resolved_at)}. Nothing was done."
        case Status.ACKNOWLEDGED | Status.SNOOZED:
            return f"{call.name(incident.held_by)} took {incident.label} at {clock(call, incident.held_since)}. Nothing was done."
        case Status.OPEN:
            return f"{incident.label} is not taken now; {call.names(ringing(incident)) or 'nobody'} is being called. Nothing was done."
    return f"{incident.label} is {incident.status.value} now. Nothing was done."
