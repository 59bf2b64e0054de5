"""Nights with text, telephone and Slack: voicemail, keys and buttons at once, a way that is down, a telephone that stops ringing."""

from __future__ import annotations

import asyncio

from tests.simulation.books import handbook_of
from tests.stories.story import Story, tell

WAYS = ("sms", "voice", "slack")


def test_a_voicemail_that_answers_takes_nothing_and_the_next_is_paged() -> None:
    """Twice the voicemail hears everything and presses no key; Ben is paged in his time, and takes it by a key."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("ana")
        assert "checkout is down" in story.messages("ana")[0].casefold()
        await story.after(seconds=90)
        await story.voicemail(story.expect_call("ana"))
        assert (story.incident().held_by, story.incident().calling) == ("", True)
        await story.after(seconds=81)
        await story.voicemail(story.expect_call("ana"))
        story.expect_silence("ben")
        await story.after(seconds=120)
        story.expect_page("ben")
        await story.after(seconds=90)
        taken = await story.press(story.expect_call("ben"), "1")
        assert (taken.result, taken.held_by) == ("taken", "ben")
        story.expect("ben", "Yours: SEV1 Northwind.")
        story.expect("ana", "is with Ben")
        story.expect("customer", "Ben has your case")

    tell(night, ways=WAYS)


def test_a_key_after_somebody_elses_text_is_answered_with_who_has_it() -> None:
    """The call had been answered already; the key says that Chloe has it, and takes nothing from her."""

    async def night(story: Story) -> None:
        await story.report()
        code = story.expect_page("chloe")
        await story.after(seconds=90)
        call = story.expect_call("ana")
        await story.reply("chloe", code)
        assert call.ended == "canceled"
        late = await story.press(call, "1")
        assert (late.result, late.held_by) == ("taken by other", "chloe")
        story.expect("ana", "is with Chloe")

    tell(night, handbook_of(["ana"], ["{page: [ana, chloe], wait: 10m}"]), ways=WAYS)


def test_of_a_button_and_a_key_pressed_at_once_one_has_it() -> None:
    """In Slack and on the telephone in the same moment: one holder, and both hear the truth."""

    async def night(story: Story) -> None:
        await story.report()
        await story.after(seconds=90)
        call = story.expect_call("ana")
        results = await asyncio.gather(story.press(call, "1"), story.click("acknowledge", "chloe"))
        assert sorted(one.result for one in results) == ["taken", "taken by other"]
        assert {one.held_by for one in results} == {story.incident().held_by}
        assert [entry.decision.result for entry in story.history()].count("taken") == 1

    tell(night, handbook_of(["ana"], ["{page: [ana, chloe], wait: 10m}"]), ways=WAYS)


def test_a_telephone_stops_ringing_when_it_is_taken_elsewhere() -> None:
    """Within seconds, and nobody is called for it again."""

    async def night(story: Story) -> None:
        await story.report()
        code = story.expect_page("ana")
        await story.after(seconds=90)
        call = story.expect_call("ana")
        await story.reply("ana", code)
        assert call.ended == "canceled"
        await story.after(minutes=8)
        story.expect_no_call("ana")
        assert len(story.world.calls) == 1

    tell(night, ways=WAYS)


def test_slack_being_down_changes_nothing_else() -> None:
    """Text and call come to the second as they do with Slack."""

    async def night(story: Story) -> None:
        story.world.carriers["slack"].down = True
        await story.report()
        story.expect_page("ana")
        await story.after(seconds=83)
        story.expect_no_call("ana")
        await story.after(seconds=4)
        taken = await story.press(story.expect_call("ana"), "1")
        assert taken.result == "taken"
        story.expect("customer", "We are calling our on-call engineer now.")
        story.expect("customer", "Ana has your case")
        assert story.messages("ana") == []
        story.expect_silence("priya")

    tell(night, ways=WAYS)


def test_while_texts_and_calls_are_down_slack_is_written_to_and_the_customer_is_not_lied_to() -> None:
    """Nobody can be rung: the steps and the last resort are gone through, and when the provider is back somebody is paged."""

    async def night(story: Story) -> None:
        for way in ("sms", "voice"):
            story.world.carriers[way].down = True
        await story.report()
        await story.after(minutes=3)
        assert story.messages("ana")
        assert story.messages("mats"), "the last resort is written to as well"
        assert story.texts("customer") == []
        for way in ("sms", "voice"):
            story.world.carriers[way].down = False
        await story.after(minutes=12)
        code = story.expect_page("mats")
        story.expect("customer", "We are calling our on-call engineer now.")
        taken = await story.reply("mats", code)
        assert taken.result == "taken"

    tell(night, ways=WAYS)


def test_a_text_that_never_arrives_rings_the_telephone_sooner() -> None:
    """A carrier that takes a page and drops it costs thirty seconds, not the night."""

    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "drop"
        await story.report()
        assert story.texts("ana") == []
        await story.after(seconds=56)
        taken = await story.press(story.expect_call("ana"), "1")
        assert taken.result == "taken"

    tell(night, ways=WAYS)


def test_a_page_is_passed_on_by_a_key() -> None:
    """Two: not me, the next please; and the next is paged at once."""

    async def night(story: Story) -> None:
        await story.report()
        await story.after(seconds=90)
        passed = await story.press(story.expect_call("ana"), "2")
        assert passed.result == "passed"
        story.expect_page("ben")
        await story.after(minutes=3)
        story.expect_no_call("ana")

    tell(night, ways=WAYS)
