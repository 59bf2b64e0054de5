"""oncall training: who has learned what, until when, and what is missing; from the files alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from oncall.cli.output import Code, out, table
from oncall.cli.planning import handbook, now
from oncall.cli.times import read_time
from oncall.core.training import Learned, matrix, needed_skills

SOON = timedelta(days=60)
"""What runs out within this is worth a date in the calendar; as long as `oncall check` looks ahead."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(training)


def training(at: Annotated[str, typer.Option(metavar="TIME", help="Local or ISO 8601; now by default.")] = "") -> int:
    """Who is trained for what, until when, and what runs out soon."""
    book = handbook(everything=True)
    when = read_time(at, book.timezone, now()) if at else now()
    found, gated = matrix(book, when), needed_skills(book)
    rows: list[tuple[str, ...]] = [("SKILL", "PERSON", "STATE", "WHEN", "SHIFTS FOLLOWED")]
    rows += [(one.skill, one.person, one.state, words_of(one, when), followed_of(one)) for one in found]
    data = {
        "training": [
            {"skill": one.skill, "person": one.person, "state": one.state, "until": one.until.isoformat() if one.until else None}
            | {"followed": one.followed, "to_follow": one.to_follow, "needed": one.skill in gated}
            for one in found
        ]
    }
    out.data(data, table(rows) if found else "No service needs a skill, and no training is named.")
    return Code.FINE


def words_of(one: Learned, at: datetime) -> str:
    """Until when, with a mark where that is soon."""
    if one.until is None:
        return ""
    soon = one.state in {"trained", "waived"} and one.until - at < SOON
    word = {"to come": "from", "ran out": "on"}.get(one.state, "until")
    return f"{word} {one.until:%Y-%m-%d}{', soon' if soon else ''}"


def followed_of(one: Learned) -> str:
    """How many of the shifts that the training asks for."""
    return f"{one.followed} of {one.to_follow}" if one.to_follow else ""
