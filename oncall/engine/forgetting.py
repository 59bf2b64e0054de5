"""Forgets a customer: finds every closed case of theirs, takes names, numbers and words out of it in slices, and says so in its log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection

from oncall.core.escalation import decide
from oncall.core.incident import FINAL, Incident
from oncall.core.messages import Forgotten
from oncall.core.model import Handbook
from oncall.core.whom import Kind, Whom, whom_of
from oncall.engine.desk import Desk, StoreView
from oncall.engine.outcome import Clock
from oncall.engine.reporting import Reporting
from oncall.store import Lane, Store, boards, cases, forgetting, handbooks, incidents
from oncall.store.codec import instant, read

log = structlog.get_logger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

TRIES = 3
"""So often a case that moves while it is being forgotten is measured anew, before whoever asks is told to come again."""
ANSWERED_FOR = timedelta(days=1)
"""A code is worth something so long after a case was closed (decisions.md 31): questions about it may have been answered until then."""


class ForgetRefused(Exception):
    """Nothing was forgotten; `reasons` say why, each with what to do. `is_unclear`: it is not clear whom is meant."""

    def __init__(self, reasons: Sequence[str], *, is_unclear: bool = False) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)
        self.is_unclear = is_unclear


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A closed case and what there was left of it. `until`: when nothing about it was answered any more."""

    incident: Incident
    left: forgetting.Left
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What speaks of somebody and belongs to no case: messages, things that came in, old versions of the handbook by name."""

    messages: tuple[str, ...] = ()
    bodies: tuple[int, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgot:
    """What was forgotten, or would be. `still_in`: files in force that name them; `is_clean`: it is gone from the file on disk as well."""

    cases: tuple[Known, ...]
    beside: Beside
    still_in: tuple[str, ...]
    is_clean: bool = True


class Forgetting:
    """The part of the daemon that forgets, one wish at a time; behind everything that pages."""

    def __init__(self, store: Store, clock: Clock, handbook: Callable[[], Handbook], ways: frozenset[str], reporting: Reporting) -> None:
        self._store = store
        self._clock = clock
        self._handbook = handbook
        self._ways = ways
        self._reporting = reporting
        self.one_at_a_time = asyncio.Lock()

    async def forget(self, named: str, by: str, how: str, *, dry_run: bool) -> Forgot:
        """Forgets whom `named` means, or with `dry_run` says what that would touch. ForgetRefused, StoreUnavailable.

        What was begun and broke off is finished by asking again.
        """
        try:
            whom = whom_of(named)
        except ValueError as error:
            raise ForgetRefused((str(error),), is_unclear=True) from error
        refuse_ours(whom, self._handbook())
        async with self.one_at_a_time:
            known = [await self._tx(look_at, name) for name in await self._search(whom)]
            if reasons := [one for one in known if isinstance(one, str)]:
                raise ForgetRefused(reasons)
            closed = tuple(one for one in known if isinstance(one, Known))
            still_in, versions = await self._handbooks(whom)
            beside = replace(await self._beside(whom, closed), versions=versions)
            found = Forgot(cases=closed, beside=beside, still_in=still_in)
            if dry_run:
                return found
            for one in closed:
                await self.forget_case(one.incident.id, by, how)
            await self._forget_beside(whom, beside)
            log.warning("forgotten", by=by, kind=whom.kind.value, cases=[one.incident.case for one in closed])
            return replace(found, is_clean=await self._store.scrub())

    async def forget_case(self, name: str, by: str, how: str) -> None:
        """Forgets one closed case, in slices; the last says so in the log. ForgetRefused: it is not closed any more, or does not stand still."""
        for _ in range(TRIES):
            fact = Forgotten(at=self._clock.now(), incident=name, by=by, how=how)
            while (done := await self._tx(self._slice, fact)) is False:
                pass
            if done:
                return
            await self._reporting.catch_up()
        raise ForgetRefused((f"incident {name} changes at the moment; forget again in a minute",))

    def _slice(self, conn: Connection, fact: Forgotten) -> bool | None:
        """Takes some rows of a case out; True when that was all, None when it is not measured yet as it stands now."""
        incident = incidents.load(conn, fact.incident)
        assert incident is not None, "incidents are never deleted"
        if refused := reason_against(conn, incident):
            raise ForgetRefused((refused,))
        if not cases.is_gathered(conn, incident.id, incident.turn):
            return None
        contact = incident.contact
        marks = tuple(one.casefold() for one in (contact.phone.lstrip("+"), contact.email, contact.name, incident.customer) if one)
        if forgetting.empty(conn, incident.id, marks) >= forgetting.SLICE:
            return False
        if incident.forgotten_at is None:
            forgetting.forget_addresses(conn, [one for one in (contact.phone, contact.email) if one])
            forgetting.forget_feedback(conn, incident.id)
            desk = Desk(handbook=self._handbook(), ways=self._ways)
            decision = decide(incident, fact, desk.handbook, StoreView(conn, fact.at, desk))
            incidents.save(conn, fact, decision, incident)
            boards.touch_posted(conn, incident.id, decision.incident.turn, fact.at)
        return True

    # Looking

    async def _search(self, whom: Whom) -> tuple[str, ...]:
        """The incidents that are about somebody: by who reported, and by a number or address in what was said in them."""
        handbook = self._handbook()
        customer = handbook.customer_of.get(whom.text.casefold(), "")
        named = await self._tx(incidents.by_reference, whom.text) if whom.kind is Kind.NAME else None
        found: list[str] = []
        behind = 0
        while rows := await self._tx(forgetting.states, behind):
            behind = rows[-1].number
            found += await asyncio.to_thread(reported_by, whom, customer, rows)
        if named is not None and [one for one in found if one != named.id]:
            text = (
                f"'{whom.text}' is a case and a customer as well; write the number of the incident ({named.id}), or the customer's number or e-mail"
            )
            raise ForgetRefused((text,), is_unclear=True)
        if named is not None:
            return (named.id,)
        return tuple(dict.fromkeys((*found, *(await self._speaking_of(whom)))))

    async def _speaking_of(self, whom: Whom) -> list[str]:
        """The incidents in which somebody said a number or an address, or was the second to report."""
        if whom.pattern is None:
            return []
        found: list[str] = []
        at = ("", 0)
        while rows := await self._tx(forgetting.lines_with_words, *at):
            at = (rows[-1].incident, rows[-1].seq)
            found += await asyncio.to_thread(speaking_of, whom, rows)
        return found

    async def _beside(self, whom: Whom, known: Sequence[Known]) -> Beside:
        """What belongs to no case: everything that was answered or alarmed while theirs ran, and what comes from them or names them."""
        bodies: list[int] = []
        references: set[str] = set()
        patterns = [whom, *(whom_of(mark) for one in known for mark in (one.incident.contact.phone, one.incident.contact.email) if is_mark(mark))]
        behind = 0
        while rows := await self._tx(forgetting.bodies, behind):
            behind = rows[-1].id
            mine = [row for row in rows if any(one.is_in(row.body) for one in patterns)]
            bodies += [row.id for row in mine]
            references |= {reference for row in mine if (reference := json.loads(row.body).get("reference"))}
        messages: list[str] = []
        last = ""
        while rows := await self._tx(forgetting.without_incident, last):
            last = rows[-1].id
            messages += [row.id for row in rows if is_theirs(row, patterns, known, references)]
        return Beside(messages=tuple(messages), bodies=tuple(bodies))

    async def _handbooks(self, whom: Whom) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files of the newest version of the handbook that name somebody, and the earlier versions that do."""
        if whom.pattern is None:
            handbook = self._handbook()
            customer = handbook.customers.get(handbook.customer_of.get(whom.text.casefold(), ""))
            return ((customer.place.file,) if customer is not None else ()), ()
        naming: list[tuple[str, tuple[str, ...]]] = []
        for version, _ in await self._tx(handbooks.versions):
            files = await self._tx(handbooks.files_of, version)
            naming.append((version, tuple(sorted(name for name, text in files.items() if whom.is_in(text)))))
        still = naming[-1][1] if naming else ()
        # Files that are in force are compared with the earlier ones; those are emptied once the files in force say nothing any more.
        return still, () if still else tuple(version for version, files in naming if files)

    async def _forget_beside(self, whom: Whom, beside: Beside) -> None:
        """Takes out what belongs to no case."""
        for start in range(0, len(beside.messages), forgetting.SLICE):
            await self._tx(forgetting.empty_messages, beside.messages[start : start + forgetting.SLICE])
        for start in range(0, len(beside.bodies), forgetting.SLICE):
            await self._tx(forgetting.empty_bodies, beside.bodies[start : start + forgetting.SLICE])
        for version in beside.versions:
            await self._tx(empty_version, version, whom)
        if whom.pattern is not None:
            await self._tx(forgetting.forget_addresses, (whom.text,))

    async def _tx(self, unit: Callable[Concatenate[Connection, P], T], *given: P.args, **named: P.kwargs) -> T:
        """A unit of work behind everything that pages."""
        return await self._store.tx(lambda conn: unit(conn, *given, **named), lane=Lane.SECOND)


