"""The command `pulse`: what the team says of being on call, five questions a quarter, without names."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from oncall.cli.changing import By
from oncall.cli.client import ask
from oncall.cli.output import Code, out, table

app = typer.Typer(name="pulse", help="What the team says of being on call, without names; without a command this quarter's answers.")


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.add_typer(app)


@app.callback(invoke_without_command=True)
def pulse(context: typer.Context, quarter: Annotated[str, typer.Option("--quarter", help="Such as 2026-Q4; by default this one.")] = "now") -> int:
    """The answers of a quarter, when there are enough."""
    if context.invoked_subcommand is not None:
        return Code.FINE
    answer = ask("GET", f"/v1/pulse/{quote(quarter, safe='')}")
    if answer["answers"] is None:
        out.data(answer, f"{answer['quarter']}: {answer['asked']} were asked, fewer than {answer['shown_from']} have answered. Nothing is shown.")
        return Code.FINE
    rows: list[tuple[str, ...]] = [("", "1", "2", "3", "4", "5")]
    rows += [(one["question"], *(str(count) for count in one["counts"])) for one in answer["questions"]]
    out.data(answer, "\n".join((f"{answer['quarter']}: {answer['answers']} of {answer['asked']} have answered.", table(rows))))
    return Code.FINE


@app.command("ask")
def ask_(who: By = "") -> int:
    """Ask everybody who was not asked in this quarter, by text or in Slack."""
    answer = ask("POST", "/v1/pulse", {"by": who})
    people = ", ".join(answer["asked"])
    out.data(answer, f"{answer['quarter']}: asked {people}." if people else f"{answer['quarter']}: everybody was asked already.")
    return Code.FINE
