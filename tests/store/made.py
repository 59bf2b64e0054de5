"""Incidents and decisions as the store gets them, made by the real core; and connections in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from oncall.core.messages import Decision, Fact, HandedOver, OrderKind
from oncall.store import incidents
from oncall.store.opening import connect, prepare
from tests.core.escalation.player import Player


@contextmanager
def memory() -> Iterator[Connection]:
    """A store's connection in memory, inside a transaction."""
    conn = prepare(":memory:", connect(":memory:"))
    try:
        with conn.begin():
            yield conn
    finally:
        conn.close()
        conn.engine.dispose()


def saved(conn: Connection, player: Player) -> None:
    """Saves everything that a player decided, in order."""
    facts: list[Fact] = [player.report, *(fact_for(player, decision) for decision in player.decisions[1:])]
    before = None
    for fact, decision in zip(facts, player.decisions, strict=True):
        incidents.save(conn, fact, decision, before)
        before = decision.incident


def fact_for(player: Player, decision: Decision) -> Fact:
    """A fact that may have led to a decision; which one does not matter to the store."""
    page = next(order for order in player.orders if order.kind is OrderKind.PAGE)
    return HandedOver(at=player.at, incident=decision.incident.id, order=page.id, provider_id="SM1")
