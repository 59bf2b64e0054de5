"""Nights by the policy: what it leaves out, a no that becomes URGENT, one case across channels, office hours."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.messages import Status
from oncall.core.model import Handbook
from tests.core.rotas import book_of
from tests.simulation.books import content_of, handbook_of
from tests.stories.story import CUSTOMER, LADDER, Story, tell

KNOWN = f"""customers:
  northwind:
    name: Northwind
    contacts: [{{name: M. Visser, phone: "{CUSTOMER}", email: visser@example.com}}]
"""


def book(more: str = "", old: str = "", new: str = "") -> Handbook:
    """The handbook of stories, with these lines on top and this text in the place of that."""
    content = content_of(["ana", "ben", "chloe"], LADDER).replace("version: 1\n", f"version: 1\n{more}", 1)
    assert old in content
    return book_of(content.replace(old, new))


def test_what_is_left_out_wakes_nobody_and_the_customer_has_a_time() -> None:
    """Billing waits for the office, which opens at 08:00; a person is promised four hours later, and the office is called at its opening."""

    async def night(story: Story) -> None:
        outcome = await story.report("Billing is wrong")
        assert (outcome.result, outcome.status) == ("waiting", "waiting")
        words = story.expect("customer", "Not handled after hours: Billing. Our office answers these. A person contacts you by 12:00.")
        assert words.endswith("Something down? Reply URGENT.")
        await story.after(minutes=5 * 60 + 55)
        story.expect_silence("ana")
        await story.after(minutes=6)
        story.expect_page("ana")

    tell(night)


def test_a_no_becomes_urgent_when_the_customer_says_so() -> None:
    """The customer overrules: paged now, with the promise of an emergency."""

    async def night(story: Story) -> None:
        outcome = await story.report("The SDK does not compile")
        assert (outcome.result, outcome.contact_by) == ("declined", None)
        story.expect("customer", "Not handled after hours: Code of your own. Something down? Reply URGENT.")
        story.expect_silence("ana")
        await story.after(minutes=20)
        outcome = await story.reply("customer", "Urgent")
        assert (outcome.result, outcome.status) == ("paging", "open")
        story.expect_page("ana")
        story.expect("customer", "We are calling our on-call engineer now. A person will contact you by 02:35.")

    tell(night)


def test_a_mail_joins_the_case_that_a_call_opened() -> None:
    """One case across channels: the holder reads the new words, nobody is woken anew, and the customer is told that it was added."""

    async def night(story: Story) -> None:
        first = await story.report(channel="phone")
        await story.reply("ana", story.expect_page("ana"))
        second = await story.report("Backups fail too", channel="email", by="", email="Visser@example.com")
        assert (second.result, second.incident) == ("folded", first.incident)
        story.expect("ana", 'Northwind writes: "Backups fail too"')
        story.expect_silence("ben")
        story.expect("customer", "added to your open case")
        assert story.incident().contact.email == "Visser@example.com"

    tell(night, book(KNOWN))


def test_a_text_about_an_outage_is_not_hidden_in_a_case_that_waits() -> None:
    """A thank-you to a case that waits is a note; that everything is down opens a case that pages under its own words."""

    async def night(story: Story) -> None:
        await story.report("a question")
        story.expect("customer", "It looks like it can wait")
        assert (await story.reply("customer", "thanks, a question more")).result == "noted"
        story.expect_silence("ana")
        outcome = await story.reply("customer", "now the whole shop is dark")
        assert (outcome.result, outcome.incident) == ("paging", "1002")
        assert "now the whole shop is dark" in story.texts("ana")[-1]

    tell(night)


def test_while_the_office_is_open_its_own_people_are_called_and_at_night_nobody_of_them() -> None:
    """The same report by day and, reopened, by night."""
    route = book("", "escalation: main}\n    sev2", "office: {escalation: day}, escalation: main}\n    sev2")
    assert "day" in route.escalations

    async def night(story: Story) -> None:
        await story.after(minutes=8 * 60)
        await story.report()
        dev = story.expect_page("dev")
        story.expect_silence("ana")
        await story.reply("dev", dev)
        await story.reply("dev", f"{dev}D")
        await story.after(minutes=10 * 60)
        assert story.incident().status is Status.RESOLVED
        assert story.world.clock.now() - story.incident().opened_at > timedelta(hours=9)
        await story.reply("customer", "REOPEN")
        story.expect_page("ana")
        assert len([words for words in story.texts("dev") if "Reply" in words and "take it" in words]) == 1

    tell(night, route)


def test_a_policy_edit_leaves_a_running_case_alone() -> None:
    """What was promised stays promised (decisions.md 21)."""

    async def night(story: Story) -> None:
        await story.report()
        story.world.book = handbook_of(["ana", "ben", "chloe"], LADDER, within_min=60)
        await story.after(minutes=15)
        story.expect("customer", "We are calling our on-call engineer now. A person will contact you by 02:15.")
        story.expect("customer", "we have not reached you in time and are sorry")

    tell(night)


def test_nobody_adds_an_address_to_somebody_elses_case() -> None:
    """Whoever gives a customer's number and an e-mail of their own joins the case with their words, and is told nothing of it."""

    async def night(story: Story) -> None:
        await story.report(channel="phone")
        second = await story.report("me too", channel="form", email="stranger@example.com")
        assert second.incident == "1001"
        assert story.incident().contact.email == ""

    tell(night, book(KNOWN))


def test_the_number_of_a_last_resort_is_no_name_for_customers() -> None:
    """They have a private telephone like everybody; colleagues see whose it is."""
    number = "+447700900099"

    async def night(story: Story) -> None:
        await story.report()
        await story.reply("ana", story.expect_page("ana"))
        await story.act("pass", "ana")
        await story.after(minutes=30)
        await story.reply(number, story.expect_page(number))
        story.expect("customer", "One of us has your case")
        await story.act("resolve", number)
        story.expect("customer", "One of us closed your case")
        assert not [words for words in story.texts("customer") if "7700900099" in words]

    tell(night, book("", "last_resort: [mats]", f'last_resort: [mats, "{number}"]'))


def test_a_customer_who_says_that_it_is_not_urgent_silences_nobody_and_is_heard() -> None:
    """A number can be forged, so a text wakes people and never lets them sleep; whoever has it reads it, and can let it wait."""

    async def night(story: Story) -> None:
        outcome = await story.report()
        await story.reply("customer", "NOTURGENT")
        assert story.incident().status is Status.OPEN
        story.expect("customer", f"added to your open case {outcome.case}.")
        await story.reply("ana", story.expect_page("ana"))
        await story.reply("customer", "Not urgent, tomorrow is fine")
        story.expect("ana", "Not urgent, tomorrow is fine")
        assert story.incident().held_by == "ana"

    tell(night, book())


def test_another_number_that_a_customer_gives_is_read_by_whoever_has_it() -> None:
    async def night(story: Story) -> None:
        await story.report()
        await story.reply("ana", story.expect_page("ana"))
        await story.reply("customer", "+31 6 5550 9999")
        story.expect("ana", "+31 6 5550 9999")
        assert "+31 6 5550 9999" in story.incident().details

    tell(night, book())
