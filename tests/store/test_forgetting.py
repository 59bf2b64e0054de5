"""Forgetting knows every table: a new one is emptied with the rest, or it is said here why nothing of a customer can be in it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from oncall.core.feedback import Topic
from oncall.store import forgetting, log, reviews, surveys, ways, wrong_codes
from oncall.store.tables import METADATA
from tests.core.escalation.player import Player
from tests.store.made import memory, saved

EMPTIED = {"inbox", "incidents", "log", "outbox", "attempts", "handbooks", "broken_ways", "wrong_codes", "surveys", "no_surveys", "reviews"}
OF_US = {"codes", "overrides", "requests", "asks", "feeds", "pulse_asked", "pulse_tokens", "pulse_answers"}
"""Who of us is on call, asked, and holds which code; and how we find it."""
COUNTS = {"log_anchors", "cases", "clock", "chores", "boards"}
"""Times, digests, and figures that name cases and people of ours."""


def test_every_table_is_emptied_or_has_nothing_of_customers() -> None:
    """Whoever adds a table adds it to store/forgetting.py, or to the lists above."""
    assert set(METADATA.tables) == EMPTIED | OF_US | COUNTS


def test_the_salt_goes_with_the_words_and_the_chain_stays_whole() -> None:
    """With the salt somebody could try telephone numbers until one gives the digest."""
    player = Player()
    player.act("acknowledge", "ana")
    with memory() as conn:
        saved(conn, player)
        lines = len(player.decisions)
        assert forgetting.empty(conn, "1001", ()) >= lines
        assert conn.execute(text("SELECT DISTINCT salt, entry FROM log")).all() == [("", None)]
        assert log.verify(conn, "1001", player.incident.turn) == []
        conn.execute(text("UPDATE log SET at = at + 1 WHERE seq = 1"))
        assert log.verify(conn, "1001", player.incident.turn) == ["incident 1001, line 1: the chain is broken"]


def test_of_messages_the_ways_times_and_results_stay() -> None:
    player = Player()
    with memory() as conn:
        saved(conn, player)
        kept = "SELECT id, url_key, kind, about, recipient, way, ordered_at, state, attempts, receipt FROM outbox ORDER BY id"
        before = conn.execute(text(kept)).all()
        forgetting.empty(conn, "1001", ())
        assert conn.execute(text(kept)).all() == before
        assert conn.execute(text("SELECT DISTINCT text, address, reason FROM outbox")).all() == [("", "", "")]


@pytest.mark.parametrize(("person", "left"), [("customer", 0), ("ana", 1)])
def test_broken_addresses_of_customers_go_and_ours_stay(person: str, left: int) -> None:
    """A number of ours that was broken would be rung again in vain."""
    player = Player()
    with memory() as conn:
        ways.break_way(conn, person, "email", "M.Visser@example.com", "refused", player.at)
        wrong_codes.note(conn, "m.visser@example.com", player.at)
        forgetting.forget_addresses(conn, ["m.visser@example.com"])
        assert len(ways.broken(conn)) == left
        assert wrong_codes.count(conn, "m.visser@example.com", player.at) == 0


def test_what_a_customer_said_when_asked_how_it_was_goes_and_the_rating_stays() -> None:
    """Also where a review quotes it; what we wrote when we closed that is ours."""
    phone, at = "+31655501234", Player().at
    with memory() as conn:
        surveys.add(conn, "1001", phone, at, at)
        surveys.rate(conn, "1001", 1, "form", at, comment="Nobody called Dana.")
        surveys.refuse(conn, phone, at)
        review = reviews.add(conn, "1001/low", Topic.RATING, "1001", "Nobody called Dana.", owner="ben", reported_at=at, now=at, due_at=at)
        assert review is not None
        reviews.close(conn, review.id, "ben", "runbook written", at)
        forgetting.forget_feedback(conn, "1001")
        forgetting.forget_addresses(conn, [phone])
        asked, kept = surveys.load(conn, "1001"), reviews.load(conn, review.id)
        assert asked is not None
        assert (asked.rating, asked.comment, asked.phone, surveys.is_refused(conn, phone)) == (1, "", "", False)
        assert kept is not None
        assert (kept.words, kept.because) == ("", "runbook written")
