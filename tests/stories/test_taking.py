"""Nights in which somebody answers: taken, passed on, two at once, too late, help, handed on, lapsed, snoozed."""

from __future__ import annotations

import asyncio

from oncall.core.messages import Status
from tests.simulation.books import handbook_of
from tests.stories.story import Story, tell


def test_a_page_is_taken_by_its_code_and_everybody_is_told() -> None:
    """The main job: reported, paged, silence escalates, a reply takes it, the others stand down, the customer knows who has it."""

    async def night(story: Story) -> None:
        outcome = await story.report("Checkout is down in all stores")
        assert (outcome.result, outcome.status, outcome.incident) == ("paging", "open", "1001")
        ana = story.expect_page("ana")
        story.expect("customer", "We are calling our on-call engineer now. A person will contact you by")
        story.expect_silence("ben")
        await story.after(minutes=5)
        ben = story.expect_page("ben")
        taken = await story.reply("ben", ben)
        assert (taken.result, taken.held_by) == ("taken", "ben")
        story.expect("ben", f"Yours: SEV1 Northwind. Call Northwind +31655501234 by 02:15, then reply {ben}C.")
        story.expect("ana", f"Northwind ({ana}) is with Ben. No more calls to you for it.")
        story.expect("customer", "Ben has your case and will contact you by 02:15")
        await story.after(minutes=4)
        for who in ("ana", "priya", "mats", "customer"):
            story.expect_silence(who)

    tell(night)


def test_a_page_that_is_passed_on_goes_to_the_next_at_once() -> None:
    """ "Not me" is an answer: nobody waits for the step to end, and whoever passed is left alone."""

    async def night(story: Story) -> None:
        await story.report()
        await story.reply("ana", f"{story.expect_page('ana')}N")
        story.expect("ana", "OK, not you. Calling Ben now.")
        ben = story.expect_page("ben")
        await story.reply("ben", f"{ben} ok")
        assert story.incident().held_by == "ben"
        assert "Ana passed it on" in [entry.decision.because.split(";")[0] for entry in story.history()]

    tell(night)


def test_of_two_who_answer_at_once_one_has_it_and_the_other_is_told() -> None:
    """Both hear the truth, and only one is called the holder."""

    async def night(story: Story) -> None:
        await story.report()
        ana, chloe = story.expect_page("ana"), story.expect_page("chloe")
        await asyncio.gather(story.reply("ana", ana), story.reply("chloe", chloe))
        holder = story.incident().held_by
        late = "chloe" if holder == "ana" else "ana"
        story.expect(holder, "Yours: SEV1 Northwind.")
        story.expect(late, f"{holder.capitalize()} took Northwind")
        assert [entry.decision.result for entry in story.history()].count("taken") == 1

    tell(night, handbook_of(["ana", "ben", "chloe"], ["{page: [ana, chloe], wait: 5m}", "{page: ben, wait: 5m}"]))


def test_a_reply_after_somebody_else_took_it_is_answered_kindly() -> None:
    """The late one hears who has it and since when, and can sleep."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.after(minutes=5)
        await story.reply("ben", story.expect_page("ben"))
        outcome = await story.reply("ana", ana)
        assert outcome.result == "taken by other"
        story.expect("ana", "Ben took Northwind")
        assert story.incident().held_by == "ben"

    tell(night)


def test_a_holder_who_needs_help_keeps_it_and_gets_a_second() -> None:
    """Help pages the next step; whoever answers joins, and the customer is not told of another holder."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.reply("ana", ana)
        await story.reply("ana", f"{ana}H")
        story.expect("ana", "calling Ben to help you. It stays yours.")
        assert "Ana needs help" in story.texts("ben")[-1]
        outcome = await story.reply("ben", story.expect_page("ben"))
        assert outcome.result == "joined"
        story.expect("ana", "Ben helps you with Northwind")
        assert (story.incident().held_by, story.incident().helpers, story.incident().calling) == ("ana", ("ben",), False)

    tell(night)


def test_an_acknowledgement_without_a_word_lapses_at_three_in_the_morning() -> None:
    """People fall asleep again: they are asked, and then they and the next are paged together."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.reply("ana", ana)
        await story.reply("ana", f"{ana}C")
        await story.after(minutes=30)
        story.expect("ana", f"{ana} Northwind: you took it at 02:00, no word since.")
        await story.after(minutes=10)
        assert story.incident().status is Status.OPEN
        assert "Ana took it at 02:00, no word since" in story.texts("ben")[-1]
        story.expect_page("ana")
        await story.reply("ben", story.expect_page("ben"))
        assert story.incident().held_by == "ben"
        story.expect("customer", "Ben has your case")

    tell(night)


def test_a_snooze_takes_a_free_page_and_ends_with_a_question() -> None:
    """47S10 is a promise with an end: the holder is asked, and silence opens the incident again."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        outcome = await story.reply("ana", f"{ana}S10")
        assert (outcome.result, outcome.status) == ("snoozed", "snoozed")
        await story.after(minutes=10)
        story.expect("ana", "you asked to be reminded")
        assert story.incident().status is Status.ACKNOWLEDGED
        await story.after(minutes=10)
        assert story.incident().status is Status.OPEN
        story.expect_page("ben")

    tell(night)


def test_closing_tells_the_customer_who_may_reopen_it() -> None:
    """REOPEN wakes the engineer again, with a new promise."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.reply("ana", ana)
        await story.reply("ana", f"{ana}C")
        await story.reply("ana", f"{ana}D")
        story.expect("customer", "Ana closed your case at 02:00. Still broken? Reply REOPEN")
        outcome = await story.reply("customer", "Reopen")
        assert (outcome.result, outcome.status) == ("reopened", "open")
        assert story.expect_page("ana") == ana
        story.expect("customer", "We are calling our on-call engineer now")

    tell(night)


def test_the_command_line_acts_like_a_text() -> None:
    """Verbs are the same at every door; whoever takes it there gets a code by text all the same."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("ana")
        assert (await story.act("escalate", "priya")).result == "escalated"
        story.expect_page("ben")
        assert (await story.act("acknowledge", "chloe")).result == "taken"
        story.expect("chloe", "Yours: SEV1 Northwind.")
        assert (await story.act("resolve", "chloe")).result == "resolved"
        assert (await story.act("acknowledge", "ana")).result == "already closed"

    tell(night)
