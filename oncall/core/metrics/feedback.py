"""What customers and responders said of the cases of a period, and what of it nobody has looked into yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from oncall.core.asks import Ask
from oncall.core.feedback import Review, Survey
from oncall.core.metrics.numbers import Share

SATISFIED = 4
"""From this rating on; 3 never counts as satisfied (interfaces.md 6.2)."""
NO_SHARE = Share(part=0, whole=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The feedback about a period. `satisfied`: of the customers who answered; `answered`: of those who were asked. `right`: of the judged pages.

    `wrong`: why pages were not right, the most frequent first. `ratings`: how often each was given. `open_reviews`: due first at the front.
    """

    satisfied: Share = NO_SHARE
    answered: Share = NO_SHARE
    ratings: Mapping[int, int] = field(default_factory=dict)
    right: Share = NO_SHARE
    wrong: tuple[tuple[str, int], ...] = ()
    open_reviews: tuple[Review, ...] = ()


NOTHING = Said()


def said(surveys: tuple[Survey, ...], judged: tuple[Ask, ...], reviews: tuple[Review, ...]) -> Said:
    """What was said: of the surveys and reviews of a period's cases, and of its pages."""
    ratings = [one.rating for one in surveys if one.rating is not None]
    answers = [one.answer for one in judged if one.answer]
    wrong = Counter(answer for answer in answers if answer != "yes")
    return Said(
        satisfied=Share(part=sum(one >= SATISFIED for one in ratings), whole=len(ratings)),
        answered=Share(part=len(ratings), whole=len(surveys)),
        ratings=dict(sorted(Counter(ratings).items())),
        right=Share(part=len(answers) - wrong.total(), whole=len(answers)),
        wrong=tuple(sorted(wrong.items(), key=lambda one: (-one[1], one[0]))),
        open_reviews=tuple(one for one in reviews if one.closed_at is None),
    )
