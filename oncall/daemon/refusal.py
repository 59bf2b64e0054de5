"""Why a daemon does not start."""

from __future__ import annotations


class StartRefused(Exception):
    """The daemon does not start: cause, remedy, and the exit code that says which kind it is (1: refused, 2: unreadable files)."""

    def __init__(self, message: str, *, hint: str, problems: tuple[str, ...] = (), code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = problems
        self.code = code
