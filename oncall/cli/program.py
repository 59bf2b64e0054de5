"""The program: its commands, the global --json, and what every failure looks like."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from oncall.cli import (
    acting,
    changing,
    comparing,
    doctor,
    forgetting,
    holidays,
    planning,
    publishing,
    pulsing,
    reading,
    reporting,
    reviewing,
    running,
    simulating,
    training,
)
from oncall.cli.output import Code, Failed, out

EPILOG = (
    "Exit codes: 0 fine; 1 the answer is no (findings, nobody on call, too late); 2 wrong usage or unreadable files; "
    "3 no daemon answers; 4 not allowed; 5 refused; 70 broken; 130 interrupted."
)

app = typer.Typer(
    name="oncall", help="Pages people for customers' emergencies until somebody takes them.", epilog=EPILOG, no_args_is_help=True,
    pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=True,
)  # fmt: skip


@app.callback()
def root(json: Annotated[bool, typer.Option("--json", help="Print one JSON object; may stand anywhere in the command.")] = False) -> None:
    """Pages people for customers' emergencies until somebody takes them."""
    out.json = out.json or json


FROM_FILES = (running, planning, simulating, publishing, comparing, holidays, training)
FROM_DAEMON = (acting, changing, reading, reporting, reviewing, pulsing, forgetting, doctor)
for commands in (*FROM_FILES, *FROM_DAEMON):
    commands.register(app)


def main() -> None:
    """Runs the command of this process and exits with its code."""
    arguments = sys.argv[1:]
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    out.json = "--json" in options
    said = [*(word for word in options if word != "--json"), *arguments[len(options) :]]
    sys.exit(run(said or ["--help"]))


def run(arguments: list[str]) -> int:
    """Runs one command; every failure becomes an exit code and a sentence."""
    try:
        result = app(arguments, prog_name="oncall", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else Code.FINE
    except Failed as failure:
        out.failed(failure)
        return failure.code
    except TyperException as error:
        return misused(error)
    except (KeyboardInterrupt, typer.Abort):
        return Code.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; the rest must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.FINE


def misused(error: TyperException) -> int:
    """A command line that cannot be understood."""
    message, _, hint = error.format_message().partition(" Did you mean ")
    hint = f"did you mean {hint.rstrip('?')}?" if hint else "oncall --help"
    if not message:
        return Code.FINE
    out.failed(Failed(Code.USAGE, "usage", message[0].lower() + message[1:].rstrip("."), hint))
    return Code.USAGE
