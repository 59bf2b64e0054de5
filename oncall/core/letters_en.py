"""The built-in English letters (interfaces.md 2.6): a subject, then the same four slots each time; [parts] vanish when empty.

A company overrides them in config/texts/<language>.yaml. None says more than the text of the same name, and none offers an answer by mail.
"""

from __future__ import annotations

from collections.abc import Mapping

REACH = "Report it again where you reported this[, or text us at {number}], and name case {case}. Answers to this mail wake nobody."

LETTERS: Mapping[str, str] = {
    "letter_received": """We have your emergency.[ A person will contact you by {due}]
We received your report at {reported}: {summary}
We are calling our on-call engineer now.
[A person will contact you by {due}. If nobody does, you hear from us then. ]You are told as soon as somebody has your case.
"""
    + REACH,
    "letter_nobody_yet": """Your emergency is recorded, but we have not reached anyone yet
We received your report at {reported}: {summary}
We have not reached anyone yet and keep trying.
[A person is due to contact you by {due}. If nobody does, you hear from us then. ]You are told as soon as somebody has your case.
"""
    + REACH,
    "letter_taken": """{holder} has your case
{holder} took your case at {since}. You reported: {summary}
{holder} has your case[ and will contact you by {due}].
[By {due}, if nobody has reached you by then. ]When your case is closed, you are told.
"""
    + REACH,
    "letter_late": """We are late and sorry. New time: {due}
We have not reached you in time and are sorry. You reported: {summary}
We are now calling {next}.
New time: {due}. If nobody contacts you by then, you hear from us again. You are told as soon as somebody has your case.
"""
    + REACH,
    "letter_late_held": """We are late and sorry. New time: {due}
We have not reached you in time and are sorry. You reported: {summary}
{holder} has your case[; {next} is told].
New time: {due}. If nobody contacts you by then, you hear from us again.
"""
    + REACH,
    "letter_exhausted": """Nobody has answered us yet, we keep trying
Nobody has answered us yet. You reported: {summary}
We keep trying and are calling more people.
[By {due}. ]You are told as soon as somebody has your case.
"""
    + REACH,
    "letter_resolved": """{by} closed your case
{by} closed your case at {since}. You had reported: {summary}
Nobody works on it any more, unless you tell us that it is still broken.
None, unless you do.
Still broken?[ Text REOPEN {case} to {number} and we wake an engineer again.] """
    + REACH,
    "letter_waiting": """Noted. It looks like it can wait until we open {opening}
We received your report at {reported}: {summary}
It looks like it can wait until we open {opening}, so nobody is woken for it.
When we open {opening}[. We will contact you by {due}].
Cannot wait?[ Text URGENT {case} to {number} and we wake someone.] """
    + REACH,
    "letter_can_wait": """{by} says that your case can wait until we open {opening}
{by} has looked at your case. You reported: {summary}
It can wait until we open {opening}, so nobody works on it before.
When we open {opening}.
Cannot wait?[ Text URGENT {case} to {number} and we wake someone.] """
    + REACH,
    "letter_sooner": """We treat your case as more urgent now
It is more urgent than we thought. You reported: {summary}
{holder} has your case[ and will contact you by {due}].
[By {due}, if nobody has reached you by then. ]When your case is closed, you are told.
"""
    + REACH,
    "letter_declined": """Noted, but we do not handle this after hours
We received your report at {reported}: {summary}
We do not handle this after hours, so nobody is woken for it.
None from us by itself.
Is something down?[ Text URGENT {case} to {number} and we wake someone.] """
    + REACH,
    "letter_out_of_scope": """Noted, but not handled after hours: {topic}
We received your report at {reported}: {summary}
Not handled after hours: {topic}.[ {answer}] Nobody is woken for it.
[A person contacts you by {due}. ][We look at it {opening}. ]You can always ask.
Is something down?[ Text URGENT {case} to {number} and we wake someone.] """
    + REACH,
    "letter_update": """A word on your case
{words}
A person wrote this to you, and we add nothing to it.
[By {update}, even if there is no news. ]You can always ask.
"""
    + REACH,
    "letter_no_news": """No news on your case yet, sorry
We promised you a word by now and have no news yet, sorry. You reported: {summary}
Your case is not closed.[ {holder} has it.]
By {update}, even if there is no news then.
"""
    + REACH,
    "letter_added": """Added to your open case
What you sent was added to your open case, which you reported at {reported}: {summary}
It stands in the case for whoever works on it.[ {holder} is working on it.]
As we told you before[: by {due}].
"""
    + REACH,
}
"""By the name of the text to the customer: the subject, what we know, what we do, next update by, how to reach us."""

FRAME = """Hello[ {name}],

What we know: {know}

What we do: {do}

Next update: {then}

How to reach us: {reach}[

Your case, and what you can do about it: {page}][

What we promise after hours: {policy}]

{company}, case {case}. Written {written}; times are those of {zone}."""
"""The words around the four slots, which are the same in every letter; overridden as 'letter'."""
