"""The one table of every key of the language (version 1): what is not in it is an error, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping

VERSION = "1"
"""The version of the language this program reads; a change of meaning is a new version."""

KEYS: Mapping[str, Mapping[str, str]] = {
    "file": {
        "version": "the version of the language, 1",
        "timezone": "IANA name for every time in the files",
        "people": "who can be paged",
        "reach": "how people are paged who do not say it themselves",
        "hours": "named weekly hours",
        "holidays": "named holiday calendars",
        "rotations": "who is on call",
        "away": "absences",
        "changes": "overrides, covers and swaps",
        "escalations": "who is paged, in which order, how long to wait",
        "services": "what is covered",
        "roles": "who administers and who manages",
        "policy": "severities, triage, office hours, last resort",
    },
    "lock": {
        "version": "of the lock file, 1",
        "from": "the first day it knows",
        "to": "the last day it knows",
        "calendars": "for each calendar its days, with their names",
    },
    "calendar": {
        "calendar": "country and, where there is one, its part: DE-BY, US-IL, NL",
        "plus": "further dates",
        "minus": "dates that are none",
    },
    "person": {
        "name": "the name as texts call them, the first word first",
        "phone": "international number, or a list; the first is paged",
        "email": "address",
        "slack": "Slack member id, or the e-mail by which Slack knows them",
        "timezone": "their own zone, if it is not the company's",
        "language": "of the texts they get; en if left out",
        "skills": "what they were trained for, with dates",
        "reach": "personal contact steps, e.g. [slack + sms, call after 90s, call after 3m]",
    },
    "rotation": {
        "backs_up": "another rotation: the next in its line, never who is on call for it",
        "apart_from": "another rotation: whoever is on call for it counts as not there",
        "shadows": "who gets copies and is never responsible",
        "gaps": "'allowed': nobody wonders when nobody is on call",
        "shifts": "list of shifts, the first that applies wins",
        "people": "the ring, in order",
        "handover": "when a turn passes on",
        "start": "date of the first turn",
        "hours": "when it applies",
        "holidays": "the calendar that 'except holidays' speaks of",
        "turns": "'every day': turns without any of the hours use somebody up too",
        "from": "silent before; date, or date and time",
        "until": "silent after; date (inclusive), or date and time (exclusive)",
        "timezone": "its own zone",
    },
    "shift": {
        "name": "in words, for calendars and reasons",
        "people": "the ring, in order",
        "handover": "when a turn passes on",
        "start": "date of the first turn",
        "hours": "when it applies",
        "holidays": "the calendar that 'except holidays' speaks of",
        "turns": "'every day': turns without any of the hours use somebody up too",
        "from": "silent before; date, or date and time",
        "until": "silent after; date (inclusive), or date and time (exclusive)",
        "timezone": "its own zone",
    },
    "change": {
        "rotation": "which rotation",
        "from": "date or date and time",
        "to": "date (inclusive) or date and time (exclusive)",
        "put": "exactly these people, or nobody",
        "cover": "who is covered",
        "by": "who covers",
        "swap": "two people, both ways",
        "add": "who is on call as well",
        "why": "free text",
    },
    "escalation": {"repeat": "how often the steps are gone through", "steps": "the steps"},
    "step": {"page": "a rotation, a person, or a list", "wait": "how long before the next step"},
    "service": {"name": "in words", "escalation": "an escalation, or one for each severity and otherwise", "needs": "a skill"},
    "roles": {"admin": "people or a rotation", "manager": "people or a rotation"},
    "policy": {
        "company": "how texts to customers begin",
        "title": "of the policy",
        "owner": "a person",
        "office": "named hours; after hours is everything else",
        "holidays": "the calendar that 'except holidays' speaks of",
        "severities": "the highest first",
        "triage": "from the top, the first that matches decides",
        "last_resort": "people or numbers, paged when everything else failed",
    },
    "severity": {
        "means": "in the customer's words",
        "after_hours": "page, wait or decline",
        "contact_within": "for each channel, or 'opening + 1h'",
        "acknowledge_again_after": "how long an acknowledgement holds",
        "escalation": "which one it uses",
    },
    "rule": {
        "words": "whole words in what was reported",
        "services": "services",
        "service": "one service",
        "source": "which intake it came from",
        "channel": "phone, sms, email, form, chat, portal or api",
        "severity": "the severity it gets",
        "lower": "true: may lower what the reporter said",
        "otherwise": "the severity of everything else",
    },
}
"""Section by section: key, and what it holds."""

LATER: Mapping[str, tuple[str, ...]] = {
    "file": ("hotlines", "customers", "intake", "training", "burden"),
    "person": ("say_as",),
    "step": ("voicemail",),
    "service": ("guideline", "help"),
    "policy": ("exclusions", "authority", "notices", "feedback", "goals", "effective", "review_every"),
    "severity": ("update_every", "examples", "counterexamples", "office", "ack_requires"),
    "rule": ("labels", "press", "min_count"),
}
"""Keys of the language that this version does not do yet: better refused than ignored."""
