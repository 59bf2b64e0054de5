"""The history of each incident: one hash-chained line a decision; texts lie beside their digests and can be emptied."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from oncall.core.messages import FACTS, Decision, Fact, HandedOver, Incident, LogEntry, Order
from oncall.store.codec import instant, micros, read, write, write_all
from oncall.store.statement import Statement
from oncall.store.tables import ANCHORS, LOG

GENESIS = "0" * 64
"""The hash before the first line of a chain."""
VERIFY_SLICE = 500
"""Rows read at once when the chain is verified, so that a page never waits for an audit (decisions.md 13)."""


LAST_HASH = Statement(select(LOG.c.hash).where(LOG.c.incident == bindparam("of")).order_by(LOG.c.seq.desc()).limit(1))
APPEND = Statement(insert(LOG))


def append(conn: Connection, fact: Fact, decision: Decision, state: str) -> None:
    """Writes the line of a decision: who did what, what followed, why; chained to the line before. `state`: the decision's incident, written."""
    incident, seq = decision.incident.id, decision.incident.turn
    previous = GENESIS if seq == 1 else LAST_HASH.scalar(conn, of=incident) or GENESIS
    kind, at = type(fact).__name__, micros(fact.at)
    rest = f'"orders":{write_all(Order, decision.orders)},"because":{json.dumps(decision.because)},"result":{json.dumps(decision.result)}'
    entry = f'{{"fact":{write(fact)},"decision":{{"incident":{state},{rest}}}}}'
    salt = secrets.token_hex(16)
    digest = digest_of(salt, entry)
    line = chained(previous, incident, seq, at, kind, digest)
    APPEND.run(conn, incident=incident, seq=seq, at=at, kind=kind, salt=salt, digest=digest, prev_hash=previous, hash=line, entry=entry)


def digest_of(salt: str, entry: str) -> str:
    """The salted digest of an entry: proves the text while it is there, tells nothing once it is emptied."""
    return hashlib.sha256(f"{salt}\n{entry}".encode()).hexdigest()


def chained(previous: str, incident: str, seq: int, at: int, kind: str, digest: str) -> str:
    """The hash of a line, over the hash of the one before."""
    return hashlib.sha256("\n".join((previous, incident, str(seq), str(at), kind, digest)).encode()).hexdigest()


def history(conn: Connection, incident: str) -> list[LogEntry]:
    """The lines of an incident in order, without those that were emptied."""
    rows = conn.execute(select(LOG.c.kind, LOG.c.entry).where(LOG.c.incident == incident, LOG.c.entry.is_not(None)).order_by(LOG.c.seq))
    return [entry_of(kind, entry) for kind, entry in rows]


def emptied(conn: Connection, incident: str) -> list[tuple[datetime, str]]:
    """The lines of an incident that were emptied, in order: when, and which fact it was."""
    rows = conn.execute(select(LOG.c.at, LOG.c.kind).where(LOG.c.incident == incident, LOG.c.entry.is_(None)).order_by(LOG.c.seq))
    return [(instant(row.at), row.kind) for row in rows]


def after(conn: Connection, incident: str, seq: int) -> list[LogEntry]:
    """The lines of an incident behind line `seq`, in order, without those that were emptied."""
    wanted = (LOG.c.incident == incident) & (LOG.c.seq > seq) & LOG.c.entry.is_not(None)
    return [entry_of(kind, entry) for kind, entry in conn.execute(select(LOG.c.kind, LOG.c.entry).where(wanted).order_by(LOG.c.seq))]


def newest(conn: Connection, incident: str, kinds: tuple[str, ...], limit: int) -> list[LogEntry]:
    """The newest lines of an incident that are of these facts, the newest first, without those that were emptied."""
    wanted = (LOG.c.incident == incident) & LOG.c.kind.in_(kinds) & LOG.c.entry.is_not(None)
    rows = conn.execute(select(LOG.c.kind, LOG.c.entry).where(wanted).order_by(LOG.c.seq.desc()).limit(limit))
    return [entry_of(kind, entry) for kind, entry in rows]


