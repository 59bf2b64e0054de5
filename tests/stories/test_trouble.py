"""Nights in which something breaks or somebody misbehaves: carriers, crashes, strangers, wrong codes, STOP, the disk."""

from __future__ import annotations

import pytest

from oncall.channels import Outgoing
from oncall.core.invariants import ProviderGot
from tests.simulation.books import handbook_of, number_of
from tests.stories.story import LADDER, Story, tell

POINTS = (
    "take: before commit",
    "take: after commit",
    "turn: before commit",
    "turn: after commit",
    "send: before",
    "send: after",
    "send: settled",
)
"""Every named crash point of the engine."""


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_loses_nothing_and_doubles_at_most_one_text(point: str, nth: int) -> None:
    """kill -9 the nth time a point is passed: the page still comes, its answer still counts, the customer still hears."""

    async def night(story: Story) -> None:
        passed = {"left": nth}

        def crash_now(at: str) -> bool:
            passed["left"] -= at == point
            return at == point and passed["left"] == 0

        story.world.crash_chance = crash_now
        await story.report(key="api:once")
        await story.after(minutes=2)
        code = story.expect_page("ana")
        await story.reply("ana", code)
        await story.after(minutes=2)
        assert story.world.crashes == 1
        assert story.incident().held_by == "ana"
        story.expect("customer", "Ana has your case")
        got = [event.order for event in story.world.history if isinstance(event, ProviderGot)]
        assert len(got) - len(set(got)) <= 1, got

    tell(night)


def test_a_lost_answer_is_one_page_with_one_code() -> None:
    """The provider took it and we did not hear so: what comes twice is the same page, and it is told apart from nothing."""

    async def night(story: Story) -> None:
        lost = {"left": 1}

        def lose_first(outgoing: Outgoing) -> str:
            if "/page/" in outgoing.order and lost["left"]:
                lost["left"] = 0
                return "lose answer"
            return ""

        story.world.carrier.script = lose_first
        await story.report()
        codes = {story.expect_page("ana")}
        assert len(set(story.texts("ana"))) == 1
        await story.reply("ana", codes.pop())
        assert story.incident().held_by == "ana"

    tell(night)


def test_a_refused_number_moves_on_at_once_and_calls_the_last_resort_too() -> None:
    """A definite failure of the whole step is not waited for; the admins hear that this way is broken."""

    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "broken" if outgoing.address == number_of("ana") else ""
        await story.report()
        story.expect_page("ben")
        story.expect_page("mats")
        story.expect("priya", "Ana cannot be reached by text at +447700900010 (refused)")
        assert story.texts("ana") == []

    tell(night)


def test_a_provider_that_is_down_for_an_hour_loses_nobody() -> None:
    """The customer is not told that we are calling while no provider takes a page; when it is back, somebody is paged."""

    async def night(story: Story) -> None:
        story.world.carrier.down = True
        await story.report()
        await story.after(minutes=60)
        assert story.texts("customer") == []
        assert not any("calling" in words for words in story.texts("customer"))
        story.world.carrier.down = False
        await story.after(minutes=11)
        mats = story.expect_page("mats")
        story.expect("customer", "We are calling our on-call engineer now")
        await story.reply("mats", mats)
        assert story.incident().held_by == "mats"

    tell(night)


def test_when_no_provider_takes_a_page_within_a_minute_the_customer_hears_the_truth() -> None:
    """ "Recorded, not reached anyone yet" instead of silence, by whatever way still works (decisions.md 36)."""

    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "busy" if "/page" in outgoing.order else ""
        await story.report()
        await story.after(minutes=1)
        story.expect("customer", "your emergency is recorded, case")
        assert "We have not reached anyone yet" in story.texts("customer")[-1]

    tell(night)


def test_a_full_disk_refuses_loudly_and_goes_on_when_there_is_room() -> None:
    """Nothing is said to be stored that is not; the last resort hears of it from memory; the report gets in later."""

    async def night(story: Story) -> None:
        story.world.beside(story.world.full_disk(30))
        await story.after(seconds=1)
        await story.report(key="api:full")
        story.expect("mats", "TROUBLE: the Example pager cannot write its data")
        await story.after(seconds=40)
        story.expect_page("ana")
        assert story.incident().id == "1001"

    tell(night)


def test_wrong_codes_are_answered_then_locked_and_pages_go_on() -> None:
    """Five wrong codes lock the answers of a number, not the pages to it; the admins are told (decisions.md 31)."""

    async def night(story: Story) -> None:
        await story.report()
        code = story.expect_page("ana")
        wrong = "22" if code != "22" else "23"
        await story.reply("ana", wrong)
        story.expect("ana", f"I don't know {wrong}. You have one open page: {code} SEV1 Northwind.")
        for _ in range(4):
            await story.reply("ana", wrong)
        story.expect("priya", "sent five wrong codes within 10 min")
        assert (await story.reply("ana", code)).result == "ignored"
        assert story.incident().held_by == ""
        await story.after(minutes=5)
        story.expect_page("ben")

    tell(night)


def test_a_stranger_on_the_staff_number_changes_nothing_and_is_shown_to_the_admins() -> None:
    """Not answered, kept, reported."""

    async def night(story: Story) -> None:
        await story.report()
        code = story.expect_page("ana")
        assert (await story.reply("+15125550177", code)).result == "stranger"
        assert story.incident().held_by == ""
        story.expect("priya", "An unknown number ...0177 texted the staff line")
        assert story.texts("+15125550177") == []

    tell(night)


def test_a_text_to_the_customers_number_opens_a_case_and_the_next_one_joins_it() -> None:
    """Unknown callers are served too: in doubt a human is woken."""

    async def night(story: Story) -> None:
        assert (await story.reply("customer", "Our tills are all down!")).result == "paging"
        code = story.expect_page("ana")
        story.expect("customer", "we have your emergency, case")
        await story.reply("ana", code)
        assert (await story.reply("customer", "Also the back office")).result == "noted"
        story.expect("ana", "Also the back office")
        story.expect("customer", "added to your open case")

    tell(night)


def test_somebody_who_stops_texts_is_reported_and_escalated_past() -> None:
    """STOP at the carrier is not an acknowledgement, and the admins must know at once."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("ana")
        assert (await story.reply("ana", "STOP")).result == "opted out"
        story.expect("priya", "sent STOP: texts to them stop")
        await story.after(minutes=5)
        story.expect_page("ben")

    tell(night)


def test_a_person_removed_while_they_hold_a_page_does_not_take_it_with_them() -> None:
    """People come from the newest handbook; the incident goes on to somebody who is there (decisions.md 21)."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("ana")
        story.world.book = handbook_of(["ben", "chloe"], LADDER[1:])
        await story.after(minutes=5)
        code = story.expect_page("ben")
        assert (await story.reply("ben", code)).result == "taken"

    tell(night)
