"""The command `report`: what was kept and what it cost, of a month, a week or a year."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import quote

import typer

from oncall.cli.client import ask, fetch
from oncall.cli.output import Code, Failed, out

FORMS = ("md", "html", "csv", "json")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(report)


def report(
    period: Annotated[str, typer.Argument(help="A month (2026-11), a week (2026-W47) or a year; without one the last month that is over.")] = "",
    format_: Annotated[str, typer.Option("--format", help="md, html (one page that prints), csv (a line for each case) or json.")] = "",
    week: Annotated[bool, typer.Option("--week", help="A few lines; without a period about the last week that is over.")] = False,
) -> int:
    """How promises were kept, the misses one by one, and what it cost people."""
    if format_ and format_ not in FORMS:
        raise Failed(Code.USAGE, "usage", f"no format '{format_}'", f"one of {', '.join(FORMS)}")
    path = f"/v1/reports/{quote(period or ('week' if week else 'month'), safe='')}"
    if out.json or format_ == "json":
        answer = ask("GET", path)
        out.data(answer, json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        # Printed as it is: it may go into a file or a mail.
        print(fetch(f"{path}?format={format_ or ('digest' if week else 'md')}"), end="")
    return Code.FINE
