"""What Slack shows: each state in a shape and a word, the buttons that work in it, and nothing from outside that could do anything."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.board import Board, board, buttons_now, present, thread
from oncall.core.messages import LogEntry, Status
from tests.core.escalation.player import Player

ALL = ("sms", "voice", "slack")


def shown(player: Player) -> Board:
    """The message as it stands now."""
    return board(player.incident, player.book, player.at)


def header(player: Player) -> str:
    """Its first line."""
    return str(cast("Any", shown(player).blocks[0])["text"]["text"])


def field(player: Player, name: str) -> str:
    """The words under a name."""
    for block in shown(player).blocks:
        for one in cast("Any", block).get("fields", ()):
            if one["text"].startswith(f"*{name}*"):
                return str(one["text"]).partition("\n")[2]
    return ""


def test_while_nobody_has_it_it_says_so_and_mentions_who_is_paged() -> None:
    player = Player(ways=ALL)
    assert header(player) == "🟥 SEV1 · NOT TAKEN · Northwind"
    assert field(player, "Paging now") == "<@UANA> · slack handed over, sms handed over"
    assert field(player, "Next if no answer") == "Ben, Chloe at 02:05"
    assert field(player, "Customer due a call by") == "*02:15*"
    assert buttons_now(player.incident) == ("oncall_take", "oncall_pass", "oncall_next")


def test_once_somebody_has_it_nobody_is_mentioned() -> None:
    player = Player(ways=ALL)
    player.act("acknowledge", "ana")
    assert header(player) == "🟦 SEV1 · TAKEN by Ana 02:00 · Northwind"
    assert "<@" not in json.dumps(shown(player).blocks)
    assert "oncall_take" not in buttons_now(player.incident)


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ([("snooze", {"minutes": 10})], "⬜ SEV1 · SNOOZED until 02:10 by Ana · Northwind"),
        ([("resolve", {})], "🟩 SEV1 · RESOLVED 02:00 · Northwind"),
    ],
)
def test_every_other_state_has_its_shape_and_its_word(acts: list[tuple[str, dict[str, object]]], words: str) -> None:
    player = Player(ways=ALL)
    for verb, more in acts:
        player.act(verb, "ana", **more)
    assert header(player) == words


def test_late_is_said_with_a_word_of_its_own() -> None:
    player = Player(ways=ALL)
    player.after(minutes=15)
    assert header(player) == "🟪 SEV1 · LATE, nobody has it · Northwind"
    assert "the first time was missed" in field(player, "Customer due a call by")


def test_what_waits_for_the_office_can_be_reopened_at_once() -> None:
    player = Player(ways=ALL, summary="A question about the invoice")
    assert player.incident.status is Status.WAITING
    assert header(player).startswith("⬜ SEV3 · WAITS until ")
    assert buttons_now(player.incident) == ("oncall_reopen",)


def test_an_old_button_is_answered_with_the_present() -> None:
    player = Player(ways=ALL)
    player.act("acknowledge", "ana")
    assert present(player.incident, player.book, player.at) == "Ana took Northwind at 02:00. Nothing was done."
    player.act("resolve", "ben")
    assert present(player.incident, player.book, player.at) == "Northwind was closed by Ben at 02:00. Nothing was done."


def test_the_thread_tells_when_and_why_and_is_cut_at_a_line() -> None:
    player = Player(ways=ALL)
    entries = [LogEntry(fact=player.report, decision=one) for one in player.decisions]
    words = thread(entries, player.book, player.at)
    assert words.splitlines()[0].startswith("`02:00` sev1: ")
    long = thread(entries * 200, player.book, player.at)
    assert len(long) <= 3000
    assert long.splitlines()[-1].startswith("… ")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=5000), st.text(max_size=5000), st.text(max_size=400))
def test_whatever_is_reported_slack_takes_the_message_and_nothing_in_it_mentions_anybody(summary: str, details: str, name: str) -> None:
    player = Player(ways=ALL, summary=summary, details=details)
    incident = replace(player.incident, contact=replace(player.incident.contact, name=name), customer=name)
    made = board(incident, player.book, player.at)
    blocks = cast("Any", made.blocks)
    assert json.loads(json.dumps(blocks)) == json.loads(json.dumps(list(blocks)))
    assert 1 <= len(blocks[0]["text"]["text"]) <= 150
    assert 1 <= len(blocks[1]["text"]["text"]) <= 3000
    assert all(1 <= len(one["text"]) <= 2000 for block in blocks for one in block.get("fields", ()))
    assert all(len(one["text"]) <= 3000 for block in blocks if block["type"] == "context" for one in block["elements"])
    assert 1 <= len(made.text) <= 3000
    for words in (made.text, blocks[1]["text"]["text"]):
        assert "<" not in words
    mentions = [one for block in blocks for one in block.get("fields", ()) if "<" in one["text"]]
    assert [one["text"].partition("\n")[0] for one in mentions] == ["*Paging now*"]
