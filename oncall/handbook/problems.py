"""Problems of the files, each with its place and a hint, gathered so that all are told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from oncall.core.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where, what, and what to write instead ('' when we cannot know)."""

    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class Problems:
    """Gathers problems while the files are read; reading goes on, so that one edit mends them all."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, place: Place, what: str, hint: str = "") -> None:
        """Adds one."""
        self._found.append(Problem(place=place, what=what, hint=hint))

    def unknown(self, place: Place, what: str, name: str, known: Iterable[str]) -> None:
        """Adds one about a name that is not known, with the nearest that is."""
        near = get_close_matches(name, list(known), n=1, cutoff=0.6)
        self.add(place, what, f"did you mean '{near[0]}'?" if near else "")

    def sorted(self) -> tuple[Problem, ...]:
        """All of them by place, each once."""
        return tuple(sorted(set(self._found), key=lambda one: (one.place.file, one.place.line, one.place.column, one.what)))
