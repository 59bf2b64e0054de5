"""Nights in which the customer is told by mail: because they left nothing else, because they wrote one, or because their text failed."""

from __future__ import annotations

from oncall.channels import Outgoing
from oncall.core.messages import Status
from tests.core.rotas import book_of
from tests.simulation.books import content_of
from tests.stories.story import CUSTOMER, LADDER, Story, tell

WAYS = ("sms", "email")
DANA = "dana@customer.example"


def test_who_left_only_an_address_is_told_everything_by_mail() -> None:
    """Received, taken, resolved: the same notices at the same moments, each with its four slots."""

    async def night(story: Story) -> None:
        outcome = await story.report("Checkout is down", by="", email=DANA)
        case = f"[{outcome.case}]"
        assert story.subjects(DANA) == [f"{case} We have your emergency. A person will contact you by 02:15"]
        code = story.expect_page("ana")
        await story.reply("ana", code)
        assert story.subjects(DANA)[1:] == [f"{case} Ana has your case"]
        await story.reply("ana", f"{code}D")
        assert story.subjects(DANA)[2:] == [f"{case} Ana closed your case"]
        assert len(story.texts(CUSTOMER)) == 0
        for _, _, letter in story.world.mails:
            assert [line.partition(":")[0] for line in letter.splitlines() if line.startswith(("What", "Next", "How"))] == [
                "What we know", "What we do", "Next update", "How to reach us",
            ]  # fmt: skip

    tell(night, ways=WAYS)


def test_a_mail_that_waits_is_asked_again_whether_it_is_true() -> None:
    """Somebody takes it while the mail server puts us off: "we are calling" is not said any more."""

    async def night(story: Story) -> None:
        story.world.carriers["email"].down = True
        await story.report(by="", email=DANA)
        await story.reply("ana", story.expect_page("ana"))
        story.world.carriers["email"].down = False
        await story.after(minutes=1)
        assert [subject.partition("] ")[2] for subject in story.subjects(DANA)] == ["Ana has your case"]

    tell(night, ways=WAYS)


def test_who_left_both_gets_texts_and_no_mail() -> None:
    async def night(story: Story) -> None:
        await story.report(email=DANA)
        await story.reply("ana", story.expect_page("ana"))
        assert len(story.texts("customer")) == 2
        assert story.subjects(DANA) == []

    tell(night, ways=WAYS)


def test_a_text_that_fails_for_good_goes_by_mail_and_wakes_no_human() -> None:
    """The admins need not reach a customer who can be reached."""

    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "refuse" if outgoing.line == "customers" else ""
        await story.report(email=DANA)
        assert [subject.partition("] ")[2] for subject in story.subjects(DANA)] == ["We have your emergency. A person will contact you by 02:15"]
        story.expect_silence("priya")

    tell(night, ways=WAYS)


def test_a_number_that_is_broken_is_not_texted_again() -> None:
    """The first notice finds it out; the next go by mail at once."""

    async def night(story: Story) -> None:
        tried: list[Outgoing] = []

        def broken(outgoing: Outgoing) -> str:
            if outgoing.line != "customers":
                return ""
            tried.append(outgoing)
            return "broken"

        story.world.carrier.script = broken
        await story.report(email=DANA)
        await story.reply("ana", story.expect_page("ana"))
        assert [outgoing.about for outgoing in tried] == ["received"]
        assert [subject.partition("] ")[2] for subject in story.subjects(DANA)][1:] == ["Ana has your case"]

    tell(night, ways=WAYS)


def test_a_text_of_which_nobody_knows_goes_by_mail_at_once_and_not_twice() -> None:
    """Another way at once, the same one only where there is no other (decisions.md 7)."""

    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "lose answer" if outgoing.line == "customers" else ""
        await story.report(email=DANA)
        assert len(story.texts("customer")) == 1
        assert len(story.subjects(DANA)) == 1

    tell(night, ways=WAYS)


def test_a_mail_of_which_nobody_knows_is_sent_once_more_and_then_a_human_is_asked() -> None:
    """It cannot be looked up, and there is no other way: the same mail again, then whoever holds it must know, before that the admins."""

    async def night(story: Story) -> None:
        story.world.carriers["email"].script = lambda outgoing: "lose answer"
        await story.report(by="", email=DANA)
        assert len(story.subjects(DANA)) == 2
        story.expect("priya", "the customer may not have our message (the answer was lost). Please reach them another way.")
        await story.reply("ana", story.expect_page("ana"))
        assert len(story.subjects(DANA)) == 4
        story.expect("ana", "the customer may not have our message")
        await story.after(minutes=2)
        assert len(story.subjects(DANA)) == 4
        assert len(set(story.subjects(DANA))) == 2

    tell(night, ways=WAYS)


