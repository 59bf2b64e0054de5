"""Commands that change who is on call tonight: cover, swap, take-over; and the changes that were taken: list, end, export as YAML."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from oncall.cli.client import ask
from oncall.cli.output import Code, Failed, out, table
from oncall.cli.times import clock_text, read_time
from oncall.core.localtime import local_of

Rotation = Annotated[str, typer.Argument(metavar="ROTATION")]
Person = Annotated[str, typer.Argument(metavar="PERSON")]
Other = Annotated[str, typer.Argument(metavar="OTHER")]
From = Annotated[str, typer.Option("--from", metavar="TIME", help='By default now: "Sat 02:30" or 2026-11-28T02:30:00Z.')]
To = Annotated[str, typer.Option("--to", metavar="TIME", help="By default when the present duty ends.")]
Why = Annotated[str, typer.Option("--why", help="In a few words; both sides read it.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Also if somebody is away, untrained or without rest.")]
By = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts: a person of the handbook; by default your user name.")]

app = typer.Typer(name="changes", help="The changes that were taken tonight, beside those in the files.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Adds the commands."""
    parent.command()(cover)
    parent.command()(swap)
    parent.command("take-over")(take_over)
    parent.command()(calendar)
    parent.add_typer(app)


def cover(
    rotation: Rotation, person: Person, by: Other, start: From = "", end: To = "", why: Why = "", anyway: Anyway = False, who: By = ""
) -> int:  # fmt: skip
    """OTHER covers PERSON: wherever PERSON would be on call in that time, OTHER is. Both are told."""
    return take({"rotation": rotation, "cover": person, "by": by}, start, end, why, anyway, who)


def swap(
    rotation: Rotation, person: Person, other: Other, start: From = "", end: To = "", why: Why = "", anyway: Anyway = False, who: By = ""
) -> int:  # fmt: skip
    """PERSON and OTHER change places in that time, both ways. Both are told."""
    return take({"rotation": rotation, "swap": [person, other]}, start, end, why, anyway, who)


def take_over(
    rotation: Rotation, person: Person, start: From = "", end: To = "", why: Why = "", anyway: Anyway = False, who: By = ""
) -> int:  # fmt: skip
    """PERSON is on call in that time, whoever would be. Both sides are told."""
    return take({"rotation": rotation, "put": [person]}, start, end, why, anyway, who)


def take(change: dict[str, object], start: str, end: str, why: str, anyway: bool, who: str) -> int:
    """Takes a change and says what it makes different."""
    known = ask("GET", "/v1/changes")
    timezone, now = str(known["timezone"]), datetime.fromisoformat(known["now"])
    begins = read_time(start, timezone, now) if start else now
    ends = read_time(end, timezone, begins) if end else end_of_duty(str(change["rotation"]), begins)
    body = {"change": {**change, "from": iso(begins), "to": iso(ends), "why": why}, "anyway": anyway, "by": who}
    answer = ask("POST", "/v1/changes", body)
    out.data(answer, "\n".join((f"change {answer['change']} is in force; both sides are told.", *told(answer, timezone))))
    return Code.FINE


def end_of_duty(rotation: str, at: datetime) -> datetime:
    """When the duty of an instant ends; Failed if that is further away than anybody looks."""
    found = ask("GET", f"/v1/oncall?at={iso(at)}")["rotations"].get(rotation)
    if found is None or not found["until"]:
        raise Failed(Code.USAGE, "until", "say until when", 'give --to, e.g. --to "Mon 08:00"')
    return datetime.fromisoformat(found["until"])


def told(answer: dict[str, Any], timezone: str) -> list[str]:
    """The differences in words."""
    return [
        f"{clock_text(datetime.fromisoformat(one['from']), timezone)} to {clock_text(datetime.fromisoformat(one['to']), timezone)}: "
        f"{' + '.join(one['after']) or 'NOBODY'} instead of {' + '.join(one['before']) or 'nobody'}"
        for one in answer["differences"]
    ]


