"""The command doctor: looks at everything that paging needs, all at once, and says what to do about what is not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from oncall.cli.output import Code, out
from oncall.cli.planning import usable_settings

if TYPE_CHECKING:
    from oncall.cli.doctor.look import Look


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(doctor)


def doctor() -> int:
    """Look at everything that paging needs, and say what to mend. Exit 0: all fine or warnings, 1: a problem, 2: unreadable settings."""
    import asyncio

    from oncall.cli.doctor.look import PROBLEM, WARNING
    from oncall.cli.doctor.probes import examined

    found = asyncio.run(examined(usable_settings()))
    problems, warnings = (sum(look.state == state for looks in found.values() for look in looks) for state in (PROBLEM, WARNING))
    data = {name: [{"state": one.state, "text": one.text, "hint": one.hint} for one in looks] for name, looks in found.items()}
    rows = [row for name, looks in found.items() for look in looks for row in shown(name, look)]
    said = f"{problems} problem{'s' * (problems != 1)}, {warnings} warning{'s' * (warnings != 1)}." if problems or warnings else "All is well."
    out.data({"ok": not problems, "problems": problems, "warnings": warnings, "probes": data}, "\n".join((*rows, said)))
    return Code.NO if problems else Code.FINE


def shown(name: str, look: Look) -> list[str]:
    """The lines of a look for a terminal."""
    from oncall.cli.doctor.look import FINE, MARKS

    return [f"{MARKS[look.state]} {name:<12} {look.text}"] + ([f"{'':<15}hint: {look.hint}"] if look.state != FINE else [])
