"""The policy's own words: sentences by language, spans, weekdays and opening hours as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core import texts_policy_de, texts_policy_nl
from oncall.core.localtime import local_of
from oncall.core.model import Handbook
from oncall.core.rota import Hours, WeeklySpan
from oncall.core.texts_policy_en import POLICY
from oncall.core.wording import PLACEHOLDER, filled

DAY_MINUTES = 24 * 60
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


TRANSLATED: Mapping[str, Mapping[str, str]] = {"de": texts_policy_de.POLICY, "nl": texts_policy_nl.POLICY}
"""The built-in sentences in other languages than English. What the company itself says, as of its severities, stays in its own words."""


def languages(handbook: Handbook) -> tuple[str, ...]:
    """The languages in which the policy is published: English, those that it names, and those of which the company has every sentence."""
    own = {name for name, texts in handbook.texts.items() if texts.keys() >= POLICY.keys()}
    return ("en", *sorted((own | set(handbook.publication.languages)) - {"en"}))


def missing(texts: Mapping[str, Mapping[str, str]], language: str) -> tuple[str, ...]:
    """The sentences of `language` that neither we have nor the company, whose own `texts` are by language."""
    known = TRANSLATED.get(language, {}).keys() | texts.get(language, {}).keys()
    return tuple(about for about in POLICY if language != "en" and about not in known)


def problems(about: str, pattern: str) -> tuple[str, ...]:
    """What is wrong with a company's own sentence of the policy: a placeholder that it cannot fill, or that it must not leave out."""
    wanted, given = set(PLACEHOLDER.findall(POLICY[about])), set(PLACEHOLDER.findall(pattern))
    unknown = tuple(f"the text '{about}' cannot fill '{{{name}}}'" for name in sorted(given - wanted))
    if about == "policy_weekdays" and len(pattern.split()) != 7:
        return (f"the text '{about}' must name seven days, from Monday on",)
    return unknown + tuple(f"the text '{about}' must name '{{{name}}}'" for name in sorted(wanted - given - {"company"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The sentences of one language, the company's own before the built-in ones."""

    texts: Mapping[str, str]
    company: str

    def say(self, about: str, /, **values: str) -> str:
        """The sentence `about` with its values; '' stands for what is not there."""
        return filled(self.texts.get(about) or POLICY[about], {"company": self.company, **values}).strip()

    def span(self, span: timedelta) -> str:
        """A span in its largest whole unit: '15 minutes', '1 hour', '2 days'. What is no whole minute is rounded up, never promised too soon."""
        if span % DAY == timedelta(0) and span > DAY:
            return self.say("policy_day_count", count=str(span // DAY))
        if span % HOUR == timedelta(0) and span >= HOUR:
            return self.say("policy_hour") if span == HOUR else self.say("policy_hour_count", count=str(span // HOUR))
        minutes = -(-span // MINUTE)
        return self.say("policy_minute") if minutes == 1 else self.say("policy_minutes", count=str(minutes))

    def weekday(self, day: int) -> str:
        """The name of a day, Monday is 0."""
        return self.say("policy_weekdays").split()[day % 7]

    def time(self, at: datetime, timezone: str, now: datetime) -> str:
        """An instant on the company's clock, with the day where that is not today."""
        local, today = local_of(at, timezone), local_of(now, timezone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        # The same weekday of another week would be taken for this one.
        day = self.weekday(local.weekday()) if (local.date() - today).days < 7 else f"{local:%Y-%m-%d}"
        return f"{day} {local:%H:%M}"

    def hours(self, hours: Hours) -> str:
        """Weekly hours, days of the same hours together: 'Monday to Friday from 08:00 to 18:00, but not on public holidays'."""
        plain = all(span.except_holidays for span in hours.spans) or not hours.cut
        said = [self._group(days, span, told=not plain) for span, days in groups(hours)]
        words = ", ".join(said)
        if hours.cut and plain:
            words = self.say("policy_no_holidays", hours=words)
        return self.say("policy_inverted", hours=words) if hours.inverted else words

    def _group(self, days: tuple[int, ...], span: WeeklySpan, *, told: bool) -> str:
        """One stretch of hours on the days that have it."""
        opens, length = span.opens_minute % DAY_MINUTES, span.closes_minute - span.opens_minute
        closes = opens + length
        if closes > DAY_MINUTES:
            last = self.weekday(days[0] + closes // DAY_MINUTES)
            words = self.say("policy_long_hours", first=self.weekday(days[0]), opens=clock(opens), last=last, closes=clock(closes % DAY_MINUTES))
        else:
            first, last = self.weekday(days[0]), self.weekday(days[-1])
            named = first if len(days) == 1 else self.say("policy_days", first=first, last=last)
            words = self.say("policy_hours", days=named, opens=clock(opens), closes=clock(closes))
        return self.say("policy_no_holidays", hours=words) if told and span.except_holidays else words


def groups(hours: Hours) -> list[tuple[WeeklySpan, tuple[int, ...]]]:
    """Spans with the days in a row on which they are the same; one that runs past midnight stands alone."""
    found: list[tuple[WeeklySpan, tuple[int, ...]]] = []
    for span in sorted(hours.spans, key=lambda one: (one.opens_minute, one.closes_minute)):
        day = span.opens_minute // DAY_MINUTES
        fits = next((index for index, (one, days) in enumerate(found) if same(one, span) and days[-1] == day - 1), None)
        if fits is None:
            found.append((span, (day,)))
        else:
            found[fits] = (found[fits][0], (*found[fits][1], day))
    return found


def same(one: WeeklySpan, other: WeeklySpan) -> bool:
    """Whether two spans, both within a day, are the same but for the day."""
    shift = other.opens_minute - one.opens_minute
    within = one.opens_minute % DAY_MINUTES + one.closes_minute - one.opens_minute <= DAY_MINUTES
    alike = shift % DAY_MINUTES == 0 and other.closes_minute - one.closes_minute == shift
    return within and alike and one.except_holidays == other.except_holidays


def clock(minute: int) -> str:
    """A minute of the day as a clock shows it; the end of a day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def speech_of(handbook: Handbook, language: str) -> Speech:
    """How the company speaks `language`."""
    return Speech(texts={**TRANSLATED.get(language, {}), **handbook.texts.get(language, {})}, company=handbook.company)