def refuse_ours(whom: Whom, handbook: Handbook) -> None:
    """ForgetRefused for a number or an address of our own: it stands in every page that its owner got."""
    owner = next((one for one in handbook.people.values() if whom.text in one.phones or (one.email or "").casefold() == whom.text), None)
    if whom.kind is not Kind.NAME and (owner is not None or any(one.phone == whom.text for one in handbook.last_resort)):
        whose = f"{owner.name}'s" if owner is not None else "of the last resort"
        raise ForgetRefused((f"this is {whose}, who is paged; `forget` is for customers. A case that they reported is forgotten by its number",))


def reason_against(conn: Connection, incident: Incident) -> str:
    """Why a case cannot be forgotten now, and what to do; '' if it can."""
    name = f"case {incident.case} (incident {incident.id})"
    if incident.status not in FINAL or incidents.is_poisoned(conn, incident.id):
        return f"{name} is not over; close it first: oncall resolve {incident.id}"
    if forgetting.is_sending(conn, incident.id):
        return f"messages of {name} are still on their way; forget again in a minute"
    return ""


def look_at(conn: Connection, name: str) -> Known | str | None:
    """What is left of a case, or why it cannot be forgotten; None if it was forgotten and nothing is left."""
    incident = incidents.load(conn, name)
    assert incident is not None, "incidents are never deleted"
    if refused := reason_against(conn, incident):
        return refused
    left = forgetting.left(conn, name)
    if incident.forgotten_at is not None and not left.anything:
        return None
    return Known(incident=incident, left=left, until=forgetting.closed_at(conn, name) + ANSWERED_FOR)


