"""Commands that do something: page, ack, pass, escalate, contacted, reclassify, resolve, snooze, note, update, reopen, reload."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated, Any
from urllib.parse import quote

import typer

from oncall.cli.client import ask
from oncall.cli.output import Code, Failed, out

Reference = Annotated[str, typer.Argument(metavar="ID", help="The incident's number or its case, e.g. 1001 or K7QX.")]
By = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who acts: a person of the handbook; by default your user name.")]
NOT_DONE = frozenset(
    {
        "taken by other",
        "already closed",
        "not open",
        "not paged",
        "only a shadow",
        "nobody to tell",
        "same severity",
        "unknown severity",
        "not yours",
        "not contacted",
        "forgotten",
    }
)
"""Results that mean: nothing changed, and here is why."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("page")(page)
    for name, verb, text in (
        ("ack", "acknowledge", "Take an incident: it is yours, the others stand down, the customer is told."),
        ("pass", "pass", "Hand an incident on: the next are paged now."),
        ("escalate", "escalate", "Page the next step now; if somebody has it, as help for them."),
        ("contacted", "contacted", "Say that you reached the customer, which keeps the promise."),
        ("reopen", "reopen", "Say that a closed incident is not over: somebody is paged again."),
    ):
        app.command(name, help=text)(plain(verb))
    app.command("take", help="The same as ack.", hidden=True)(plain("acknowledge"))
    app.command("resolve")(resolve)
    app.command("snooze")(snooze)
    app.command("reclassify")(reclassify)
    app.command("note")(note)
    app.command("update")(update)
    app.command("reload")(reload)


def page(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is wrong, in one sentence.")],
    service: Annotated[str, typer.Option(help="The service it is about.")] = "",
    severity: Annotated[str, typer.Option(help="How bad it is; without it the rules of triage say.")] = "",
    customer: Annotated[str, typer.Option(help="The customer's name.")] = "",
    name: Annotated[str, typer.Option(help="Who to call back.")] = "",
    phone: Annotated[str, typer.Option(help="Their number, as +1 512 555 0104; they are told by text.")] = "",
    email: Annotated[str, typer.Option(help="Their e-mail address.")] = "",
    channel: Annotated[str, typer.Option(help="How it reached you: phone, sms, email, form, chat, portal, api.")] = "api",
    details: Annotated[str, typer.Option(help="Everything else that is known.")] = "",
    key: Annotated[str, typer.Option(help="What it is about, for machines: a second report with the same key joins the open incident.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Report an emergency: it wakes whoever is on call. The answer comes after it is stored."""
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        out.say("This wakes whoever is on call. Continue? [y/N]")
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise Failed(Code.REFUSED, "refused", "nobody was paged", "answer y, or give --yes")
    contact = {label: value for label, value in (("name", name), ("phone", phone), ("email", email)) if value}
    fields = {
        "summary": text,
        "details": details,
        "service": service,
        "severity": severity,
        "customer": customer,
        "channel": channel,
        "dedup_key": key,
    }
    body: dict[str, object] = {label: value for label, value in fields.items() if value}
    if contact:
        body["contact"] = contact
    # Each call of the command is a report of its own, also if it says the same as the last one.
    answer = ask("POST", "/v1/emergencies", body, {"Idempotency-Key": secrets.token_hex(16)})
    due = f"\nA human is due to contact the customer by {answer['contact_by']}." if answer["contact_by"] else ""
    words = f"Case {answer['case']} (incident {answer['incident']}), {answer['severity']}: {answer['status']}. {answer['because']}.{due}"
    out.data(answer, f"{words}\nFollow it: oncall explain {answer['incident']}")
    return Code.FINE


def plain(verb: str) -> Any:
    """A command that needs nothing but the incident and who acts."""

    def command(reference: Reference, by: By = "") -> int:
        return act(reference, verb, by)

    return command


def resolve(
    reference: Reference, by: By = "", note: Annotated[str, typer.Option("--note", help="What it was, for the story.")] = ""
) -> int:  # fmt: skip
    """Close an incident: it is over; the customer is told who closed it."""
    return act(reference, "resolve", by, text=note)


def snooze(
    reference: Reference, by: By = "", minutes: Annotated[int, typer.Option("--minutes", "-m", min=1, max=1440, help="Ask me again after this.")] = 30
) -> int:  # fmt: skip
    """Keep an incident without being asked for a while; it always ends."""
    return act(reference, "snooze", by, minutes=minutes)


def reclassify(
    reference: Reference, severity: Annotated[str, typer.Argument(metavar="SEVERITY", help="How bad it really is: sev1, sev2, ...")], by: By = ""
) -> int:
    """Change how bad an incident is: a higher severity pages its people now; a lower one keeps every promise that was made."""
    return act(reference, "reclassify", by, severity=severity)


def note(
    reference: Reference,
    text: Annotated[str, typer.Argument(metavar="[TEXT]")] = "",
    decision: Annotated[
        str, typer.Option("--decision", metavar="TEXT", help="What you decided by your own authority; kept apart, and reported.")
    ] = "",
    by: By = "",
) -> int:
    """Add words to an incident's story, or what you decided."""
    if bool(text) == bool(decision):
        raise Failed(Code.USAGE, "usage", "give either words, or --decision with what you decided", 'oncall note 1001 --decision "Credit of 100 EUR"')
    return act(reference, "note", by, text=text or decision, decision=bool(decision))


def update(reference: Reference, text: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer reads, as it is.")], by: By = "") -> int:
    """Write to the customer; when the next word is due is added by itself."""
    return act(reference, "update", by, text=text)


def act(reference: str, verb: str, by: str, **more: object) -> int:
    """Does it and says what really happened; NO if nothing changed."""
    body = {name: value for name, value in {"by": by, **more}.items() if value}
    answer = ask("POST", f"/v1/incidents/{quote(reference, safe='')}/{verb}", body)
    out.data(answer, f"{answer['result']}: {answer['because']}. Case {answer['case']} (incident {answer['incident']}) is {answer['status']}.")
    return Code.NO if answer["result"] in NOT_DONE else Code.FINE


def reload() -> int:
    """Read config/ and rotations/ again now; if they have problems, what is in force stays."""
    answer = ask("POST", "/v1/reload", {})
    if answer["problems"]:
        words = "\n".join((*answer["problems"], f"not loaded; version {answer['handbook']} stays in force."))
        out.data(answer, words)
        return Code.NO
    out.data(answer, f"version {answer['handbook']} is in force.")
    return Code.FINE
