"""The pulse: who was asked, which tokens are still worth an answer, and the answers; nothing joins the three."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, func, insert, select

from oncall.core.pulse import Answers
from oncall.store.codec import micros
from oncall.store.tables import PULSE_ANSWERS, PULSE_ASKED, PULSE_TOKENS

COLUMNS = ("fair", "rested", "prepared", "supported", "recommend")
"""The answers, in the order of the questions."""


def is_asked(conn: Connection, quarter: str, person: str) -> bool:
    """Whether `person` was asked in this quarter."""
    return conn.execute(select(PULSE_ASKED.c.person).where(PULSE_ASKED.c.quarter == quarter, PULSE_ASKED.c.person == person)).first() is not None


def ask(conn: Connection, quarter: str, person: str, token: str, at: datetime) -> None:
    """`person` is asked; the token is kept as a hash, without whose it is."""
    conn.execute(insert(PULSE_ASKED), {"quarter": quarter, "person": person, "asked_at": micros(at)})
    conn.execute(insert(PULSE_TOKENS), {"digest": digest(token), "quarter": quarter})


def quarter_of(conn: Connection, token: str) -> str:
    """The quarter that a token is worth an answer to; '' if it is worth nothing, or no more."""
    return str(conn.execute(select(PULSE_TOKENS.c.quarter).where(PULSE_TOKENS.c.digest == digest(token))).scalar() or "")


def answer(conn: Connection, token: str, given: Answers) -> bool:
    """Spends a token on an answer, which is kept under a number of chance and without a time; False if the token is worth nothing."""
    quarter = quarter_of(conn, token)
    if not quarter:
        return False
    conn.execute(delete(PULSE_TOKENS).where(PULSE_TOKENS.c.digest == digest(token)))
    conn.execute(insert(PULSE_ANSWERS), {"id": secrets.token_hex(16), "quarter": quarter, **dict(zip(COLUMNS, given, strict=True))})
    return True


def answers(conn: Connection, quarter: str) -> tuple[int, list[Answers]]:
    """How many were asked in a quarter, and the answers, in the order of chance."""
    asked = conn.execute(select(func.count()).select_from(PULSE_ASKED).where(PULSE_ASKED.c.quarter == quarter)).scalar_one()
    rows = conn.execute(select(*(PULSE_ANSWERS.c[name] for name in COLUMNS)).where(PULSE_ANSWERS.c.quarter == quarter).order_by(PULSE_ANSWERS.c.id))
    return int(asked), [tuple(row) for row in rows]


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()
