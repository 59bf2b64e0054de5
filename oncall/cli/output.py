"""How commands answer: data on standard output, talk on standard error, failures with a remedy and an exit code that means something."""

from __future__ import annotations

import json
import sys
from enum import IntEnum


class Code(IntEnum):
    """Exit codes (interfaces.md 4.3). NO: the answer is no (findings, a gap, unhealthy, too late)."""

    FINE = 0
    NO = 1
    USAGE = 2
    UNREACHABLE = 3
    FORBIDDEN = 4
    REFUSED = 5
    BROKEN = 70
    INTERRUPTED = 130


class Failed(Exception):
    """A command that cannot do what was asked. `word` names the kind for programs, `hint` is what helps."""

    def __init__(self, code: Code, word: str, message: str, hint: str = "", data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.word = word
        self.message = message
        self.hint = hint
        self.data = data


class Out:
    """Where a command prints; `json`: one object on standard output instead of text."""

    def __init__(self) -> None:
        self.json = False

    def data(self, value: object, text: str) -> None:
        """The command's answer: `value` for programs, `text` for people."""
        print(json.dumps(value, ensure_ascii=False, indent=2) if self.json else text)

    def say(self, text: str) -> None:
        """Talk beside the answer."""
        print(text, file=sys.stderr)

    def failed(self, failure: Failed) -> None:
        """Says why it did not work, and for programs gives one object all the same."""
        self.say(f"error: {failure.message}")
        if failure.hint:
            self.say(f"hint: {failure.hint}")
        if self.json:
            body = {"ok": False, "code": failure.word, "message": failure.message, "hint": failure.hint, "data": failure.data}
            print(json.dumps(body, ensure_ascii=False, indent=2))


out = Out()
"""The one output of this process."""


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows as columns for a terminal, separated by tabs when piped."""
    if not sys.stdout.isatty():
        return "\n".join("\t".join(row) for row in rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
