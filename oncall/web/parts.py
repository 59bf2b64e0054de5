"""What the routes work with; the daemon fills it in once everything is in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from oncall.core.model import Handbook
from oncall.core.publishing import NO_WAYS, Ways
from oncall.engine import Engine
from oncall.engine.changing import Changing
from oncall.engine.forgetting import Forgetting
from oncall.engine.reporting import Reporting
from oncall.settings import ApiKey
from oncall.store import Store
from oncall.web.limits import RateLimit
from oncall.web.metrics import Metrics
from oncall.web.problems import starting
from oncall.web.slack_clicks import Clicks
from oncall.web.slack_commands import Commands
from oncall.web.visitors import Visitors


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """What came of reading the handbook again. `problems` are printable, with file, line and column."""

    version: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The engine and its surroundings, as the routes use them. `channels`: every way, and whether it is on."""

    engine: Engine
    store: Store
    handbook: Callable[[], Handbook]
    now: Callable[[], datetime]
    speed: float
    last_write: Callable[[], datetime | None]
    keys: tuple[ApiKey, ...]
    channels: Mapping[str, bool]
    metrics: Metrics
    rate: RateLimit
    visitors: Visitors
    reload: Callable[[], Awaitable[Reload]]
    problems: Callable[[], tuple[str, ...]]
    changing: Changing
    reporting: Reporting
    forgetting: Forgetting
    base_url: str
    """By which people reach us, without a slash at the end."""
    ways: Ways = NO_WAYS
    """How customers reach us."""
    clicks: Clicks | None = None
    commands: Commands | None = None
    watched: bool = False
    """Whether a heartbeat goes to somebody outside."""
    database: str = ""
    """The file of the store, for `oncall doctor`; never an address with a password."""


def parts_of(request: Request) -> Parts:
    """The parts of the application that `request` came to; a Problem (503) while it is starting."""
    parts = request.app.state.parts
    if not isinstance(parts, Parts):
        raise starting()
    return parts
