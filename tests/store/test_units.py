"""The units of work: what is saved comes back exactly, and each rule of the tables holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from oncall.core.messages import ACTS, FACTS, Contact, Fact, Heard, HumanAct, Incident, OrderKind, Reclassified, Reported, Snoozed, Status
from oncall.engine import Outcome
from oncall.store import clock, codes, handbooks, inbox, incidents, outbox, ways, wrong_codes
from oncall.store.codec import instant, micros, read, write
from tests.core.escalation.player import Player
from tests.simulation.world import START
from tests.store.made import memory, saved

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("kind", FACTS.values(), ids=lambda kind: kind.__name__)
def test_every_fact_survives_being_written(kind: type[Fact]) -> None:
    """The log must give back what happened, exactly."""
    more: dict[str, object] = {"by": "ana", "how": "sms"} if issubclass(kind, HumanAct) else {}
    more |= {"minutes": 5} if kind is Snoozed else {"text": 'ä \U0001f525 \\ "'} if kind in {ACTS["note"], ACTS["update"]} else {}
    more |= {"severity": "sev2"} if kind is Reclassified else {}
    if kind is Reported:
        more |= {"seed": "ab" * 16, "source": "api", "channel": "api", "summary": "it's “down”", "contact": Contact(phone="+31655501234")}
    if "order" in kind.__dataclass_fields__:
        more |= {"order": "1001/1/page/ana/sms"}
    more |= {name: "x" for name in ("provider_id", "reason") if name in kind.__dataclass_fields__}
    fact = kind(at=START + timedelta(microseconds=1), incident="1001", **more)
    assert read(kind, write(fact)) == fact


def test_an_incident_comes_back_as_it_was() -> None:
    """With its clocks, pages and promise; by its number and by its case."""
    player = Player()
    player.after(minutes=30)
    player.act("acknowledge", "ben")
    with memory() as conn:
        saved(conn, player)
        assert incidents.load(conn, "1001") == player.incident
        assert incidents.by_reference(conn, "k7f2") == player.incident
        assert incidents.next_number(conn) == 1002
        assert incidents.next_wake(conn) == player.incident.wake_at
        assert read(Incident, write(player.incident)) == player.incident


def test_a_number_names_the_incident_of_that_number_and_not_a_case_that_looks_like_it() -> None:
    """Old references may be of digits alone; a fact about incident 2345 must never be decided on case 2345."""
    for mine, other in ((("2345", "K7F2"), ("1002", "2345")), (("2345", "K7F2"), ("9999", "2345"))):
        with memory() as conn:
            for number, case in sorted((mine, other)):
                player = Player()
                first = replace(player.first, orders=(), incident=replace(player.first.incident, id=number, case=case, pages=()))
                incidents.save(conn, replace(player.report, incident=number), first, None)
            found = incidents.by_reference(conn, "2345")
            assert found is not None
            assert (found.id, found.case) == mine


def test_what_is_not_over_must_have_a_next_action() -> None:
    """The table itself refuses an open incident that nobody would ever look at again (I2)."""
    player = Player()
    broken = replace(player.first, incident=replace(player.first.incident, clocks={}))
    with memory() as conn, pytest.raises(IntegrityError):
        incidents.save(conn, player.report, broken, None)


def test_codes_are_bound_while_it_is_open_and_in_quarantine_for_a_day_after() -> None:
    """So a late reply says "closed", and never takes somebody else's page."""
    player = Player()
    with memory() as conn:
        saved(conn, player)
        code = player.incident.pages[0].code
        assert codes.in_use(conn, "ana", START + 1000 * HOUR) == {code}
        before = player.incident
        player.act("resolve", "ana")
        incidents.save(conn, replace(player.report, at=START), player.decisions[-1], before)
        assert codes.in_use(conn, "ana", START + 23 * HOUR) == {code}
        assert codes.in_use(conn, "ana", START + 25 * HOUR) == frozenset()


def test_the_same_order_is_put_once() -> None:
    """A decision that is saved twice orders once."""
    player = Player(hand_over=False)
    with memory() as conn:
        saved(conn, player)
        outbox.put(conn, player.first.orders)
        assert len(outbox.of_incident(conn, "1001")) == len(player.first.orders)


