"""One line per event on standard error: for people on a terminal, as JSON elsewhere; numbers and secrets are masked in every line."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from functools import lru_cache
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

NUMBER = re.compile(r"(?:\+|%2B|(?<![\w.])00)[1-9](?:[ ().-]{0,2}[0-9]){6,14}|(?<![\w.:/-])[0-9]{10,15}(?![\w.:-])", re.IGNORECASE)
"""What looks like a telephone number: international form, also URL-encoded and with blanks, and long bare digits."""
SECRET_NAMES = re.compile(r"token|secret|password|authorization|api_?key|credential", re.IGNORECASE)
QUIET = ("twilio", "aiohttp", "slack_sdk", "apscheduler", "alembic", "watchfiles", "asyncio", "urllib3", "uvicorn.error", "mail.log")
"""Libraries that tell too much, requests with their addresses among it; warnings and errors of theirs are shown."""
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""syslog(3) levels, which journald reads from a <N> in front of a line (sd-daemon(3))."""


class Mask:
    """Masks telephone numbers to their last four digits and known secrets entirely, in every text of an event."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Longest first, so that a secret inside another one leaves no rest of it; one expression, for every line is searched for all of them.
        known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The event with every text masked, keys that name secrets emptied."""
        return {key: "[secret]" if value and names_secret(key) else self.cover(value) for key, value in event.items()}

    def cover(self, value: object) -> object:
        """`value` with every text in it masked; objects become their masked text."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, Mapping):
            return {str(key): self.cover(one) for key, one in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.cover(one) for one in value]
        return self.text(str(value))

    def text(self, text: str) -> str:
        """`text` with secrets and numbers masked."""
        if self._secrets is not None:
            text = self._secrets.sub("[secret]", text)
        return NUMBER.sub(lambda found: f"...{found[0][-4:]}", text)


@lru_cache(maxsize=1000)
def names_secret(key: str) -> bool:
    """Whether a key's name says that its value is a secret; there are only so many names."""
    return SECRET_NAMES.search(key) is not None


class Lines:
    """Writes our own lines where the libraries' go, between theirs; a line that cannot be written is lost, for paging goes on without it."""

    def __init__(self, handler: logging.StreamHandler[TextIO]) -> None:
        self._handler = handler

    def msg(self, line: str) -> None:
        """One line."""
        with self._handler.lock or nullcontext():
            try:
                self._handler.stream.write(line + "\n")
                self._handler.stream.flush()
            except (OSError, ValueError):
                # The disk or the pipe is gone, or the stream is closed.
                return

    debug = info = warning = error = critical = msg


def configure(*, secrets: Iterable[str] = (), stream: TextIO | None = None, verbose: bool = False) -> None:
    """Sets up structlog and the standard library's logging, both to `stream` (default: standard error)."""
    target = stream or sys.stderr
    before: list[Processor] = [
        structlog.processors.format_exc_info,
        Mask(secrets),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    level = logging.DEBUG if verbose else logging.INFO
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer(target)]
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    # Ours do not go through the standard library, which takes longer for a line than deciding an emergency.
    structlog.configure(
        processors=[*before, renderer(target)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Lines(handler),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # One line per request would drown the lines that matter, and paths carry keys of messages.
    logging.getLogger("uvicorn.access").disabled = True


def renderer(target: TextIO) -> Processor:
    """How a line is written: columns on a terminal, JSON elsewhere, with a priority in front under journald."""
    if target.isatty():
        return structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")
    prefixed = "JOURNAL_STREAM" in os.environ

    def as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
        line = json.dumps(event, default=str, ensure_ascii=False)
        return f"<{PRIORITIES.get(str(event.get('level')), 6)}>{line}" if prefixed else line

    return as_json