def reported_by(whom: Whom, customer_id: str, rows: Sequence[Any]) -> list[str]:
    """The incidents of these that are theirs."""
    return [row.id for row in rows if whom.reported(read(Incident, row.state), customer_id)]


def speaking_of(whom: Whom, rows: Sequence[Any]) -> list[str]:
    """The incidents of these lines that have their number or address."""
    return [row.incident for row in rows if whom.is_in(row.entry)]


def is_mark(text: str) -> bool:
    """Whether this is a number or an address that can be looked for."""
    try:
        return bool(text) and whom_of(text).pattern is not None
    except ValueError:
        return False


def is_theirs(row: Any, patterns: Sequence[Whom], known: Sequence[Known], references: set[str]) -> bool:
    """Whether a message that belongs to no case may speak of somebody: by its time, by its words, or as the answer to a text of theirs."""
    at = instant(row.ordered_at)
    if any(one.incident.opened_at <= at <= one.until for one in known) or any(one.is_in(f"{row.address} {row.text}") for one in patterns):
        return True
    return not references.isdisjoint(row.id.split("/"))


def empty_version(conn: Connection, version: str, whom: Whom) -> None:
    """Takes the files that name somebody out of an old version; their digests still say which files an edit changed."""
    files = handbooks.files_of(conn, version)
    kept = {name: f"# forgotten; sha256 {sha256(text.encode()).hexdigest()}" if whom.is_in(text) else text for name, text in files.items()}
    forgetting.replace_files(conn, version, kept)