def test_a_mail_that_may_be_lost_is_told_to_nobody_if_the_same_one_is_taken_after() -> None:
    async def night(story: Story) -> None:
        tries: list[Outgoing] = []

        def first_answer_is_lost(outgoing: Outgoing) -> str:
            tries.append(outgoing)
            return "lose answer" if len(tries) == 1 else ""

        story.world.carriers["email"].script = first_answer_is_lost
        await story.report(by="", email=DANA)
        assert [one.again for one in tries] == [False, True]
        assert tries[0].order == tries[1].order
        story.expect_silence("priya")

    tell(night, ways=WAYS)


def test_when_text_and_mail_both_fail_a_human_is_asked() -> None:
    async def night(story: Story) -> None:
        story.world.carrier.script = lambda outgoing: "refuse" if outgoing.line == "customers" else ""
        story.world.carriers["email"].script = lambda outgoing: "refuse"
        await story.report(email=DANA)
        story.expect("priya", "the customer may not have our message (refused). Please reach them another way.")
        story.expect_silence("priya")

    tell(night, ways=WAYS)


def test_a_closed_case_is_reopened_by_a_text_that_names_it_from_any_telephone() -> None:
    """Who left only an address is known by no number, so the mail says which words to text."""

    async def night(story: Story) -> None:
        outcome = await story.report(by="", email=DANA)
        code = story.expect_page("ana")
        await story.reply("ana", code)
        await story.reply("ana", f"{code}D")
        assert f"Text REOPEN {outcome.case} to +15125550101 and we wake an engineer again." in story.world.mails[-1][2]
        assert (await story.reply(CUSTOMER, f"Reopen {outcome.case.lower()}")).incident == "1001"
        assert story.incident().status is Status.OPEN
        story.expect_page("ana")
        assert len(story.subjects(DANA)) == 4

    tell(night, ways=WAYS)


def test_a_text_that_names_no_case_of_ours_opens_a_new_one() -> None:
    """Whatever a stranger writes, an emergency is never taken for a word on something else."""

    async def night(story: Story) -> None:
        await story.report(by="", email=DANA)
        assert (await story.reply(CUSTOMER, "REOPEN 2222")).incident == "1002"
        other = await story.world.say("+31655501299", f"{story.incident().case} is down again", "customers")
        assert other is not None
        assert other.incident == "1003"

    tell(night, ways=WAYS)


def test_without_a_mail_server_an_address_is_no_way() -> None:
    """Nothing is promised that cannot be sent, and no admin is texted for each stage."""

    async def night(story: Story) -> None:
        await story.report(by="", email=DANA)
        story.expect_page("ana")
        story.expect_silence("priya")
        assert story.incident().told == ()
        assert "no mail server is set up" in " ".join(entry.decision.because for entry in story.history())

    tell(night, checked=False)


def test_a_promise_that_is_missed_is_told_by_mail_with_the_new_time() -> None:
    async def night(story: Story) -> None:
        await story.report(by="", email=DANA)
        await story.after(minutes=16)
        letter = next(words for _, _, words in story.world.mails if "We are late" in words)
        assert letter.partition("\n")[0].endswith("We are late and sorry. New time: 02:30")
        assert "Next update: New time: 02:30. If nobody contacts you by then, you hear from us again." in letter

    tell(night, ways=WAYS)


def test_a_german_customer_reads_german_and_answers_in_it() -> None:
    """The word that the text asks for is the one that reopens the case."""
    known = f"customers: {{nord: {{name: Nord, language: de, contacts: [{{phone: '{CUSTOMER}'}}]}}}}\n"
    content = content_of(["ana", "ben", "chloe"], LADDER).replace("version: 1\n", f"version: 1\n{known}", 1)

    async def night(story: Story) -> None:
        await story.report("Kasse geht nicht")
        code = story.expect_page("ana")
        await story.reply("ana", code)
        story.expect("customer", "Example K7F2: Ana hat Ihren Fall und meldet sich bis 02:15 bei Ihnen.".replace("K7F2", story.incident().case))
        await story.reply("ana", f"{code}D")
        story.expect("customer", "Noch kaputt? Antworten Sie ERNEUT")
        await story.reply("customer", "Erneut!")
        assert story.incident().status is Status.OPEN

    tell(night, book=book_of(content))
