"""The command `reviews`: what somebody has to look into, whose it is and by when; and closing one with the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from oncall.cli.changing import By
from oncall.cli.client import ask
from oncall.cli.output import Code, out, table
from oncall.core.localtime import local_of

app = typer.Typer(name="reviews", help="What low ratings and wrong pages left to look into; without a command those that are open.")


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.add_typer(app)


@app.callback(invoke_without_command=True)
def reviews(context: typer.Context, done: Annotated[bool, typer.Option("--closed", help="Those that were closed, with the reason.")] = False) -> int:
    """What is open, what is due first at the front."""
    if context.invoked_subcommand is not None:
        return Code.FINE
    answer = ask("GET", f"/v1/reviews?status={'closed' if done else 'open'}")
    rows: list[tuple[str, ...]] = [("REVIEW", "DUE", "OWNER", "CASE", "CUSTOMER", "ABOUT", "CLOSED BECAUSE" if done else "WORDS")]
    rows += [
        (str(one["review"]), due(one, answer), one["owner"] or "-", one["case"], one["customer"], one["about"],
         f"{one['because']} ({one['closed_by']})" if done else " ".join(one["comment"].split())[:60] or "-")
        for one in answer["reviews"]
    ]  # fmt: skip
    out.data(answer, table(rows) if answer["reviews"] else "None." if done else "No review is open.")
    return Code.FINE


def due(one: dict[str, Any], answer: dict[str, Any]) -> str:
    """The day at whose end it is due, and whether that is over."""
    at = datetime.fromisoformat(one["due_at"])
    late = not one["closed_at"] and datetime.fromisoformat(answer["now"]) >= at
    return f"{local_of(at - timedelta(seconds=1), str(answer['timezone'])):%a %d %b}" + (" OVERDUE" if late else "")


@app.command("close")
def close(
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1)],
    because: Annotated[str, typer.Option("--because", help="What was done, or why nothing is; it stands in the list.")],
    who: By = "",
) -> int:
    """Close a review."""
    answer = ask("POST", f"/v1/reviews/{number}/close", {"because": because, "by": who})
    out.data(answer, f"review {number} is closed.")
    return Code.FINE
