"""What is offered in Slack works: every button of every state does something for who it is meant for, and no word grows false by waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from oncall.core.board import board, buttons_now, thread
from oncall.core.buttons import BUTTONS, BUTTONS_ABOUT, LONGEST_TEXT
from oncall.core.messages import ACTS, LogEntry
from tests.core.escalation.player import Player

ALL = ("sms", "voice", "slack")
NOTHING_DONE = {"not open", "not closed", "not paged", "already closed", "taken by other"}


def open_one() -> Player:
    """Ana is being called."""
    return Player(ways=ALL)


def after(*acts: str) -> Callable[[], Player]:
    """What Ana did to it, one after another."""

    def made() -> Player:
        player = open_one()
        for verb in acts:
            player.act(verb, "ana", **({"minutes": 30} if verb == "snooze" else {}))
        return player

    return made


def late() -> Player:
    """The customer was due a call and nobody has it."""
    player = open_one()
    player.after(minutes=16)
    return player


def waiting() -> Player:
    """It can wait until the office opens."""
    return Player(ways=ALL, summary="A question about the invoice")


STATES: dict[str, Callable[[], Player]] = {
    "open": open_one,
    "late": late,
    "taken": after("acknowledge"),
    "taken, customer reached": after("acknowledge", "contacted"),
    "taken, help is called": after("acknowledge", "escalate"),
    "snoozed": after("snooze"),
    "passed on": after("acknowledge", "pass"),
    "resolved": after("acknowledge", "resolve"),
    "reopened": after("acknowledge", "resolve", "reopen"),
    "waiting": waiting,
}


@pytest.mark.parametrize("state", STATES)
def test_every_button_of_a_state_does_something_in_it(state: str) -> None:
    """For who has it, or is paged; whoever else presses is told who has it."""
    made = STATES[state]()
    assert buttons_now(made.incident), "there is always something to do"
    for action in buttons_now(made.incident):
        player, button = STATES[state](), BUTTONS[action]
        by = player.incident.held_by or "ana"
        if button.verb == "acknowledge" and player.incident.held_by:
            by = "ben"
        more = {"minutes": button.minutes} if button.minutes else {}
        decision = player.fact(ACTS[button.verb](at=player.at, incident="1001", by=by, how="slack", **more))
        assert decision.result not in NOTHING_DONE, f"{action} of '{state}': {decision.because}"


def test_what_was_reported_is_not_asked_for_again() -> None:
    assert "oncall_reached" in buttons_now(after("acknowledge")().incident)
    assert "oncall_reached" not in buttons_now(after("acknowledge", "contacted")().incident)


def test_a_colleague_may_join_from_the_channel_while_help_is_called() -> None:
    assert "oncall_take" in buttons_now(after("acknowledge", "escalate")().incident)
    assert "oncall_take" not in buttons_now(after("acknowledge")().incident)


@pytest.mark.parametrize("state", STATES)
def test_a_message_stays_true_until_the_incident_changes(state: str) -> None:
    """It is edited only when something happens, so nothing in it may count down."""
    player = STATES[state]()
    now = board(player.incident, player.book, player.at)
    later = board(player.incident, player.book, player.at + timedelta(minutes=3))
    assert now == later


def test_every_text_with_buttons_offers_known_ones() -> None:
    assert {action for actions in BUTTONS_ABOUT.values() for action in actions} <= set(BUTTONS)


def test_every_button_keeps_slacks_limits_and_says_itself_to_a_screen_reader() -> None:
    for state, made in STATES.items():
        for block in cast("Any", board(made().incident, made().book, made().at).blocks):
            names = [one["action_id"] for one in block.get("elements", ()) if one["type"] == "button"]
            assert len(names) == len(set(names)) <= 25, state
            for one in block.get("elements", ()):
                if one["type"] == "button":
                    assert len(one["text"]["text"]) <= 75
                    assert len(one["value"]) <= 2000
                    assert one["text"]["text"] in one["accessibility_label"]
                    assert len(one["accessibility_label"]) <= 75
                    question = one.get("confirm")
                    assert question is None or (len(question["title"]["text"]) <= 100 and len(question["confirm"]["text"]) <= 30)


def test_a_batch_of_the_timeline_fits_a_section_and_its_lines_stay_lines() -> None:
    """Slack refuses a section with more characters; a note with line breaks is still one line."""
    player = open_one()
    player.act("acknowledge", "ana")
    player.act("resolve", "ana", note="first\nsecond\n`03:00` a made-up line <!channel>")
    entries = [LogEntry(fact=player.report, decision=one) for one in player.decisions]
    words = thread(entries, player.book, player.at)
    assert len(words.splitlines()) == len(entries)
    assert "<" not in words
    assert "first second" in words
    long = thread(entries * 100, player.book, player.at)
    assert len(long) <= LONGEST_TEXT
    assert f"{len(entries) * 100} lines in all" in long


def test_a_crowd_that_is_paged_is_cut_at_a_person() -> None:
    """Never inside a mention, which Slack would show as rubbish."""
    player = open_one()
    (page,) = player.incident.pages
    crowd = {f"p{n}": replace(player.book.people["ana"], id=f"p{n}", slack=f"U{n:09d}") for n in range(200)}
    pages = tuple(replace(page, person=name, code=str(n)) for n, name in enumerate(crowd))
    made = board(replace(player.incident, pages=pages), replace(player.book, people=crowd), player.at)
    (words,) = [one["text"] for block in cast("Any", made.blocks) for one in block.get("fields", ()) if "Paging now" in one["text"]]
    assert len(words) <= 2000
    assert words.count("<") == words.count(">")
    assert words.splitlines()[-1].startswith("and ")
