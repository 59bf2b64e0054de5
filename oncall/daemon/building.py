"""Builds the parts in order: store, clock, handbook, channels, engine, spool, watch; says in plain words what cannot be built."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from fastapi import APIRouter

from oncall.channels import CHANNELS, TO_CUSTOMERS_ONLY, Channel
from oncall.channels.slack import SlackDirect
from oncall.channels.twilio_account import account_of
from oncall.core.differences import differences
from oncall.core.model import Handbook
from oncall.daemon.chores import Chores
from oncall.daemon.clock import DaemonClock
from oncall.daemon.crash import crash_point
from oncall.daemon.in_force import InForce
from oncall.daemon.refusal import StartRefused
from oncall.daemon.slack_socket import SlackSocket
from oncall.engine import Engine
from oncall.engine.asking import Asking
from oncall.engine.boards import Boards
from oncall.engine.changing import Changing
from oncall.engine.desk import Desk
from oncall.engine.digest import WeeklyDigest
from oncall.engine.duty import DutyNotices, clock_rules
from oncall.engine.feedback import FeedbackChore
from oncall.engine.forgetting import Forgetting
from oncall.engine.rehearsal import rehearse
from oncall.engine.reporting import Reporting
from oncall.engine.retention import Retention
from oncall.intake import NotNow, Received
from oncall.intake.spool import Spool
from oncall.settings import Settings
from oncall.store import Store, StoreRefused, StoreUnavailable, open_store
from oncall.store import clock as marks
from oncall.store.opening import path_of
from oncall.watch import Auditor
from oncall.web.limits import RateLimit
from oncall.web.metrics import Metrics
from oncall.web.parts import Parts, Reload
from oncall.web.slack import slack_router
from oncall.web.slack_clicks import Clicks
from oncall.web.slack_commands import Commands
from oncall.web.twilio import twilio_router
from oncall.web.twilio_voice import voice_router
from oncall.web.visitors import Visitors

log = structlog.get_logger(__name__)

TELL_EVERY_S = 60.0
GATHER_EVERY_S = 600.0
"""So often what reports measure is brought up to the log, so that hardly anything is left to read when one is asked for."""
MOVES_WITHIN = timedelta(days=56)
"""As far as `check` looks (decisions.md 41)."""


@dataclass(kw_only=True)
class Built:
    """Everything that a daemon is made of. `channels` are those that are on."""

    store: Store
    clock: DaemonClock
    book: InForce
    channels: Mapping[str, Channel]
    ways: tuple[str, ...]
    engine: Engine
    auditor: Auditor
    chores: Chores
    duty: DutyNotices
    changing: Changing
    reporting: Reporting
    forgetting: Forgetting
    asking: Asking
    spool: Spool | None = field(default=None)
    boards: Boards | None = field(default=None)
    clicks: Clicks | None = field(default=None)
    commands: Commands | None = field(default=None)
    socket: SlackSocket | None = field(default=None)

    async def tell_of_handbook(self) -> None:
        """Tells the admins that the files cannot be used; once for the same problems on one day."""
        problems = self.book.problems
        values = {"count": str(len(problems)), "reason": problems[0][:80]}
        try:
            await self.engine.alarm("config_rejected", self.book.alarm_key(), values, "admins")
        except StoreUnavailable as error:
            log.error("the admins could not be told of the handbook's problems", reason=str(error))

    async def tell_of_moves(self, old: Handbook) -> None:
        """After an edit: logs whose shifts move in eight weeks, and tells both sides where who is on call now is somebody else."""
        new, now = self.book.handbook, self.clock.now()
        found = await asyncio.to_thread(differences, old, new, now, now + MOVES_WITHIN)
        for rotation in dict.fromkeys(one.rotation for one in found):
            mine = [one for one in found if one.rotation == rotation]
            first = {"start": mine[0].start, "end": mine[0].end, "before": mine[0].before, "after": mine[0].after}
            log.warning("an edit moves shifts", rotation=rotation, shifts=len(mine), tzdata=clock_rules(), **first)
        try:
            await self.duty.moved(found)
        except StoreUnavailable as error:
            log.error("those whose duty changed could not be told", reason=str(error))


async def build(settings: Settings, metrics: Metrics, speed: float, failed: Callable[[str], None]) -> Built:
    """Builds a daemon. StartRefused: and nothing is left open. `failed` is told when the process must end."""
    store = await opened(settings)
    try:
        clock = DaemonClock(mark=await store.tx(marks.mark), speed=speed)
        book = InForce(store, settings.config, settings.rotations, clock.now)
        await book.start()
        metrics.reloaded(clock.now(), not book.problems)
        ways, channels = await channels_from(settings)
        engine = Engine(
            store=store,
            clock=clock,
            handbook=lambda: book.handbook,
            channels=channels,
            reached=settings.ways,
            one_line=settings.twilio_customer_from in {"", settings.twilio_from},
            counts=metrics,
            crash_point=crash_point(os.environ),
        )
        await rehearsed(Desk(handbook=book.handbook, ways=frozenset(channels)), clock)
        auditor = Auditor(store, clock, lambda about, key, values: engine.alarm(about, key, values, "last resort"))
        duty = DutyNotices(engine, clock, lambda: book.handbook, frozenset(channels))
        chores = Chores(store, clock, failed)
        reporting = Reporting(store, clock, lambda: book.handbook)
        changing = Changing(engine, clock, book, frozenset(channels))
        built = Built(
            store=store, clock=clock, book=book, channels=channels, ways=ways, engine=engine, auditor=auditor, chores=chores, duty=duty,
            changing=changing, asking=Asking(engine, clock, lambda: book.handbook, changing, frozenset(channels)), reporting=reporting,
            forgetting=Forgetting(store, clock, lambda: book.handbook, frozenset(channels), reporting),
        )  # fmt: skip
        add_chores(built, settings)
        add_slack(built, settings)
        if settings.spool is not None:
            built.spool = Spool(settings.spool, lambda received, key: taken(engine, received, key), clock.now)
        if book.problems:
            await built.tell_of_handbook()
    except BaseException:
        await store.close()
        raise
    return built


def add_chores(built: Built, settings: Settings) -> None:
    """The regular work of every daemon: notices of duty, questions how it was, what reports measure, forgetting what is older than it is kept."""
    cases, raw = timedelta(days=settings.keep_cases_days), timedelta(days=settings.keep_raw_days)
    retention = Retention(built.store, built.clock, built.forgetting, keep_cases=cases, keep_raw=raw)
    feedback = FeedbackChore(built.engine, built.clock, lambda: built.book.handbook, frozenset(built.channels))
    built.chores.add(built.duty.tell, TELL_EVERY_S)
    built.chores.add(feedback.ask, TELL_EVERY_S)
    built.chores.add(built.reporting.keep_up, GATHER_EVERY_S)
    built.chores.add(retention.look, TELL_EVERY_S)


def add_slack(built: Built, settings: Settings) -> None:
    """What goes with Slack's direct messages: the channel's messages, the clicks and the commands."""
    slack = built.channels.get("slack")
    if not isinstance(slack, SlackDirect):
        return
    book, clock = built.book, built.clock
    if settings.slack_channel:
        channel = settings.slack_channel
        built.boards = Boards(store=built.store, clock=clock, handbook=lambda: book.handbook, api=slack.api, channel=channel)
        weekly = WeeklyDigest(
            store=built.store, clock=clock, handbook=lambda: book.handbook, reporting=built.reporting, api=slack.api, channel=channel
        )  # fmt: skip
        built.chores.add(weekly.tell, TELL_EVERY_S)
    clicks = built.clicks = Clicks(engine=built.engine, handbook=lambda: book.handbook, now=clock.now, api=slack.api)
    commands = built.commands = Commands(engine=built.engine, handbook=lambda: book.handbook, now=clock.now, person=clicks.person)
    app_token = settings.slack_app_token.get_secret_value()
    if app_token:
        built.socket = SlackSocket(
            app_token=app_token, api_base=settings.slack_api_base, clicked=clicks.clicked, commanded=commands.commanded
        )  # fmt: skip


async def opened(settings: Settings) -> Store:
    """The store, opened outside the loop: its schema may have to be brought up to date."""
    try:
        return await asyncio.to_thread(open_store, settings.database)
    except StoreRefused as error:
        raise StartRefused(f"the store cannot be used: {error}", hint="nothing was changed; ONCALL_DATABASE_URL names another file") from error


async def channels_from(settings: Settings) -> tuple[tuple[str, ...], dict[str, Channel]]:
    """Every way there is, and the channels that have credentials. StartRefused: none that pages has, so nobody could be paged."""
    made = {way: make(settings) for way, make in CHANNELS.items()}
    on = {way: channel for way, channel in made.items() if channel is not None}
    for way in sorted(made.keys() - on.keys()):
        log.warning("a channel is off, because it has no credentials", channel=way)
    if not on.keys() - TO_CUSTOMERS_ONLY:
        hint = "set ONCALL_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM; to try it without an account: oncall run --sandbox"
        raise StartRefused("no channel that pages has credentials, so nobody could be paged", hint=hint)
    await asyncio.to_thread(import_sdks, frozenset(on))
    return tuple(CHANNELS), on


async def rehearsed(desk: Desk, clock: DaemonClock) -> None:
    """Plays an emergency in memory; one that cannot be played is told, and keeps nobody from being paged for those that can."""
    try:
        decided = await asyncio.to_thread(rehearse, desk, clock.now())
    except Exception:
        log.exception("the rehearsal of an emergency failed; look at the handbook and report this")
        return
    if decided == "parked":
        log.error("an emergency could not be decided in the rehearsal; look at the handbook and report this")


def import_sdks(ways: frozenset[str]) -> None:
    """Imports what the first page would otherwise wait for; half a second, in which the door answers already (decisions.md 42)."""
    twilio = ("tenacity", "twilio.http.async_http_client", "twilio.rest.api", "twilio.twiml.voice_response") if ways & {"sms", "voice"} else ()
    slack = ("slack_sdk.web.async_client", "slack_sdk.webhook.async_client", "slack_sdk.signature") if "slack" in ways else ()
    mail = ("aiosmtplib",) if "email" in ways else ()
    for name in (*twilio, *slack, *mail):
        importlib.import_module(name)


def webhooks(settings: Settings) -> tuple[APIRouter, ...]:
    """The routers on which providers call us; none without the credentials that their signatures are checked with."""
    account, secret = account_of(settings), settings.slack_signing_secret.get_secret_value()
    twilio = (twilio_router(account), voice_router(account)) if account is not None else ()
    return (*twilio, slack_router(secret)) if secret else twilio


async def taken(engine: Engine, received: Received, key: str) -> str:
    """Gives a spooled report to the engine; trouble of the store leaves the file where it is."""
    try:
        outcome = await engine.take(received.fact, key=key)
    except StoreUnavailable as error:
        raise NotNow(str(error)) from error
    return outcome.result


def parts_from(settings: Settings, built: Built, metrics: Metrics, reload: Callable[[], Awaitable[Reload]]) -> Parts:
    """What the routes work with."""
    return Parts(
        engine=built.engine,
        store=built.store,
        handbook=lambda: built.book.handbook,
        now=built.clock.now,
        speed=built.clock.speed,
        last_write=lambda: built.chores.last_write,
        keys=settings.keys,
        channels={way: way in built.channels for way in built.ways},
        metrics=metrics,
        rate=RateLimit(time.monotonic),
        visitors=Visitors(time.monotonic),
        reload=reload,
        problems=lambda: built.book.problems,
        changing=built.changing,
        reporting=built.reporting,
        forgetting=built.forgetting,
        base_url=settings.base_url.rstrip("/"),
        ways=settings.ways,
        clicks=built.clicks,
        commands=built.commands,
        watched=bool(settings.heartbeat_url.get_secret_value()),
        database=str(path_of(settings.database).absolute()),
    )
