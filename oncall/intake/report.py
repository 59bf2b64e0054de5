"""What every intake gives: a fact with remarks for the reporter, or a refusal that names each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from oncall.core.messages import Reported


class Why(StrEnum):
    """Why a report was refused for good; sending the same bytes again cannot help."""

    NOT_READABLE = "not readable"
    TOO_LARGE = "too large"
    WRONG_FIELDS = "wrong fields"


class Refused(Exception):
    """Bytes that are no report. `fields` names each wrong field with its problem."""

    def __init__(self, why: Why, reason: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.why = why
        self.reason = reason
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        """The reason and every field, one per line."""
        return "\n".join((self.reason, *(f"{name}: {problem}" for name, problem in self.fields.items())))


class NotNow(Exception):
    """The report could not be stored now (store full, starting, stopping); the same bytes may be taken later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A report as read: the fact, and sentences for the reporter about what we could not use as it was given."""

    fact: Reported
    remarks: tuple[str, ...] = field(default=())


class Read(Protocol):
    """Reads the bytes of one report; Refused if they are none. Pure: `at` (UTC), `seed` (16 random bytes as hex) and `source` are given."""

    def __call__(self, raw: bytes, *, at: datetime, seed: str, source: str) -> Received:
        """The report in `raw`."""
        ...
