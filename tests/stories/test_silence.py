"""Nights in which nobody answers, nobody is there, or the promise is not kept: it goes on to the last resort, and says so."""

from __future__ import annotations

from tests.simulation.books import handbook_of
from tests.stories.story import LADDER, Story, tell


def test_nobody_answers_and_every_step_is_paged_on_time_then_the_last_resort_without_end() -> None:
    """An escalation never ends in silence: the last step and the last resort repeat until somebody answers."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("ana")
        story.expect_silence("ben")
        await story.after(minutes=5)
        story.expect_page("ben")
        story.expect_silence("priya")
        await story.after(minutes=5)
        story.expect_page("priya")
        story.expect_silence("mats")
        await story.after(minutes=10)
        mats = story.expect_page("mats")
        assert "ESCALATION SEV1 Northwind" in story.texts("mats")[0]
        story.expect("customer", "nobody has answered us yet. We keep trying")
        for _ in range(3):
            await story.after(minutes=10, seconds=20)
            story.expect_page("mats")
        await story.reply("mats", mats)
        assert story.incident().held_by == "mats"

    tell(night)


def test_a_step_without_anybody_is_skipped_without_waiting_and_the_admins_learn_of_it() -> None:
    """Nobody on call must not cost the customer five minutes."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect("ben", "SEV1 Northwind")
        story.expect("priya", "step 1 pages line, and that is nobody now")

    book = handbook_of(["ana", "ben"], ["{page: line, wait: 5m}", "{page: ben, wait: 5m}"], put_nobody=True)
    tell(night, book)


def test_when_nobody_at_all_is_on_call_the_last_resort_is_paged_at_once() -> None:
    """The worst handbook still wakes a human."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect_page("mats")
        story.expect("customer", "We are calling our on-call engineer now")

    tell(night, handbook_of(["ana", "ben"], ["{page: line, wait: 5m}"], put_nobody=True))


def test_a_promise_missed_while_nobody_has_it_is_told_and_pages_the_next_step() -> None:
    """At the deadline the customer hears that we are late and when we will call; it is the one reason to page early."""

    async def night(story: Story) -> None:
        await story.report()
        story.expect("customer", "A person will contact you by 02:04")
        await story.after(minutes=3, seconds=30)
        story.expect_silence("ben")
        await story.after(minutes=1)
        story.expect_page("ben")
        story.expect("customer", "we have not reached you in time and are sorry. We are now calling the next engineer. New time: 02:08.")
        promise = story.incident().promise
        assert promise is not None
        assert promise.missed_at is not None
        assert "missed promise" in "".join(entry.decision.because for entry in story.history())

    tell(night, handbook_of(["ana", "ben", "chloe"], LADDER, within_min=4))


def test_a_promise_missed_while_somebody_has_it_asks_them_and_tells_the_manager() -> None:
    """The holder was asked five minutes before; the escalation does not move, nobody else is woken to act."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.reply("ana", ana)
        await story.after(minutes=10)
        story.expect("ana", f"Reached them? Reply {ana}C.")
        await story.after(minutes=5)
        story.expect("ana", "Call now, then reply")
        story.expect("priya", "LATE SEV1 Northwind: Ana has it, but no call to the customer was reported")
        story.expect("customer", "Ana has your case; our duty manager is told. New time: 02:30.")
        story.expect_silence("ben")
        assert story.incident().held_by == "ana"

    tell(night)


def test_a_reported_contact_keeps_the_promise_and_ends_the_questions() -> None:
    """Only `47C` keeps it, not the acknowledgement."""

    async def night(story: Story) -> None:
        await story.report()
        ana = story.expect_page("ana")
        await story.reply("ana", ana)
        await story.reply("ana", f"{ana}C")
        story.expect("ana", "Noted: Northwind was reached at 02:00.")
        await story.after(minutes=20)
        for who in ("ana", "priya"):
            story.expect_silence(who)
        promise = story.incident().promise
        assert promise is not None
        assert (promise.missed_at, promise.contacted_at is not None) == (None, True)

    tell(night)


def test_what_can_wait_waits_until_the_office_opens_and_urgent_wakes_somebody() -> None:
    """The customer is told when, and may overrule us."""

    async def night(story: Story) -> None:
        outcome = await story.report("A question about my invoice")
        assert (outcome.result, outcome.status) == ("waiting", "waiting")
        story.expect("customer", "It looks like it can wait until we open 08:00; we will contact you by 09:00. Cannot wait? Reply URGENT")
        story.expect_silence("ana")
        await story.reply("customer", "urgent!")
        story.expect_page("ana")

    tell(night)


def test_what_waited_is_handled_when_the_office_opens() -> None:
    """Waiting has an end as well."""

    async def night(story: Story) -> None:
        await story.report("A question about my invoice")
        await story.after(minutes=5 * 60 + 59)
        story.expect_silence("ana")
        await story.after(minutes=2)
        story.expect_page("ana")

    tell(night)


def test_two_emergencies_and_a_bare_ok_are_not_guessed_at() -> None:
    """With two open pages the reply is a question; with the code, or with ALL, it acts."""

    async def night(story: Story) -> None:
        await story.report("Checkout is down")
        await story.report("Backups fail", by="+31655504321")
        first, second = story.expect_page("ana"), story.expect_page("ana")
        assert first != second
        outcome = await story.reply("ana", "ok")
        assert outcome.result == "ambiguous"
        story.expect("ana", f"You have 2 open pages. Reply {first} for SEV1 Northwind, {second} for SEV1 Northwind, or ALL for all.")
        assert [story.incident(one).held_by for one in ("1001", "1002")] == ["", ""]
        await story.reply("ana", "all")
        assert [story.incident(one).held_by for one in ("1001", "1002")] == ["ana", "ana"]

    tell(night)


def test_the_same_emergency_reported_again_joins_the_open_case() -> None:
    """One incident, counted; the same key gives the same answer."""

    async def night(story: Story) -> None:
        first = await story.report(dedup_key="disk", key="api:k1")
        again = await story.report(dedup_key="disk", key="api:k1")
        other = await story.report(dedup_key="disk", key="api:k2")
        assert (again.incident, again.repeated) == (first.incident, True)
        assert (other.result, other.incident) == ("folded", first.incident)
        assert story.incident().reports == 2
        story.expect_page("ana")
        story.expect_silence("ana")

    tell(night)