def test_a_claim_holds_until_its_lease_ends_and_only_its_fence_settles() -> None:
    """Two who send one order would wake somebody twice."""
    player = Player(hand_over=False)
    with memory() as conn:
        saved(conn, player)
        (row,) = outbox.due(conn, START, 10)
        first = outbox.claim(conn, [row], START + timedelta(seconds=15), START)[0]
        assert outbox.due(conn, START + timedelta(seconds=14), 10) == []
        (again,) = outbox.due(conn, START + timedelta(seconds=16), 10)
        second = outbox.claim(conn, [again], START + HOUR, START + timedelta(seconds=16))[0]
        assert (first.attempt, second.attempt) == (1, 2)
        assert not outbox.settle(conn, row.order.id, first, "sent", provider_id="SM1", reason="", now=START)
        assert outbox.settle(conn, row.order.id, second, "sent", provider_id="SM2", reason="", now=START)
        assert outbox.due(conn, START + 2 * HOUR, 10) == []
        (_, attempts) = outbox.of_incident(conn, "1001")[0]
        assert [(one.n, one.result) for one in attempts] == [(1, ""), (2, "sent")]
        assert outbox.provider_ids(conn, row.order.address) == {"SM2"}


def test_the_first_page_is_the_first_that_a_provider_accepted_since_and_over_a_way_that_rings() -> None:
    """A failed page woke nobody, a text to the customer is none, and a page of an earlier opening says nothing of this one."""
    player, rings = Player(), frozenset({"sms", "voice"})
    later = START + timedelta(minutes=3)
    with memory() as conn:
        saved(conn, player)
        row = next(one for one in outbox.due(conn, START, 10) if one.order.kind is OrderKind.PAGE)
        pages = [replace(row.order, id=f"1001/{turn}/page/ana/{way}", way=way) for turn, way in ((7, "slack"), (8, "voice"), (9, "sms"))]
        notice = replace(row.order, id="1001/9/received/customer/sms", kind=OrderKind.NOTIFY)
        outbox.put(conn, (notice, *pages))
        assert outbox.first_page(conn, "1001", START, rings) is None
        states = {notice.id: "sent", pages[0].id: "sent", pages[1].id: "unknown", pages[2].id: "sent"}
        for one in outbox.due(conn, START, 10):
            claim = outbox.claim(conn, [one], START + HOUR, START)[0]
            at = later if one.order.id == pages[2].id else START
            outbox.settle(conn, one.order.id, claim, states.get(one.order.id, "failed"), provider_id="SM1", reason="", now=at)
        assert outbox.first_page(conn, "1001", START, rings) == later
        assert outbox.first_page(conn, "1001", START + timedelta(seconds=1), rings) is None
        assert outbox.first_page(conn, "1002", START, rings) is None


def test_the_urgent_goes_first_then_the_longest_due() -> None:
    """A page never waits behind a notice."""
    player = Player(hand_over=False)
    page = next(order for order in player.orders if order.kind is OrderKind.PAGE)
    others = tuple(replace(page, id=f"1001/1/x{one}/ana/sms", urgency=one, due_at=START - one * HOUR) for one in (3, 2))
    late = replace(page, id="1001/1/later/ana/sms", due_at=START + HOUR)
    with memory() as conn:
        outbox.put(conn, (*others, late, page))
        assert [row.order.urgency for row in outbox.due(conn, START, 10)] == [page.urgency, 2, 3]
        assert outbox.next_due(conn) == START - 3 * HOUR


def test_a_postponed_order_comes_back_and_a_cancelled_one_does_not() -> None:
    """The outbox owns the minutes."""
    player = Player(hand_over=False)
    with memory() as conn:
        saved(conn, player)
        (row,) = outbox.due(conn, START, 10)
        claim = outbox.claim(conn, [row], START + HOUR, START)[0]
        outbox.postpone(conn, row.order.id, claim, START + timedelta(minutes=1), "busy", START)
        assert outbox.due(conn, START, 10) == []
        assert [one.reason for one in outbox.due(conn, START + timedelta(minutes=1), 10)] == ["busy"]
        outbox.cancel(conn, row.order.id, "not wanted", START)
        assert outbox.due(conn, START + HOUR, 10) == []


