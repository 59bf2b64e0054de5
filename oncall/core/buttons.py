"""What can be pressed in Slack, and what may be written there: buttons, the menu of severities, and words that cannot format or mention."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oncall.core.asks import order_key

Block = dict[str, object]

LONGEST_HEADER, LONGEST_TEXT, LONGEST_FIELD, LONGEST_LABEL = 150, 3000, 2000, 75
"""Slack refuses more characters (telephony.md 5)."""


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
SEVERITY_ABOUT = frozenset(about for about, actions in BUTTONS_ABOUT.items() if "oncall_pass" in actions)
"""The direct messages that offer to change the severity as well: a page, and whatever goes to who has it while it is handled."""


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


SEVERITY_MENU = "oncall_severity"
"""The action of the menu by which somebody changes how bad it is; each entry carries the severity it stands for."""
MOST_ENTRIES = 5
"""Slack refuses a longer overflow menu; the other severities are set by text or at the command line."""


def severity_menu(severities: Iterable[str], current: str, incident: str, turn: int) -> list[Block]:
    """The menu of the severities that an incident could have instead; none if there is no other."""
    others = [one for one in severities if one != current][:MOST_ENTRIES]
    if not others:
        return []
    options = [
        {
            "text": {"type": "plain_text", "text": plain(f"It is {one.upper()}", LONGEST_LABEL)},
            "value": json.dumps({"i": incident, "v": turn, "s": one}, separators=(",", ":")),
        }
        for one in others
    ]
    return [{"type": "overflow", "action_id": SEVERITY_MENU, "options": options, "confirm": confirm_of("Change the severity", SEVERITY_QUESTION)}]


SEVERITY_QUESTION = "A higher one pages its people now. A lower one keeps every promise that was made."


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
        block["confirm"] = confirm_of(one.words, one.question)
    return block


def confirm_of(words: str, question: str) -> Block:
    """The question before an act."""
    return {
        "title": {"type": "plain_text", "text": f"{words}?"},
        "text": {"type": "plain_text", "text": question},
        "confirm": {"type": "plain_text", "text": words},
        "deny": {"type": "plain_text", "text": "Not now"},
    }
