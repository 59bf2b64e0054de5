"""A bare word is a page's only while nothing else waits for an answer; with the page's code it always is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from oncall.core.asks import Ask, Span
from oncall.core.messages import Heard, Reported
from oncall.engine.desk import Desk
from oncall.engine.taking import take
from oncall.store import asks, codes, incidents
from oncall.store.tables import OUTBOX
from tests.simulation.world import START
from tests.store.made import memory
from tests.web.standing import ANA, handbook

DESK = Desk(handbook=handbook(), ways=frozenset({"sms"}))
SPAN = Span(rotation="support", start=START + timedelta(hours=10), end=START + timedelta(hours=24))


def paged(conn: Connection) -> str:
    """Ana is paged; her code."""
    take(conn, DESK, Reported(at=START, seed="ab" * 16, source="api", channel="api", summary="Checkout is down"), "k", "", one_line=False)
    (bound,) = codes.bound_to(conn, "ana", START)
    return bound.code


def asked(conn: Connection) -> Ask:
    """Ana is asked something else."""
    return asks.add(conn, "ana", "duty_tomorrow", SPAN, request=0, until=SPAN.start, seed="cd" * 16, now=START, at=START)


def said(conn: Connection, words: str, number: int = 1) -> str:
    """Ana texts; what came of it."""
    heard = Heard(at=START, seed="ef" * 16, way="sms", sender=ANA, line="staff", text=words, reference=f"SM{number}")
    return take(conn, DESK, heard, f"sms:SM{number}", "", one_line=False).outcome.result


def newest_answer(conn: Connection) -> str:
    """The newest text to Ana that answers one of hers."""
    rows = conn.execute(select(OUTBOX.c.text).where(OUTBOX.c.id.like("heard/%")).order_by(OUTBOX.c.id.desc()))
    return str(rows.scalars().first())


def test_ok_takes_the_only_page_while_nothing_else_waits() -> None:
    with memory() as conn:
        paged(conn)
        assert said(conn, "ok") == "taken"


def test_with_another_question_open_ok_is_answered_with_both_codes_and_the_code_takes_it() -> None:
    """The page stands first: it is what cannot wait."""
    with memory() as conn:
        code, question = paged(conn), asked(conn)
        assert said(conn, "ok") == "which_code"
        assert newest_answer(conn) == (
            f"A word alone could mean several things. Reply with the code: {code} for SEV1 case {case(conn)}, {question.code} for support."
        )
        assert said(conn, code, 2) == "taken"


def test_who_has_no_open_page_is_told_so() -> None:
    with memory() as conn:
        assert said(conn, "74") == "unknown_code"
        assert newest_answer(conn) == "I don't know 74. You have no open page."


def test_once_the_question_is_answered_ok_is_the_pages_again() -> None:
    with memory() as conn:
        paged(conn)
        asks.answer(conn, asked(conn).id, "yes", "sms", START)
        assert said(conn, "ok") == "taken"


def case(conn: Connection) -> str:
    """The reference of the only incident."""
    found = incidents.load(conn, "1001")
    assert found is not None
    return found.case
