"""Commands that look at the running daemon: list, show, explain, status."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import typer

from oncall.cli.acting import Reference
from oncall.cli.client import ask
from oncall.cli.output import Code, out, table

RETENTION = "retention"
"""Who forgets what is too old."""
Answer = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (show, explain, status):
        app.command()(command)
    app.command("list")(listing)


def local(text: str | None, zone: str, form: str = "%a %d %b %H:%M:%S") -> str:
    """A time of an answer on the clock of the handbook's zone."""
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).strftime(form) if text else "-"


def listing(
    status: Annotated[str, typer.Option(help="open, acknowledged, snoozed, waiting, declined, resolved (comma separated) or all.")] = "",
) -> int:
    """What is not over, the newest first; with --status others."""
    answer = ask("GET", f"/v1/incidents?status={quote(status)}")
    zone, found = answer["timezone"], answer["incidents"]
    rows: list[tuple[str, ...]] = [("ID", "CASE", "STATUS", "SEVERITY", "SINCE", "HELD BY", "CUSTOMER", "WHAT")]
    rows += [
        (one["incident"], one["case"], one["status"], one["severity"], local(one["opened_at"], zone, "%a %H:%M"),
         one["held_by"] or "-", one["customer"] or "-", one["summary"][:60])
        for one in found
    ]  # fmt: skip
    out.data(answer, table(rows) if found else "Nothing is open." if not status else "None.")
    return Code.FINE


def show(reference: Reference) -> int:
    """One incident: where it stands, who was paged, and how its service's emergencies are handled."""
    answer = ask("GET", f"/v1/incidents/{quote(reference, safe='')}")
    out.data(
        answer,
        "\n".join(
            (*head(answer), *pages(answer), *decisions(answer), *guidance(answer), "", f"The whole story: oncall explain {answer['incident']}")
        ),
    )
    return Code.FINE


def explain(reference: Reference) -> int:
    """One incident's story: what happened, why, and every message with what became of it."""
    answer = ask("GET", f"/v1/incidents/{quote(reference, safe='')}")
    gone = [f"{local(one['at'], answer['timezone'], '%H:%M:%S')}  {one['fact']}: forgotten" for one in answer["forgotten"]]
    story = [line for entry in answer["timeline"] for line in told(entry, answer["timezone"])]
    sent = [line for one in answer["outbox"] for line in message(one, answer["timezone"])]
    out.data(answer, "\n".join((*head(answer), "", "What happened, and why", *gone, *story, "", "Messages", *(sent or ["none"]))))
    return Code.FINE


def head(answer: Answer) -> list[str]:
    """The first lines about an incident."""
    zone, contact = answer["timezone"], answer["contact"]
    caller = ", ".join(part for part in (contact["name"], contact["phone"], contact["email"]) if part)
    lines = [
        f"Case {answer['case']} (incident {answer['incident']}), {answer['severity']}, {answer['status']}",
        f"  what      {answer['summary']}",
        f"  customer  {answer['customer'] or '-'}" + (f", {answer['tier']}" if answer["tier"] else "") + (f" ({caller})" if caller else ""),
        f"  reported  {local(answer['opened_at'], zone)} by {answer['channel']} ({answer['source']})",
        f"  held by   {answer['held_by'] or 'nobody'}" + (f" since {local(answer['held_since'], zone)}" if answer["held_by"] else ""),
    ]
    if answer["contact_by"]:
        kept = f"reached {local(answer['contacted_at'], zone)}" if answer["contacted_at"] else f"due by {local(answer['contact_by'], zone)}"
        missed = f", first promise missed {local(answer['promise_missed_at'], zone)}" if answer["promise_missed_at"] else ""
        lines.append(f"  promise   {kept}{missed}")
    if answer["resolved_by"]:
        lines.append(f"  closed    {local(answer['resolved_at'], zone)} by {answer['resolved_by']}")
    if answer["forgotten_at"]:
        by = "because it was too old" if answer["forgotten_by"] == RETENTION else f"by {answer['forgotten_by']}"
        when = local(answer["forgotten_at"], zone, "%a %d %b %Y %H:%M:%S")
        lines.append(f"  forgotten {when} {by}: names, numbers and words are gone, the figures stay")
    return lines


def pages(answer: Answer) -> list[str]:
    """Who was paged and how far it came."""
    zone = answer["timezone"]
    return [f"  paged     {one['person']} {local(one['paged_at'], zone, '%H:%M:%S')}: {one['state']}" for one in answer["pages"]]


def decisions(answer: Answer) -> list[str]:
    """What was decided by the team's own authority."""
    taken = [entry for entry in answer["timeline"] if entry.get("decision")]
    return [f"  decided   {one['by']} {local(one['at'], answer['timezone'], '%H:%M:%S')}: {one['text']}" for one in taken]


def guidance(answer: Answer) -> list[str]:
    """What may be decided alone, and how the service's emergencies are handled; nothing for a case that is over."""
    if answer["status"] in {"resolved", "declined"}:
        return []
    lines = []
    for role, title in (("responder", "You may decide"), ("manager", "A manager may decide")):
        if answer["authority"][role]:
            lines += ["", title, *(f"  - {one}" for one in answer["authority"][role])]
    if found := answer["guideline"]:
        lines += ["", f"Guideline (config/guidelines/{found['file']})", *(f"  {line}".rstrip() for line in found["text"].splitlines())]
    return lines


def told(entry: Answer, zone: str) -> list[str]:
    """One decision with its reason and what it ordered."""
    who = f" by {entry['by']} ({entry['how']})" if "by" in entry else ""
    lines = [f"{local(entry['at'], zone, '%H:%M:%S')}  {entry['fact']}{who}: {entry['result']}", f"          because {entry['because']}"]
    if entry.get("text"):
        lines.append(f'          {"decision: " if entry.get("decision") else ""}"{entry["text"]}"')
    lines += [f"          -> {order['about']} to {order['to']} by {order['way']}" for order in entry["orders"]]
    return lines


def message(one: Answer, zone: str) -> list[str]:
    """One message with its attempts."""
    receipt = f", {one['receipt']}" if one["receipt"] else ""
    reason = f" ({one['reason']})" if one["reason"] else ""
    lines = [
        f"{local(one['due_at'], zone, '%H:%M:%S')}  {one['about']} to {one['to']} {one['address']} by {one['way']}: {one['state']}{receipt}{reason}"
    ]
    for attempt in one["attempts"]:
        took = "" if attempt["seconds"] is None else f" after {attempt['seconds']:.1f} s"
        provider = f", provider's id {attempt['provider_id']}" if attempt["provider_id"] else ""
        detail = f" ({attempt['detail']})" if attempt["detail"] else ""
        lines.append(f"          try {attempt['n']}: {attempt['result'] or 'under way'}{took}{provider}{detail}")
    return lines


def status() -> int:
    """One screen: can it page, what is open, which handbook is in force. Exit 0: healthy."""
    answer = ask("GET", "/v1/status")
    zone = answer["timezone"]
    lines = ["able to page" if answer["ok"] else "NOT ABLE TO PAGE", *(f"  {reason}" for reason in answer["reasons"])]
    lines += [f"  channel {way}: {state}" for way, state in answer["channels"].items()]
    lines.append(f"  handbook {answer['handbook']}" + (" (the files have problems and are not used)" if answer["handbook_problems"] else ""))
    lines += [f"    {problem}" for problem in answer["handbook_problems"]]
    lines.append(f"  version {answer['version']}, time {local(answer['now'], zone)}, {len(answer['incidents'])} not over")
    out.data(answer, "\n".join(lines))
    return Code.FINE if answer["ok"] else Code.NO