def test_receipts_only_move_forward() -> None:
    """Repeated, reordered and unknown ones are no news (I16)."""
    player = Player(hand_over=False)
    with memory() as conn:
        saved(conn, player)
        order = player.first.orders[0].id
        assert [outbox.receipt(conn, order, one) for one in ("queued", "delivered", "sent", "delivered", "nonsense")] == [
            True,
            True,
            False,
            False,
            False,
        ]
        found = outbox.find_by_url_key(conn, outbox.url_key(order))
        assert found is not None
        assert found.order.id == order


def test_the_same_key_gives_the_same_answer() -> None:
    """And the same body from the same sender, for as long as asked."""
    heard = Heard(at=START, seed="ab", way="sms", sender="+1", line="staff", text="47", reference="SM1")
    with memory() as conn:
        outcome = Outcome(result="taken", contact_by=START)
        inbox.keep(conn, key="k", same_as="s", kind="Heard", body=heard, at=START, outcome=outcome, incident="1001")
        row = inbox.find(conn, "k")
        assert row is not None
        assert inbox.outcome(row, Outcome) == Outcome(result="taken", contact_by=START)
        assert inbox.find_same(conn, "s", START) is not None
        assert inbox.find_same(conn, "s", START + HOUR) is None
        with pytest.raises(IntegrityError):
            inbox.keep(conn, key="k", same_as=None, kind="Heard", body=heard, at=START, outcome=outcome, incident=None)


def test_small_memories_keep_what_they_are_for() -> None:
    """Clock, handbooks, broken ways, wrong codes."""
    with memory() as conn:
        for at in (START, START + HOUR, START):
            clock.advance(conn, at)
        assert clock.mark(conn) == START + HOUR
        handbooks.keep(conn, "v1", {"a": "1"}, START)
        handbooks.keep(conn, "v2", {"a": "2"}, START + HOUR)
        handbooks.keep(conn, "v1", {"a": "1"}, START + 2 * HOUR)
        assert handbooks.newest_good(conn) == ("v1", {"a": "1"})
        ways.break_way(conn, "ana", "sms", "+1", "landline", START)
        assert [row[3] for row in ways.broken(conn)] == ["landline"]
        ways.mend(conn, "ana", "sms", "+1")
        assert not ways.is_broken(conn, "ana", "sms", "+1")
        wrong_codes.note(conn, "+1", START)
        assert (wrong_codes.count(conn, "+1", START), wrong_codes.count(conn, "+1", START + HOUR)) == (1, 0)


def test_incidents_are_found_by_what_they_are_about() -> None:
    """By dedup key while they are not resolved, by the customer's number for a while longer, by status."""
    player = Player(dedup_key="disk")
    with memory() as conn:
        saved(conn, player)
        assert incidents.open_with_key(conn, "disk") == player.incident
        assert [one.id for one in incidents.of_contact(conn, Contact(phone="+31655501234"), "", closed_since=START + HOUR)] == ["1001"]
        assert [one.id for one in incidents.listing(conn, (Status.OPEN,), 5)] == ["1001"]
        before = player.incident
        player.act("resolve", "ana")
        incidents.save(conn, replace(player.report, at=START), player.decisions[-1], before)
        assert incidents.open_with_key(conn, "disk") is None
        assert incidents.of_contact(conn, Contact(phone="+31655501234"), "", closed_since=START + HOUR) == []
        assert incidents.counts(conn) == {("resolved", "sev1"): 1}


def test_a_poisoned_incident_still_comes_due() -> None:
    """It shouts until a human closes it (decisions.md 14)."""
    player = Player()
    with memory() as conn:
        saved(conn, player)
        incidents.poison(conn, "1001", START + HOUR)
        assert incidents.due(conn, START + HOUR, 5) == [("1001", True)]
        incidents.cure(conn, "1001")
        assert not incidents.is_poisoned(conn, "1001")


def test_instants_are_exact_to_the_microsecond() -> None:
    """Rounding would make a clock early."""
    at = START + timedelta(microseconds=123457)
    assert instant(micros(at)) == at
