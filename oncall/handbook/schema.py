"""The JSON Schema of the language for editors, made from the grammar's table; the reader stays the judge of every value."""

from __future__ import annotations

from collections.abc import Mapping

from oncall.core.model import CHANNELS_OF_REPORT, AfterHours
from oncall.handbook.grammar import KEYS, VERSION

Shape = Mapping[str, object]

TEXT: Shape = {"type": ["string", "number", "boolean"]}
"""Editors read 17:00, +49151... and yes as numbers and booleans; the reader takes all of them as text."""
TEXTS: Shape = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
LINES: Shape = {"type": "array", "items": TEXT}


def section(name: str) -> Shape:
    """A mapping with the keys of a section."""
    return {"$ref": f"#/$defs/{name}"}


def named(shape: Shape) -> Shape:
    """A mapping from free names."""
    return {"type": "object", "additionalProperties": shape}


def listed(shape: Shape) -> Shape:
    """A list."""
    return {"type": "array", "items": shape}


def one_of(*values: str) -> Shape:
    """One of these words; an editor may have read it as a boolean."""
    return {"enum": [*values, *({"true": True, "false": False}[value] for value in values if value in {"true", "false"})]}


SHAPES: Mapping[str, Mapping[str, Shape]] = {
    "file": {
        "version": {"enum": [VERSION, int(VERSION)]},
        "people": named(section("person")),
        "reach": TEXTS,
        "hours": named(TEXTS),
        "holidays": named({"anyOf": [TEXT, section("calendar")]}),
        "rotations": named(section("rotation")),
        "away": LINES,
        "changes": listed(section("change")),
        "escalations": named({"anyOf": [listed(section("step")), section("escalation")]}),
        "services": named(section("service")),
        "roles": section("roles"),
        "policy": section("policy"),
        "customers": named(section("customer")),
        "training": named(section("training")),
    },
    "calendar": {"plus": TEXTS, "minus": TEXTS},
    "person": {"phone": TEXTS, "reach": TEXTS, "skills": TEXTS},
    "rotation": {
        "shifts": listed(section("shift")),
        "people": TEXTS,
        "hours": TEXTS,
        "shadows": TEXTS,
        "turns": one_of("every day"),
        "gaps": one_of("allowed"),
    },
    "shift": {"people": TEXTS, "hours": TEXTS, "turns": one_of("every day")},
    "change": {"put": TEXTS, "swap": LINES, "add": TEXTS},
    "escalation": {"steps": listed(section("step"))},
    "step": {"page": TEXTS},
    "service": {"escalation": {"anyOf": [TEXT, named(TEXT)]}, "help": TEXTS},
    "roles": {"admin": TEXTS, "manager": TEXTS},
    "policy": {
        "severities": named(section("severity")),
        "triage": listed(section("rule")),
        "last_resort": TEXTS,
        "exclusions": listed(section("exclusion")),
        "goals": section("goals"),
        "notices": section("notices"),
        "feedback": section("feedback"),
        "authority": section("authority"),
    },
    "authority": {"responder": TEXTS, "manager": TEXTS},
    "exclusion": {"words": TEXTS, "services": TEXTS},
    "customer": {"contract": TEXTS, "prefers": one_of("sms", "email"), "contacts": listed(section("contact")), "keys": TEXTS},
    "notices": {"languages": TEXTS},
    "goals": {"contacted_in_time": named(TEXT), "resolved_within": named(TEXT)},
    "severity": {
        "after_hours": one_of(*(one.value for one in AfterHours)),
        "contact_within": {"anyOf": [TEXT, {"type": "object", "properties": dict.fromkeys(CHANNELS_OF_REPORT, TEXT), "additionalProperties": False}]},
        "office": section("office"),
        "examples": TEXTS,
        "counterexamples": TEXTS,
    },
    "rule": {"words": TEXTS, "services": TEXTS, "source": TEXTS, "channel": TEXTS, "lower": one_of("true", "false")},
}
"""What a key holds that is more than one word or number."""

NEEDED: Mapping[str, tuple[str, ...]] = {"file": ("version",), "person": ("name",), "change": ("rotation", "from", "to"), "step": ("page", "wait")}
"""Keys without which a section means nothing."""


def schema() -> dict[str, object]:
    """The schema of one file of the handbook, draft 2020-12."""
    parts = {name: keys_of(name) for name in KEYS if name not in {"file", "lock"}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A file of the on-call handbook", **keys_of("file"), "$defs": parts}


def keys_of(name: str) -> dict[str, object]:
    """A section: its keys with what they hold, and no others."""
    shapes = SHAPES.get(name, {})
    found: dict[str, object] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"description": text, **shapes.get(key, TEXT)} for key, text in KEYS[name].items()},
    }
    if name in NEEDED:
        found["required"] = list(NEEDED[name])
    return found
