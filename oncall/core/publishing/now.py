"""Whether the office is open at an instant, in the words of the published policy."""

from __future__ import annotations

from datetime import datetime

from oncall.core.hours import holidays_known, next_change, next_opening
from oncall.core.model import Handbook
from oncall.core.publishing.wording import speech_of
from oncall.core.triage import office_is_open


def said_now(handbook: Handbook, at: datetime, language: str = "en") -> str:
    """What holds at `at`, and until when as far as the known holidays reach."""
    speech, office = speech_of(handbook, language), handbook.office
    if office is None:
        return speech.say("policy_now_always")
    is_open = office_is_open(handbook, at)
    change = next_change(office, handbook.timezone, at) if is_open else next_opening(office, handbook.timezone, at)
    # Behind the last known holiday an opening is a guess; nothing is said rather than something wrong.
    known = change is not None and holidays_known(office, handbook.timezone, change)
    time = speech.time(change, handbook.timezone, at) if change is not None and known else ""
    if is_open and time:
        return speech.say("policy_now_open", time=time)
    return speech.say("policy_now_closed", time=time)