@app.command("list")
def list_() -> int:
    """The changes that were taken and are not over, who is being asked for cover, and who confirmed their duty."""
    answer = ask("GET", "/v1/changes")
    rows: list[tuple[str, ...]] = [
        (str(one["change"]), one["rotation"], shown(one["from"], answer), shown(one["to"], answer), said(one), f"by {one['by']}")
        for one in answer["changes"]
    ]
    changes = table(rows) if rows else "no changes were taken beside those in the files"
    out.data(
        answer, "\n".join((changes, *(asked(one, answer) for one in answer["requests"]), *(confirmed(one, answer) for one in answer["confirmed"])))
    )
    return Code.FINE


def asked(one: dict[str, Any], answer: dict[str, Any]) -> str:
    """What is being asked, and what each said so far."""
    people = ", ".join(f"{each['person']} ({each['answer'] or 'no answer yet'})" for each in one["asked"])
    what = f"asked for {one['topic']} of {one['rotation']} {shown(one['from'], answer)} to {shown(one['to'], answer)}"
    return what + (f" by {one['by']}" if one["by"] else "") + f": {people}"


def confirmed(one: dict[str, Any], answer: dict[str, Any]) -> str:
    """A duty that its person said they know of."""
    when = shown(one["confirmed_at"], answer)
    return f"{one['person']} confirmed {one['rotation']} {shown(one['from'], answer)} to {shown(one['to'], answer)} at {when} by {one['how']}"


@app.command("end")
def end(number: Annotated[int, typer.Argument(metavar="NUMBER", min=1)], who: By = "") -> int:
    """End a change now; what it did until now stays as it was. Both sides are told."""
    answer = ask("POST", f"/v1/changes/{number}/end", {"by": who})
    timezone = str(ask("GET", "/v1/changes")["timezone"])
    out.data(answer, "\n".join((f"change {number} has ended; both sides are told.", *told(answer, timezone))))
    return Code.FINE


@app.command("export")
def export() -> int:
    """Print the changes as YAML that can be committed; once the files say them they are no longer counted twice."""
    answer = ask("GET", "/v1/changes")
    lines = [yaml_line(one, str(answer["timezone"])) for one in answer["changes"]]
    out.data(answer, "\n".join(("version: 1", "changes:" if lines else "changes: []", *lines)))
    return Code.FINE


def yaml_line(one: dict[str, Any], timezone: str) -> str:
    """A change as a line of the files, in the company's time."""
    times = [f"{local_of(datetime.fromisoformat(one[key]), timezone):%Y-%m-%d %H:%M}" for key in ("from", "to")]
    why = f", why: {quoted(one['why'])}" if one["why"] else ""
    return f"  - {{rotation: {one['rotation']}, from: {times[0]}, to: {times[1]}, {said(one)}{why}}}"


def said(one: dict[str, Any]) -> str:
    """What a change does, in the words of the files."""
    people = one["people"]
    if one["kind"] == "cover":
        return f"cover: {people[0]}, by: {people[1]}"
    return f"{one['kind']}: [{', '.join(people)}]" if people else "put: nobody"


def quoted(text: str) -> str:
    """A text as YAML's single quotes have it."""
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"


def shown(at: str, answer: dict[str, Any]) -> str:
    """An instant on the company's clock."""
    return clock_text(datetime.fromisoformat(at), str(answer["timezone"]))


def iso(at: datetime) -> str:
    """An instant as the daemon reads it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def calendar(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A rotation or a person.")],
    renew: Annotated[bool, typer.Option("--renew", help="A new address; the one before is worth nothing from now on.")] = False,
) -> int:
    """The secret address of a calendar feed, to subscribe to. Whoever has it may read that calendar."""
    answer = ask("POST", f"/v1/calendars/{quote(name, safe='')}", {"renew": renew})
    out.data(answer, str(answer["url"]))
    return Code.FINE
