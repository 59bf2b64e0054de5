"""What a script of a call is made of: words, pauses, one question at a time, and how it goes on; and the languages that voices speak."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = {"en": "en-US", "de": "de-DE", "nl": "nl-NL", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "pt": "pt-PT", "sv": "sv-SE", "da": "da-DK",
             "nb": "nb-NO", "fi": "fi-FI", "pl": "pl-PL"}  # fmt: skip
"""The voice of each language; one that is not here is spoken to in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Words for a voice; safe for XML once it is escaped."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Silence; whole seconds, as providers count them."""

    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Speaks, and listens for one key all the while and `silence_s` longer; without a key the script goes on behind it."""

    parts: tuple[Say | Pause, ...]
    silence_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """Asks for the script of the next `round`."""

    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Asks for the very same thing again; `trouble` counts how often."""

    trouble: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """Ends the call."""


Part = Say | Pause | Ask | ComeBack | TryAgain | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What happens in a call until its next question to us. `language`: the provider's code of the voice, as 'en-US'."""

    language: str
    parts: tuple[Part, ...]
