"""The command that has a customer forgotten: what would be touched, what was, and what it cannot reach."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from oncall.cli.acting import By
from oncall.cli.client import ask
from oncall.cli.output import Code, out

BEYOND = (
    "This cannot reach what is elsewhere: logs of Twilio and Slack, texts on telephones, direct messages and threads in Slack, files in the spool's\n"
    "done/ and rejected/, backups, and what was printed or exported."
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(forget)


def forget(
    whom: Annotated[str, typer.Argument(metavar="PHONE|EMAIL|CUSTOMER|CASE", help="Whom, or which case; a number as +31 6 5550 1234.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be touched.")] = False,
    by: By = "",
) -> int:
    """Take a customer's names, numbers and words out of all their closed cases, for good; the figures of reports stay."""
    answer = ask("POST", "/v1/forget", {"forget": whom, "dry_run": dry_run, **({"by": by} if by else {})})
    out.data(answer, "\n".join(said(answer)))
    return Code.FINE


def said(answer: dict[str, Any]) -> list[str]:
    """The answer in words."""
    verb = "would be forgotten" if answer["dry_run"] else "forgotten"
    lines = [f"{verb}: case {one['case']} (incident {one['incident']}): {counted(one)}" for one in answer["cases"]]
    beside = answer["beside"]
    if any(beside.values()):
        more = f", {number(beside['handbooks'], 'old version')} of the handbook" if beside["handbooks"] else ""
        lines.append(f"{verb}: {number(beside['messages'], 'message')} and {number(beside['bodies'], 'report')} of no case{more}")
    if not lines:
        lines.append("nothing here speaks of them (any more)")
    lines += [f"still named in {name}: take it out there, and of the history of its repository, then forget again" for name in answer["still_in"]]
    if not answer["clean"]:
        lines.append(
            "another program reads the database file at the moment: until it stops, oncall.db-wal may have what was forgotten; forget again then"
        )
    return [*lines, "Nothing was changed." if answer["dry_run"] else BEYOND]


def counted(one: dict[str, Any]) -> str:
    """How much of a case it is."""
    came_in = number(one["bodies"], "report or reply", "reports and replies")
    return f"{number(one['lines'], 'line')} of its story, {number(one['messages'], 'message')}, {came_in}"


def number(count: int, word: str, plural: str = "") -> str:
    """So many of something."""
    return f"{count} {word if count == 1 else plural or word + 's'}"