def state_after(conn: Connection, incident: str, seq: int) -> Incident | None:
    """The incident as line `seq` left it; None if there is no such line, or it was emptied."""
    row = conn.execute(select(LOG.c.kind, LOG.c.entry).where(LOG.c.incident == incident, LOG.c.seq == seq, LOG.c.entry.is_not(None))).first()
    return None if row is None else entry_of(row.kind, row.entry).decision.incident


def pages_taken(conn: Connection, start: datetime, end: datetime, limit: int) -> list[tuple[datetime, str, str]]:
    """Up to `limit` pages that a provider took in [start, end), by time, as (when, incident, the order's id); none of those that were emptied."""
    wanted = (LOG.c.kind == HandedOver.__name__) & (LOG.c.at >= micros(start)) & (LOG.c.at < micros(end)) & LOG.c.entry.is_not(None)
    rows = conn.execute(select(LOG.c.at, LOG.c.incident, LOG.c.entry).where(wanted).order_by(LOG.c.at, LOG.c.incident, LOG.c.seq).limit(limit))
    return [(instant(row.at), row.incident, json.loads(row.entry)["fact"]["order"]) for row in rows]


def line(conn: Connection, incident: str, seq: int) -> LogEntry:
    """One line that was not emptied."""
    row = conn.execute(select(LOG.c.kind, LOG.c.entry).where(LOG.c.incident == incident, LOG.c.seq == seq)).one()
    return entry_of(row.kind, row.entry)


def entry_of(kind: str, entry: str) -> LogEntry:
    """A line's text as what it says."""
    parts = json.loads(entry)
    return LogEntry(fact=read(FACTS[kind], json.dumps(parts["fact"])), decision=read(Decision, json.dumps(parts["decision"])))


def verify(conn: Connection, incident: str, turn: int) -> list[str]:
    """What is wrong with an incident's chain: altered, missing, moved or cut-off lines; `turn` is how many there must be."""
    problems: list[str] = []
    previous, expected = GENESIS, 1
    while True:
        rows = conn.execute(select(LOG).where(LOG.c.incident == incident, LOG.c.seq >= expected).order_by(LOG.c.seq).limit(VERIFY_SLICE)).all()
        for row in rows:
            place = f"incident {incident}, line {row.seq}"
            if row.seq != expected:
                problems.append(f"{place}: lines {expected} to {row.seq - 1} are missing")
            if row.prev_hash != previous or row.hash != chained(row.prev_hash, incident, row.seq, row.at, row.kind, row.digest):
                problems.append(f"{place}: the chain is broken")
            if row.entry is not None and digest_of(row.salt, row.entry) != row.digest:
                problems.append(f"{place}: its text was changed")
            previous, expected = row.hash, row.seq + 1
        if len(rows) < VERIFY_SLICE:
            break
    if expected != turn + 1:
        problems.append(f"incident {incident}: {turn} decisions, but the log ends at line {expected - 1}")
    return problems


def anchor(conn: Connection, at: datetime) -> None:
    """Writes one hash over the heads of all chains that changed since the last anchor, and over that anchor."""
    last = conn.execute(select(ANCHORS.c.at, ANCHORS.c.hash).order_by(ANCHORS.c.id.desc()).limit(1)).first()
    since = last.at if last else -1
    head = select(LOG.c.incident, func.max(LOG.c.seq).label("seq")).where(LOG.c.at > since).group_by(LOG.c.incident).subquery()
    rows = conn.execute(
        select(LOG.c.incident, LOG.c.hash).join(head, (LOG.c.incident == head.c.incident) & (LOG.c.seq == head.c.seq)).order_by(LOG.c.incident)
    ).all()
    if rows:
        text = "\n".join((last.hash if last else GENESIS, *(f"{row.incident} {row.hash}" for row in rows)))
        conn.execute(insert(ANCHORS), {"at": micros(at), "heads": len(rows), "hash": hashlib.sha256(text.encode()).hexdigest()})


def newest_anchor(conn: Connection) -> str:
    """The hash of the newest anchor, which speaks for the whole log; empty before the first."""
    return str(conn.execute(select(ANCHORS.c.hash).order_by(ANCHORS.c.id.desc()).limit(1)).scalar() or "")
