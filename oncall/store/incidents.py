"""Incidents: the state as JSON, and beside it in columns what is asked for; saving one saves its log line, orders and codes."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from oncall.core.messages import FINAL, Contact, Decision, Fact, Incident, Status
from oncall.store import codes, log, outbox
from oncall.store.codec import instant, maybe_instant, micros, read, write
from oncall.store.statement import Statement
from oncall.store.tables import INCIDENTS

REMEMBERED = 256
"""States whose incidents are kept ready: some more than may be on their way to a provider at one time."""
FIRST_NUMBER = 1001
"""The number of the first incident: four digits from the start, so that no number looks like a reply code."""


DUE = Statement(
    select(INCIDENTS.c.id, INCIDENTS.c.poisoned).where(INCIDENTS.c.wake_at <= bindparam("now")).order_by(INCIDENTS.c.wake_at).limit(bindparam("most"))
)
NEXT_WAKE = Statement(select(func.min(INCIDENTS.c.wake_at)))
HIGHEST = Statement(select(func.max(INCIDENTS.c.number)))
STATE = Statement(select(INCIDENTS.c.state).where(INCIDENTS.c.id == bindparam("incident")))
WITH_CASE = Statement(select(INCIDENTS.c.id).where(INCIDENTS.c.case_ref == bindparam("reference")))
ADD = Statement(insert(INCIDENTS))
FIXED = {"id", "number", "poisoned"}
"""Columns that a decision does not change."""
CHANGE = Statement(
    update(INCIDENTS)
    .where(INCIDENTS.c.id == bindparam("incident"))
    .values({column: bindparam(column) for column in (one.name for one in INCIDENTS.c) if column not in FIXED})
)


def next_number(conn: Connection) -> int:
    """The number of the next incident."""
    highest = HIGHEST.scalar(conn)
    return FIRST_NUMBER if highest is None else highest + 1


@lru_cache(maxsize=REMEMBERED)
def incident_of(state: str) -> Incident:
    """The incident that a row's state is. The same text is read again in a moment, when what was claimed is settled; an incident never changes."""
    return read(Incident, state)


def load(conn: Connection, incident_id: str) -> Incident | None:
    """The incident with this id."""
    text = STATE.scalar(conn, incident=incident_id)
    return None if text is None else incident_of(text)


def by_reference(conn: Connection, reference: str) -> Incident | None:
    """The incident with this id, else with this case reference; case does not matter. A number is a number: facts name their incident by it."""
    by_id = INCIDENTS.c.id == reference
    named = select(INCIDENTS.c.state).where(by_id | (INCIDENTS.c.case_ref == reference.strip().upper()))
    text = conn.execute(named.order_by(by_id.desc()).limit(1)).scalar()
    return None if text is None else read(Incident, text)


def with_case(conn: Connection, case: str) -> Incident | None:
    """The incident with exactly this case reference."""
    text = conn.execute(select(INCIDENTS.c.state).where(INCIDENTS.c.case_ref == case)).scalar()
    return None if text is None else read(Incident, text)


def save(conn: Connection, fact: Fact, decision: Decision, before: Incident | None) -> None:
    """Saves what was decided: the state, its codes, the line of the log and the orders. `before`: as the store has it, None if it is new."""
    incident = decision.incident
    state = write(incident)
    row = columns(incident, fact.at, state)
    if before is None:
        ADD.run(conn, id=incident.id, number=int(incident.id), poisoned=False, **row)
    else:
        changed = CHANGE.run(conn, incident=incident.id, **row)
        assert changed == 1, f"incident {incident.id} was read, so it is there"
    if before is None or codes.held(before) != codes.held(incident):
        codes.follow(conn, incident, fact.at)
    log.append(conn, fact, decision, state)
    outbox.put(conn, decision.orders)


def columns(incident: Incident, at: datetime, state: str) -> dict[str, object]:
    """The row of an incident."""
    return {
        "case_ref": incident.case,
        "status": incident.status.value,
        "severity": incident.severity,
        "service": incident.service,
        "dedup_key": incident.dedup_key,
        "contact_phone": incident.contact.phone,
        "contact_email": incident.contact.email.casefold(),
        "customer": incident.customer_id,
        "wake_at": None if incident.wake_at is None else micros(incident.wake_at),
        "turn": incident.turn,
        "opened_at": micros(incident.opened_at),
        "closed_at": micros(at) if incident.status in FINAL else None,
        "handbook": incident.handbook,
        "state": state,
    }


