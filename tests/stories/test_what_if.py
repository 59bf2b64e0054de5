"""What `oncall simulate` says is what the engine then does: the same night played by both, with its store, its loop and its carriers."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.messages import Contact, LogEntry, OrderKind, Reported
from oncall.core.simulate import Answer, Assumptions, Behaviour, Kind, Outcome, simulate
from tests.simulation.books import handbook_of
from tests.simulation.world import START
from tests.stories.story import LADDER, Story, tell

Paged = tuple[float, str, str]
NEVER = Behaviour(answer=Answer.NEVER)
LATER_BY = 4.0
"""Seconds by which the engine may be behind: each send takes it up to half a second, and waits run from the hand-over."""
BOOK = handbook_of(["ana", "ben", "chloe"], LADDER, reach="slack + sms, call after 60s, call after 2m")


def foreseen(assumptions: Assumptions) -> Outcome:
    """The what-if of the story's report."""
    contact = Contact(name="Northwind", phone="+31655501234")
    report = Reported(at=START, seed="", source="api", channel="api", summary="Checkout is down", contact=contact)
    return simulate(BOOK, report, assumptions)


def foreseen_pages(outcome: Outcome) -> list[Paged]:
    """Who is paged by which ways, how many seconds after the report."""
    return [((line.at - START).total_seconds(), line.who, line.way) for line in outcome.lines if line.kind is Kind.PAGED]


def pages(history: list[LogEntry]) -> list[Paged]:
    """The same of what really happened."""
    found = []
    for entry in history:
        ways: dict[str, list[str]] = {}
        for order in entry.decision.orders:
            if order.kind is OrderKind.PAGE:
                ways.setdefault(order.recipient, []).append(order.way)
        found += [((entry.fact.at - START).total_seconds(), who, " + ".join(mine)) for who, mine in ways.items()]
    return found


def same(real: list[Paged], told: list[Paged]) -> None:
    """The same people by the same ways, and nobody more than LATER_BY later."""
    for who in {one[1] for one in told}:
        mine, foretold = ([one for one in those if one[1] == who] for those in (real, told))
        assert [one[2] for one in mine] == [one[2] for one in foretold]
        late = [happened[0] - said[0] for happened, said in zip(mine, foretold, strict=True)]
        assert all(-0.1 <= seconds <= LATER_BY for seconds in late), (who, late)
    assert {one[1] for one in real} == {one[1] for one in told}


def test_a_night_in_which_nobody_answers_goes_as_foreseen() -> None:
    """Every page of twenty-four minutes, to everybody, by every way."""

    async def night(story: Story) -> None:
        await story.report()
        await story.after(minutes=24)
        real = pages(story.history())
        told = [one for one in foreseen_pages(foreseen(Assumptions(otherwise=NEVER))) if one[0] < timedelta(minutes=24).total_seconds()]
        assert len(told) > 12
        same(real, told)

    tell(night, BOOK, ways=("sms", "voice", "slack"))


def test_a_night_in_which_the_second_takes_it_goes_as_foreseen_and_the_customer_reads_the_same() -> None:
    """Ben takes it a minute and a half after his first text; the customer is told the same words in the same order."""

    async def night(story: Story) -> None:
        await story.report()
        await story.after(minutes=5)
        code = story.expect_page("ben")
        await story.after(seconds=90)
        await story.reply("ben", code)
        await story.after(minutes=5)
        await story.reply("ben", f"{code}C")
        outcome = foreseen(Assumptions(people={"ana": NEVER}))
        same(pages(story.history()), foreseen_pages(outcome))
        case = story.incident().case
        read = [words.replace(case, "CASE") for words in story.texts("customer")]
        told = [line.text for line in outcome.lines if line.kind is Kind.TOLD]
        foreseen_case = told[0].partition("case ")[2][:4]
        assert [words.replace(foreseen_case, "CASE") for words in told] == read
        assert (outcome.by, story.incident().held_by) == ("ben", "ben")

    tell(night, BOOK, ways=("sms", "voice", "slack"))
