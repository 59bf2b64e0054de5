"""Reads the policy: severities with their promises, triage, office hours, the last resort."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from oncall.core.model import CHANNELS_OF_REPORT, AfterHours, Escalation, LastResort, Person, Severity, TriageRule
from oncall.core.policy import Authority, Exclusion, Feedback, Goals, Publication
from oncall.core.rota import Calendar, Hours
from oncall.handbook.feedback import read_feedback
from oncall.handbook.goals import read_goals
from oncall.handbook.holidays import on_calendar
from oncall.handbook.reader import Reader
from oncall.handbook.scope import read_authority, read_exclusions, read_publication
from oncall.handbook.values import after_opening, duration, phone
from oncall.handbook.yaml_text import Fields, Node, Text

HIGHEST_HOLDS, OTHERS_HOLD = timedelta(minutes=30), timedelta(minutes=60)
"""How long an acknowledgement holds unless the severity says otherwise (decisions.md 25)."""
UNPUBLISHED = Publication()
LONGEST_SEVERITY = 10
"""Characters of a severity's name: it stands in every page and is never shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the files say under 'policy'."""

    company: str = ""
    office: Hours | None = None
    severities: dict[str, Severity]
    triage: tuple[TriageRule, ...] = ()
    last_resort: tuple[LastResort, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    publication: Publication = UNPUBLISHED
    goals: Goals = field(default_factory=Goals)
    feedback: Feedback = field(default_factory=Feedback)
    authority: Authority = field(default_factory=Authority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names that the policy may refer to."""

    people: dict[str, Person]
    hours: dict[str, Hours]
    calendars: dict[str, Calendar]
    escalations: dict[str, Escalation]
    services: set[str]
    texts: dict[str, dict[str, str]]


def read_policy(reader: Reader, node: Node | None, known: Known) -> Policy:
    """The policy."""
    fields = reader.fields(node, "policy", "'policy'") if node is not None else None
    if fields is None:
        return Policy(severities={})
    company = reader.needed(fields, "company", "the policy")
    office = read_office(reader, fields, known)
    severities = read_severities(reader, fields, known)
    feedback = read_feedback(reader, fields.fields.get("feedback"), has_office="office" in fields.fields)
    for severity in severities.values():
        if severity.after_hours is not AfterHours.PAGE and office is None:
            reader.add(severity.place, f"severity '{severity.id}' waits for office hours, but the policy has no 'office'", "name the hours")
    return Policy(
        company=company.value if company else "",
        office=office,
        severities=severities,
        triage=read_triage(reader, fields, severities, known),
        last_resort=read_last_resort(reader, fields, known),
        exclusions=read_exclusions(reader, fields, known.services),
        publication=read_publication(reader, fields, known.people, known.texts),
        goals=read_goals(reader, fields.fields.get("goals"), severities, team_is_asked=feedback.team_minute is not None),
        feedback=feedback,
        authority=read_authority(reader, fields),
    )


def read_office(reader: Reader, fields: Fields, known: Known) -> Hours | None:
    """The office hours, without the holidays of the policy's calendar."""
    text = reader.text(fields.fields.get("office"), "'office'")
    if text is None or not reader.known(text, "hours", known.hours):
        return None
    return on_calendar(reader, known.hours[text.value], text.place, known.calendars, fields)


def read_severities(reader: Reader, fields: Fields, known: Known) -> dict[str, Severity]:
    """The severities, the highest first."""
    node = fields.fields.get("severities")
    named = reader.named(node, "'severities'") if node is not None else None
    found: dict[str, Severity] = {}
    for rank, (name, one) in enumerate(named or ()):
        section = reader.fields(one, "severity", f"severity '{name}'")
        if len(name) > LONGEST_SEVERITY:
            reader.add(one.place, f"the name '{name}' is longer than {LONGEST_SEVERITY} characters; it has to fit into every text")
        if section is not None:
            found[name] = severity_of(reader, name, rank, section, known)
    if not found:
        reader.add(fields.place, "the policy has no severities", "name at least one, the highest first")
    return found


def severity_of(reader: Reader, name: str, rank: int, fields: Fields, known: Known) -> Severity:
    """One severity."""
    what = f"severity '{name}'"
    means = reader.needed(fields, "means", what)
    after = reader.text(fields.fields.get("after_hours"), "'after_hours'")
    if after is not None:
        reader.known(after, "answer to 'after_hours'", [one.value for one in AfterHours])
    escalation = reader.text(fields.fields.get("escalation"), "'escalation'")
    if escalation is not None:
        reader.known(escalation, "escalation", known.escalations)
    within, after_opening = contact_within(reader, what, fields)
    again = duration(reader, reader.text(fields.fields.get("acknowledge_again_after"), "'acknowledge_again_after'"))
    return Severity(
        id=name,
        rank=rank,
        means=means.value if means else "",
        after_hours=AfterHours(after.value) if after and after.value in set(AfterHours) else AfterHours.PAGE,
        contact_within=within,
        contact_after_opening=after_opening,
        acknowledge_again_after=again or (OTHERS_HOLD if rank else HIGHEST_HOLDS),
        escalation=escalation.value if escalation else None,
        office_escalation=read_office_route(reader, fields, known),
        update_every=duration(reader, reader.text(fields.fields.get("update_every"), "'update_every'")),
        examples=tuple(one.value for one in reader.listed(fields.fields.get("examples"), "'examples'")),
        counterexamples=tuple(one.value for one in reader.listed(fields.fields.get("counterexamples"), "'counterexamples'")),
        place=fields.place,
    )


def read_office_route(reader: Reader, fields: Fields, known: Known) -> str | None:
    """Who is paged while the office is open, if that is somebody else: {escalation: ...}."""
    node = fields.fields.get("office")
    section = reader.fields(node, "office", "'office'") if node is not None else None
    route = reader.needed(section, "escalation", "'office'") if section is not None else None
    return route.value if route is not None and reader.known(route, "escalation", known.escalations) else None


def contact_within(reader: Reader, what: str, fields: Fields) -> tuple[dict[str, timedelta], timedelta | None]:
    """The promise: by channel, or after the next opening."""
    node = fields.fields.get("contact_within")
    if node is None:
        reader.add(fields.place, f"{what} has no 'contact_within'", "write e.g. {phone: 15m, sms: 20m, email: 30m, api: 15m} or opening + 1h")
        return {}, None
    if isinstance(node, Text):
        found_after = after_opening(reader, node)
        if found_after is None:
            reader.add(node.place, f"'{node.value}' is no promise", "write a duration for each channel, or e.g. opening + 1h")
        return {}, found_after
    found = {}
    named = reader.named(node, "'contact_within'")
    for channel, one in named or ():
        place = named.keys[channel] if named else one.place
        within = duration(reader, reader.text(one, f"'{channel}'"))
        if reader.known(Text(value=channel, place=place), "channel", CHANNELS_OF_REPORT) and within is not None:
            found[channel] = within
    return found, None


def read_triage(reader: Reader, fields: Fields, severities: dict[str, Severity], known: Known) -> tuple[TriageRule, ...]:
    """The rules, from the top; the last must say what happens otherwise, so that nothing is ever dropped."""
    node = fields.fields.get("triage")
    if node is None:
        reader.add(fields.place, "the policy has no 'triage'", "the least is: triage: [{otherwise: <severity>}]")
        return ()
    sections = [section for one in reader.items(node, "'triage'") if (section := reader.fields(one, "rule", "a triage rule"))]
    rules = [rule for section in sections if (rule := rule_of(reader, section, severities, known))]
    ends = [section for section in sections if "otherwise" in section.fields]
    if len(ends) != 1 or ends[0] is not sections[-1]:
        reader.add(node.place, "triage must end with exactly one 'otherwise'", "write {otherwise: <severity>} as the last rule")
    return tuple(rules)


def rule_of(reader: Reader, fields: Fields, severities: dict[str, Severity], known: Known) -> TriageRule | None:
    """One rule."""
    otherwise = "otherwise" in fields.fields
    severity = reader.needed(fields, "otherwise" if otherwise else "severity", "a triage rule")
    services = (*reader.listed(fields.fields.get("services"), "'services'"), *reader.listed(fields.fields.get("service"), "'service'"))
    channels = reader.listed(fields.fields.get("channel"), "'channel'")
    words = reader.listed(fields.fields.get("words"), "'words'")
    sources = reader.listed(fields.fields.get("source"), "'source'")
    good = [reader.known(one, "service", known.services) for one in services]
    good += [reader.known(one, "channel", CHANNELS_OF_REPORT) for one in channels]
    if not otherwise and not (services or channels or words or sources):
        reader.add(fields.place, "a triage rule without a condition hides every rule behind it", "say 'otherwise' in the last one")
    if severity is None or not reader.known(severity, "severity", severities) or not all(good):
        return None
    lower = reader.text(fields.fields.get("lower"), "'lower'")
    if lower is not None:
        reader.known(lower, "answer to 'lower'", ("true", "false"))
    return TriageRule(
        words=tuple(one.value for one in words),
        services=tuple(one.value for one in services),
        sources=tuple(one.value for one in sources),
        channels=tuple(one.value for one in channels),
        severity=severity.value,
        lower=lower is not None and lower.value == "true",
        otherwise=otherwise,
        place=fields.place,
    )


def read_last_resort(reader: Reader, fields: Fields, known: Known) -> tuple[LastResort, ...]:
    """People with a number, or bare numbers."""
    found = []
    for text in reader.listed(fields.fields.get("last_resort"), "'last_resort'"):
        if text.value.startswith("+"):
            number = phone(reader, text)
            if number:
                found.append(LastResort(person=None, phone=number))
        elif reader.known(text, "person", known.people):
            if known.people[text.value].phones:
                found.append(LastResort(person=text.value, phone=None))
            else:
                reader.add(text.place, f"'{text.value}' is the last resort, but has no 'phone'")
    if not found:
        reader.add(fields.place, "the policy has no 'last_resort' that can be reached", "name a person with a phone, or a number")
    return tuple(found)
