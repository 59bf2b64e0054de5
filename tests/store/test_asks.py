"""Questions and requests in the store: they come back as they were, and no code of a person ever means two things."""

from __future__ import annotations

from datetime import timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from oncall.core.asks import Ask, Span, Stage, Topic
from oncall.core.replies import draw_code
from oncall.store import asks, codes, incidents, requests
from oncall.store.migrate import MIGRATIONS, upgrade
from oncall.store.opening import connect
from tests.core.escalation.player import Player
from tests.simulation.world import START
from tests.store.made import memory, saved

HOUR = timedelta(hours=1)
SPAN = Span(rotation="primary", start=START + 10 * HOUR, end=START + 24 * HOUR)


def asked(conn: Connection, person: str = "ana", *, seed: str = "ab" * 16, request: int = 0) -> Ask:
    """A question about SPAN that stands for ten hours."""
    return asks.add(conn, person, "duty_tomorrow", SPAN, request=request, until=SPAN.start, seed=seed, now=START, at=START)


def test_a_question_comes_back_as_it_was_and_with_its_answer() -> None:
    with memory() as conn:
        one = asked(conn)
        assert asks.load(conn, one.id) == one
        asks.answer(conn, one.id, "yes", "sms", START + HOUR)
        found = asks.load(conn, one.id)
        assert found is not None
        assert (found.answer, found.how, found.answered_at) == ("yes", "sms", START + HOUR)


def test_it_waits_until_it_is_answered_settled_or_over() -> None:
    """And no longer: what nobody can answer any more must not stand in the way of a bare word."""
    with memory() as conn:
        one, other = asked(conn), asked(conn)
        assert [one.waits(START), one.waits(SPAN.start - HOUR), one.waits(SPAN.start)] == [True, True, False]
        asks.answer(conn, one.id, "no", "sms", START)
        asks.settle(conn, other.id, START)
        assert [found.waits(START) for found in (asks.load(conn, one.id), asks.load(conn, other.id)) if found] == [False, False]


def test_after_it_is_settled_its_answer_stays() -> None:
    with memory() as conn:
        one = asked(conn)
        asks.settle(conn, one.id, START)
        asks.answer(conn, one.id, "yes", "sms", START + HOUR)
        found = asks.load(conn, one.id)
        assert found is not None
        assert found.answer == ""


def test_a_code_of_a_question_is_given_to_nothing_else_until_a_day_after_it() -> None:
    with memory() as conn:
        one = asked(conn)
        assert codes.in_use(conn, "ana", SPAN.start + 23 * HOUR) == {one.code}
        assert codes.in_use(conn, "ana", SPAN.start + 25 * HOUR) == frozenset()
        asks.settle(conn, one.id, START)
        assert codes.in_use(conn, "ana", START + 23 * HOUR) == {one.code}
        assert codes.in_use(conn, "ana", START + 25 * HOUR) == frozenset()


def test_a_question_never_gets_the_code_of_a_page_and_a_page_never_that_of_a_question() -> None:
    """Both are drawn from the same seed here, which draws the same code as long as it is free."""
    seed = "ab" * 16
    with memory() as conn:
        first = draw_code(seed, "ana", frozenset())
        saved(conn, Player())
        page = next(bound.code for bound in codes.bound_to(conn, "ana", START))
        for _ in range(60):
            asked(conn, seed=seed)
        mine = [bound.code for bound in codes.bound_to(conn, "ana", START)]
        assert first in mine
        assert len(mine) == len(set(mine)) == 61
        assert mine.count(page) == 1
        assert draw_code(seed, "ana", codes.in_use(conn, "ana", START)) not in mine


def test_a_code_says_whether_it_is_of_a_page_or_of_a_question() -> None:
    with memory() as conn:
        saved(conn, Player())
        one = asked(conn)
        assert [(bound.incident, bound.ask) for bound in codes.bound_to(conn, "ana", START)] == [("1001", 0), ("", one.id)]


def test_a_wish_becomes_a_request_and_ends() -> None:
    with memory() as conn:
        number = requests.wish(conn, Topic.SWAP, "ana", seed="s", at=START, other="ben")
        wished = requests.load(conn, number)
        assert wished is not None
        assert (wished.stage, wished.other, wished.rotation, wished.times) == (Stage.WISHED, "ben", "", None)
        assert requests.pending(conn, "ana") == 1
        requests.open_(conn, number, SPAN, SPAN.start, (START, START + HOUR))
        (found,) = requests.at_stage(conn, Stage.OPEN)
        assert (found.span, found.back, found.until) == (SPAN, (START, START + HOUR), SPAN.start)
        requests.end(conn, number, Stage.TAKEN, START, "ben")
        assert (requests.at_stage(conn, Stage.OPEN), requests.pending(conn, "ana")) == ((), 0)
        ended = requests.load(conn, number)
        assert ended is not None
        assert (ended.stage, ended.taken_by) == (Stage.TAKEN, "ben")


def test_a_gap_is_known_by_where_it_begins() -> None:
    with memory() as conn:
        assert requests.of_gap(conn, SPAN) is None
        made = requests.add_gap(conn, SPAN, seed="s", at=START)
        assert requests.of_gap(conn, Span(rotation="primary", start=SPAN.start, end=SPAN.end - HOUR)) == made
        assert requests.of_gap(conn, Span(rotation="secondary", start=SPAN.start, end=SPAN.end)) is None


def test_yeses_come_in_the_order_in_which_they_were_said() -> None:
    with memory() as conn:
        first, second, third = (asked(conn, who, request=7) for who in ("ana", "ben", "chloe"))
        asks.answer(conn, second.id, "yes", "sms", START + HOUR)
        asks.answer(conn, first.id, "yes", "sms", START + 2 * HOUR)
        asks.answer(conn, third.id, "no", "sms", START)
        assert [one.person for one in asks.said_yes(conn)] == ["ben", "ana"]
        asks.settle(conn, second.id, START + 3 * HOUR)
        assert [one.person for one in asks.said_yes(conn)] == ["ana"]


def test_a_file_of_the_version_before_grows_the_tables_and_keeps_its_codes() -> None:
    """The step only adds."""
    conn = connect(":memory:")
    try:
        with conn.begin():
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = conn
            command.upgrade(config, "0008")
            saved(conn, Player())
            upgrade(conn)
            assert incidents.load(conn, "1001") is not None
            assert len({bound.code for bound in codes.bound_to(conn, "ana", START)} | {asked(conn).code}) == 2
    finally:
        conn.close()
        conn.engine.dispose()