def due(conn: Connection, now: datetime, limit: int) -> list[tuple[str, bool]]:
    """Incidents with a due clock, the longest due first, as (id, whether it is poisoned)."""
    return [(row.id, bool(row.poisoned)) for row in DUE.all(conn, now=micros(now), most=limit)]


def next_wake(conn: Connection) -> datetime | None:
    """When the next clock of any incident is due."""
    return maybe_instant(NEXT_WAKE.scalar(conn))


def poison(conn: Connection, incident_id: str, wake_at: datetime) -> None:
    """Marks an incident that could not be decided; at `wake_at` somebody is told (again)."""
    conn.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident_id).values(poisoned=True, wake_at=micros(wake_at)))


def cure(conn: Connection, incident_id: str) -> None:
    """A human has closed a poisoned incident; its end was saved like any other."""
    conn.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident_id).values(poisoned=False))


def is_poisoned(conn: Connection, incident_id: str) -> bool:
    """Whether this incident could not be decided and waits for a human."""
    return bool(conn.execute(select(INCIDENTS.c.poisoned).where(INCIDENTS.c.id == incident_id)).scalar())


def case_exists(conn: Connection, reference: str) -> bool:
    """Whether some incident has this case reference."""
    return WITH_CASE.first(conn, reference=reference) is not None


def open_with_key(conn: Connection, dedup_key: str) -> Incident | None:
    """The newest incident of this key that is not resolved."""
    rows = select(INCIDENTS.c.state).where(INCIDENTS.c.dedup_key == dedup_key, INCIDENTS.c.status != Status.RESOLVED.value)
    text = conn.execute(rows.order_by(INCIDENTS.c.number.desc()).limit(1)).scalar()
    return None if text is None else read(Incident, text)


def of_contact(conn: Connection, contact: Contact, customer: str, *, closed_since: datetime) -> list[Incident]:
    """The cases of whoever has this number or e-mail, or of the customer with this id, newest first.

    Those that are not resolved, and those resolved since `closed_since`.
    """
    marks = ((INCIDENTS.c.contact_phone, contact.phone), (INCIDENTS.c.contact_email, contact.email.casefold()), (INCIDENTS.c.customer, customer))
    theirs = [column == mark for column, mark in marks if mark]
    if not theirs:
        return []
    recent = (INCIDENTS.c.status != Status.RESOLVED.value) | (INCIDENTS.c.closed_at >= micros(closed_since))
    rows = select(INCIDENTS.c.state).where(or_(*theirs), recent).order_by(INCIDENTS.c.number.desc())
    return [read(Incident, text) for text in conn.execute(rows).scalars()]


def resolved_between(conn: Connection, start: datetime, end: datetime, limit: int) -> list[tuple[datetime, Incident]]:
    """Up to `limit` incidents that stand resolved since a time in [start, end), with that time, the longest closed first."""
    in_time = (INCIDENTS.c.closed_at >= micros(start)) & (INCIDENTS.c.closed_at < micros(end))
    rows = select(INCIDENTS.c.closed_at, INCIDENTS.c.state).where(in_time, INCIDENTS.c.status == Status.RESOLVED.value)
    return [(instant(row.closed_at), read(Incident, row.state)) for row in conn.execute(rows.order_by(INCIDENTS.c.closed_at).limit(limit))]


def listing(conn: Connection, statuses: tuple[Status, ...], limit: int) -> list[Incident]:
    """The newest incidents in one of `statuses` (all when empty), newest first."""
    rows = select(INCIDENTS.c.state).order_by(INCIDENTS.c.number.desc()).limit(limit)
    if statuses:
        rows = rows.where(INCIDENTS.c.status.in_([status.value for status in statuses]))
    return [read(Incident, text) for text in conn.execute(rows).scalars()]


def counts(conn: Connection) -> dict[tuple[str, str], int]:
    """How many incidents there are by (status, severity), the closed ones too."""
    rows = conn.execute(select(INCIDENTS.c.status, INCIDENTS.c.severity, func.count()).group_by(INCIDENTS.c.status, INCIDENTS.c.severity))
    return {(status, severity): number for status, severity, number in rows}
