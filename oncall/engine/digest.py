"""Tells Slack's channel each Monday how the week went; once for each week, over restarts and lost answers too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from oncall.channels import ChannelError, ResultUnknown
from oncall.channels.slack_api import SlackApi, SlackMessage
from oncall.core.buttons import escaped, marked
from oncall.core.localtime import instant_of, local_of, monday_of
from oncall.core.metrics.periods import last_over
from oncall.core.metrics.words import digest
from oncall.core.model import Handbook
from oncall.engine.outcome import Clock
from oncall.engine.reporting import Reporting
from oncall.store import Lane, Store, StoreUnavailable, chores

log = structlog.get_logger(__name__)

TOLD, BEGUN = "weekly digest", "weekly digest begun"
"""The rows: until when it is told, and which one is being told, so that one whose answer was lost is looked for before it is posted again."""
AT = timedelta(hours=8, minutes=30)
"""On Mondays, on the company's clock (interfaces.md 2.8)."""
MADE_UP_FOR = timedelta(hours=12)
"""After a longer stop last week is old news; it stands in `oncall report --week`."""
LONGEST_LINE = 190
"""Characters: fifteen lines of so many are a section, of which Slack takes 3,000."""


class WeeklyDigest:
    """The chore; `tell` is called each minute. Slack may be down: it is tried again as long as the news is fresh."""

    def __init__(self, *, store: Store, clock: Clock, handbook: Callable[[], Handbook], reporting: Reporting, api: SlackApi, channel: str) -> None:
        self._store = store
        self._clock = clock
        self._handbook = handbook
        self._reporting = reporting
        self._api = api
        self._channel = channel
        self._said = ""

    async def tell(self) -> None:
        """Posts the digest if it is due and not posted; trouble of Slack or the store is said once, and tried again in a minute."""
        now, timezone = self._clock.now(), self._handbook().timezone
        due = due_before(now, timezone)
        try:
            if await self._store.tx(lambda conn: is_wanted(conn, due, now), lane=Lane.SECOND):
                await self._post(due, timezone)
                await self._store.tx(lambda conn: chores.done(conn, TOLD, now), lane=Lane.SECOND)
                self._said = ""
        except (ChannelError, ResultUnknown) as error:
            self._say(error.reason)
        except StoreUnavailable as error:
            self._say(str(error))

    async def _post(self, due: datetime, timezone: str) -> None:
        """Posts the digest of the week before `due`, unless it stands there from a try whose answer was lost."""
        week = last_over("week", due, timezone)
        key = f"digest.{week.name}"
        if await self._store.tx(lambda conn: chores.done_until(conn, BEGUN), lane=Lane.SECOND) == due:
            if await self._is_there(key):
                return
        else:
            await self._store.tx(lambda conn: chores.done(conn, BEGUN, due), lane=Lane.SECOND)
        made = await self._reporting.report(week)
        first, *lines = digest(made, await self._reporting.around(made))
        title = escaped(first, LONGEST_LINE)
        words = "\n".join((f"*{title}*", *(escaped(line, LONGEST_LINE) for line in lines)))
        await self._api.post(self._channel, SlackMessage(text=title, blocks=({"type": "section", "text": marked(words)},), key=key))

    async def _is_there(self, key: str) -> bool:
        """Whether the channel has it; whoever may not look has to post again."""
        try:
            return await self._api.find(self._channel, key) is not None
        except ChannelError as error:
            if not error.permanent:
                raise
            return False

    def _say(self, reason: str) -> None:
        """Logs trouble, the same once."""
        if reason != self._said:
            self._said = reason
            log.warning("the weekly digest could not be posted; it is tried again", reason=reason)


def due_before(now: datetime, timezone: str) -> datetime:
    """The last Monday at AT that has come."""
    monday = monday_of(local_of(now, timezone))
    due = instant_of(monday + AT, timezone)
    return due if due <= now else instant_of(monday - timedelta(weeks=1) + AT, timezone)


def is_wanted(conn: Connection, due: datetime, now: datetime) -> bool:
    """Whether the digest that was due then is to be told now: not by a new daemon, not twice, not when it is old news."""
    told = chores.done_until(conn, TOLD)
    if told is not None and told >= due:
        return False
    if told is not None and now - due <= MADE_UP_FOR:
        return True
    chores.done(conn, TOLD, now)
    return False
