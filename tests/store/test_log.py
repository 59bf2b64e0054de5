"""The history of an incident cannot be altered unseen; its texts can be forgotten without breaking it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from oncall.store import log
from tests.core.escalation.player import Player
from tests.store.made import memory, saved


def story() -> Player:
    """A few decisions."""
    player = Player()
    player.after(minutes=6)
    player.act("acknowledge", "ben")
    return player


def test_a_history_comes_back_in_order_and_is_whole() -> None:
    """Every decision with its because."""
    player = story()
    with memory() as conn:
        saved(conn, player)
        assert [entry.decision for entry in log.history(conn, "1001")] == player.decisions
        assert log.verify(conn, "1001", player.incident.turn) == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE log SET entry = replace(entry, 'Ana', 'Eve') WHERE seq = 1", "line 1: its text was changed"),
        ("UPDATE log SET at = at + 1 WHERE seq = 2", "line 2: the chain is broken"),
        ("UPDATE log SET kind = 'Resolved' WHERE seq = 2", "line 2: the chain is broken"),
        ("DELETE FROM log WHERE seq = 2", "line 3: lines 2 to 2 are missing"),
        ("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)", "decisions, but the log ends at line"),
        ("DELETE FROM log", "decisions, but the log ends at line 0"),
        ("UPDATE log SET seq = CASE seq WHEN 1 THEN 20 ELSE 1 END WHERE seq IN (1) ", "the chain is broken"),
    ],
)
def test_tampering_is_found_and_named(tampering: str, found: str) -> None:
    """Whatever somebody with the file in hand changes, `audit` says where."""
    player = story()
    with memory() as conn:
        saved(conn, player)
        conn.execute(text(tampering))
        assert any(found in problem for problem in log.verify(conn, "1001", player.incident.turn))


def test_a_forgotten_text_leaves_the_chain_whole() -> None:
    """The digest stays, the words are gone."""
    player = story()
    with memory() as conn:
        saved(conn, player)
        conn.execute(text("UPDATE log SET entry = NULL WHERE seq = 1"))
        assert log.verify(conn, "1001", player.incident.turn) == []
        assert len(log.history(conn, "1001")) == len(player.decisions) - 1


def test_an_anchor_is_written_for_what_changed_and_for_nothing_else() -> None:
    """A row over all heads, each minute in which something happened (decisions.md 11)."""
    player = story()
    with memory() as conn:
        saved(conn, player)
        for _ in range(3):
            log.anchor(conn, player.at)
        assert conn.execute(text("SELECT heads FROM log_anchors")).scalars().all() == [1]
