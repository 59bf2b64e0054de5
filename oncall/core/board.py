"""What Slack shows of an incident: its state in a shape and a word, who is paged, the buttons that work now; and the thread's lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from oncall.core.asks import order_key
from oncall.core.calling import Call, later_people, ringing
from oncall.core.messages import Incident, LogEntry, Page, Status
from oncall.core.model import Handbook
from oncall.core.wording import clock_text

Block = dict[str, object]

LONGEST_HEADER, LONGEST_TEXT, LONGEST_FIELD, LONGEST_LABEL = 150, 3000, 2000, 75
"""Slack refuses more characters (telephony.md 5)."""


MOST_PEOPLE = 10
"""People that a field names one by one: at most 165 characters each, so that they stay under Slack's limit of a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button: the verb of messages.ACTS that it stands for, its words, and a question before it acts ('' for none)."""

    verb: str
    words: str
    primary: bool = False
    question: str = ""
    minutes: int = 0


BUTTONS: Mapping[str, Button] = {
    "oncall_take": Button(verb="acknowledge", words="Take it", primary=True),
    "oncall_still": Button(verb="acknowledge", words="Still on it", primary=True),
    "oncall_pass": Button(verb="pass", words="Pass"),
    "oncall_reached": Button(verb="contacted", words="Customer reached"),
    "oncall_help": Button(verb="escalate", words="I need help"),
    "oncall_next": Button(verb="escalate", words="Call the next now", question="This wakes whoever is next."),
    "oncall_snooze": Button(verb="snooze", words="Remind me in 30 min", minutes=30),
    "oncall_resolve": Button(verb="resolve", words="Resolve", question="This closes the case; if we have a way to the customer, they are told so."),
    "oncall_reopen": Button(verb="reopen", words="Reopen", question="This pages the first step again."),
}
"""Every button by its action id."""

PAGE_BUTTONS = ("oncall_take", "oncall_pass")
HELD_BUTTONS = ("oncall_still", "oncall_reached", "oncall_pass", "oncall_help", "oncall_resolve")
BUTTONS_ABOUT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("page", "page_backup", "page_repeat", "page_last_resort", "page_lapsed", "page_help"), PAGE_BUTTONS),
    **dict.fromkeys(("yours", "already_yours"), HELD_BUTTONS[1:]),
    **dict.fromkeys(("still_on_it", "snooze_over"), HELD_BUTTONS),
    **dict.fromkeys(("reached", "reached_late"), ("oncall_reached", "oncall_help")),
    "contacted": ("oncall_resolve",),
}
"""The buttons under a direct message, by the text it carries."""


ASK_BUTTONS: Mapping[str, Button] = {
    "oncall_ask_take": Button(verb="yes", words="I take it", primary=True),
    "oncall_ask_swap": Button(verb="yes", words="I swap", primary=True),
    "oncall_ask_no": Button(verb="no", words="No"),
    "oncall_ask_have": Button(verb="yes", words="I have it", primary=True),
    "oncall_ask_cover": Button(verb="cover", words="Ask for cover", question="Everybody in the rotation who could is asked now."),
    "oncall_wake_yes": Button(verb="yes", words="Yes", primary=True),
    "oncall_wake_wait": Button(verb="could wait", words="Could wait"),
    "oncall_wake_job": Button(verb="not our job", words="Not our job"),
    "oncall_wake_twice": Button(verb="duplicate", words="Duplicate"),
    "oncall_wake_info": Button(verb="too little info", words="Too little info"),
}
"""The buttons that answer a question outside incidents, by their action id; the verb is the answer."""
ASK_BUTTONS_ABOUT: Mapping[str, tuple[str, ...]] = {
    "ask_cover": ("oncall_ask_take", "oncall_ask_no"),
    "ask_swap": ("oncall_ask_swap", "oncall_ask_no"),
    "gap_ahead": ("oncall_ask_take", "oncall_ask_no"),
    "duty_tomorrow": ("oncall_ask_have", "oncall_ask_cover"),
    "duty_begins": ("oncall_ask_have",),
    "right_to_wake": ("oncall_wake_yes", "oncall_wake_wait", "oncall_wake_job", "oncall_wake_twice", "oncall_wake_info"),
}


def escaped(words: str, longest: int) -> str:
    """`words` for Slack: nothing in them can mention, link or format; cut to `longest` characters without cutting an escape in two."""
    out: list[str] = []
    length = 0
    for char in words:
        safe = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        if length + len(safe) > longest - 1:
            return "".join(out) + "…"
        out.append(safe)
        length += len(safe)
    return "".join(out)


def marked(words: str) -> Block:
    """Escaped words with formatting of our own; 'verbatim' keeps Slack from making links of the addresses in them."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}


def plain(words: str, longest: int) -> str:
    """`words` for a header or a label, where Slack formats nothing; never empty."""
    kept = " ".join(words.split())
    return (kept if len(kept) <= longest else kept[: longest - 1] + "…") or "-"


def buttons(actions: Iterable[str], incident: str, turn: int) -> list[Block]:
    """The buttons with the state's version: `turn` says which state of the incident its reader saw."""
    value = json.dumps({"i": incident, "v": turn}, separators=(",", ":"))
    return [button(action, BUTTONS[action], f"incident {incident}", value) for action in actions]


def ask_buttons(about: str, ask: int) -> list[Block]:
    """The buttons under a question."""
    value = json.dumps({"i": order_key(ask), "v": 0}, separators=(",", ":"))
    return [button(action, ASK_BUTTONS[action], f"question {ask}", value) for action in ASK_BUTTONS_ABOUT.get(about, ())]


def button(action: str, one: Button, subject: str, value: str) -> Block:
    """One button; `subject` is what a screen reader says it is about."""
    block: Block = {
        "type": "button",
        "action_id": action,
        "value": value,
        "text": {"type": "plain_text", "text": one.words},
        "accessibility_label": f"{one.words}, {subject}"[:LONGEST_LABEL],
    }
    if one.primary:
        block["style"] = "primary"
    if one.question:
        block["confirm"] = {
            "title": {"type": "plain_text", "text": f"{one.words}?"},
            "text": {"type": "plain_text", "text": one.question},
            "confirm": {"type": "plain_text", "text": one.words},
            "deny": {"type": "plain_text", "text": "Not now"},
        }
    return block


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
    actions = buttons_now(incident)
    if actions:
        blocks.append({"type": "actions", "block_id": "oncall_actions", "elements": buttons(actions, incident.id, incident.turn)})
    context = f"Case {incident.case} · incident {incident.id} · {escaped(incident.because, 800)}"
    blocks.append({"type": "context", "elements": [marked(context)]})
    return Board(text=escaped(sentence, LONGEST_TEXT), blocks=tuple(blocks))


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
    found.append(("Reported by", escaped(f"{caller or incident.source}, {incident.channel}, {clock(call, incident.opened_at)}", 400)))
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
