"""Questions to people outside incidents, answered by a code of their own: what is asked for, of whom, and until when (decisions.md 32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from oncall.core.place import Place
from oncall.core.rota import Change, ChangeKind

KEY = "ask."
RIGHT_TO_WAKE = "right_to_wake"
JUDGED = ("yes", "no", "could wait", "not our job", "duplicate", "too little info")
"""Whether it was right to wake somebody (interfaces.md 6.6); 'no' without a reason is one too."""
ANSWERED = Place(file="an answer", line=1, column=1)


class Topic(StrEnum):
    """What a request wants: somebody who covers, one who swaps, or somebody for hours that are nobody's."""

    COVER = "cover"
    SWAP = "swap"
    GAP = "gap"


class Stage(StrEnum):
    """How far a request is: WISHED, nobody was asked yet; OPEN, the first yes has it; TAKEN, somebody said yes; OVER, nobody did."""

    WISHED = "wished"
    OPEN = "open"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """[start, end) of a rotation, in UTC."""

    rotation: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `by` wants of others for `span`; of a gap nobody does, and `by` is ''.

    While it is WISHED, `rotation` and `times` are only what was said: '' and None for what was not. SWAP: `other` has `back`, and `by` would
    have it for `span`. It stands until `until`; `taken_by` said yes. `seed` draws the codes of its questions.
    """

    id: int
    topic: Topic
    by: str
    made_at: datetime
    seed: str
    stage: Stage
    other: str = ""
    rotation: str = ""
    times: tuple[datetime, datetime] | None = None
    back: tuple[datetime, datetime] | None = None
    until: datetime | None = None
    taken_by: str = ""

    @property
    def span(self) -> Span:
        """The span of a request of which everything is known."""
        assert self.times is not None, "a wish that was not looked at yet"
        return Span(rotation=self.rotation, start=self.times[0], end=self.times[1])

    @property
    def back_span(self) -> Span | None:
        """What the other gives in a swap."""
        return None if self.back is None else Span(rotation=self.rotation, start=self.back[0], end=self.back[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to `person` in the words of the text `about`: whether they take `span`, for `request`, or know that it is theirs (0).

    With an `incident` it is whether it was right to wake them for it, at the beginning of `span`; the answer is a word of JUDGED then.
    It is put at `asked_at` and stands until `until`. `answer` is 'yes', 'no', 'cover' (find somebody else), 'refused' (a yes that could not
    be) or '' so far, and came at `answered_at` by the way `how`. Nothing is left to do about it from `settled_at` on.
    """

    id: int
    person: str
    code: str
    about: str
    request: int
    span: Span
    asked_at: datetime
    until: datetime
    answer: str = ""
    answered_at: datetime | None = None
    how: str = ""
    settled_at: datetime | None = None
    incident: str = ""

    def waits(self, now: datetime) -> bool:
        """Whether it was put, stands and is not answered: a bare word could mean it (decisions.md 32)."""
        return not self.answer and self.settled_at is None and self.asked_at <= now < self.until


def order_key(ask: int) -> str:
    """The second part of the ids of the orders that put a question."""
    return f"{KEY}{ask}"


def ask_of(order: str) -> int:
    """The question that an order puts, by the order's id; 0 if it puts none."""
    key = order.split("/")[1:2]
    number = key[0].removeprefix(KEY) if key and key[0].startswith(KEY) else ""
    return int(number) if number.isascii() and number.isdigit() else 0


def change_of(request: Request, who: str, span: Span, back: Span | None) -> Change:
    """The change that a yes of `who` makes."""
    kind, people = {
        Topic.COVER: (ChangeKind.COVER, (request.by, who)),
        Topic.SWAP: (ChangeKind.SWAP, (request.by, who)),
        # Added, not put: should the files name somebody by then, nobody is taken off.
        Topic.GAP: (ChangeKind.ADD, (who,)),
    }[request.topic]
    both = (span,) if back is None else (span, back)
    start, end = min(one.start for one in both), max(one.end for one in both)
    return Change(
        rotation=span.rotation, kind=kind, people=people, start=naive(start), end=naive(end), timezone="UTC", why="", place=ANSWERED
    )  # fmt: skip


def naive(at: datetime) -> datetime:
    """An instant as naive UTC, to the second."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
