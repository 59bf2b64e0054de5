"""A finding: something that is allowed by the language and wrong all the same."""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, where, and what to do. `severity`: 'error' loses pages, 'warning' makes them worse."""

    code: str
    severity: str
    place: Place
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.severity}: {self.what}" + (f"; {self.hint}" if self.hint else "")
