"""From the handbook to the published policy: every sentence says what the daemon does, and none names anybody of the staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from oncall.core.model import CHANNELS_OF_REPORT, AfterHours, Handbook, Severity
from oncall.core.policy import Exclusion
from oncall.core.publishing.document import Block, Document, Listed, Section, Table, Ways, Words
from oncall.core.publishing.wording import Speech, speech_of


def compose(handbook: Handbook, ways: Ways, language: str = "en") -> Document:
    """The policy in `language`; the same handbook and ways give the same document, whoever is on call and whatever the time is."""
    speech = speech_of(handbook, language)
    sections = {
        "applies": applies(handbook, speech),
        "emergency": emergencies(handbook, speech),
        "waits": can_wait(handbook, speech),
        "left_out": left_out(handbook, speech),
        "help": self_service(handbook, speech),
        "reach": reach(ways, speech),
        "then": then(ways, speech),
        "fast": fast(handbook, ways, speech),
        "late": late(handbook, ways, speech),
        "overrule": overrule(handbook, ways, speech),
        "about": about(handbook, speech),
    }
    return Document(
        language=language,
        title=handbook.publication.title or speech.say("policy_title"),
        sections=tuple(Section(id=name, title=speech.say(f"policy_{name}"), blocks=tuple(blocks)) for name, blocks in sections.items() if blocks),
        version_words=speech.say("policy_version", version="{version}"),
        whole_words=speech.say("policy_whole", url=ways.policy) if ways.policy else "",
    )


def applies(handbook: Handbook, speech: Speech) -> list[Block]:
    """When it applies, and what it covers."""
    office = handbook.office
    if office is None:
        found = [speech.say("policy_always")]
    else:
        found = [speech.say("policy_office", hours=speech.hours(office)), speech.say("policy_closed")]
    found.append(speech.say("policy_zone", zone=handbook.timezone))
    if handbook.services:
        found.append(speech.say("policy_services", services=", ".join(service.name for service in handbook.services.values())))
    if any(customer.contract is not None for customer in handbook.customers.values()):
        found.append(speech.say("policy_contract" if office else "policy_contract_declined"))
    return [Words(text=" ".join(found))]


def of_kind(handbook: Handbook, kind: AfterHours) -> list[Severity]:
    """The severities of which this becomes after hours. Without office hours each wakes somebody: the reader of the files lets none wait then."""
    return [one for one in handbook.severities.values() if one.after_hours is kind]


def emergencies(handbook: Handbook, speech: Speech) -> list[Block]:
    """What wakes somebody, with examples, and what happens in doubt."""
    found: list[Block] = []
    for severity in of_kind(handbook, AfterHours.PAGE):
        found += described(severity, speech)
    otherwise = next((handbook.severities[rule.severity] for rule in handbook.triage if rule.otherwise), None)
    in_doubt = otherwise is None or otherwise in of_kind(handbook, AfterHours.PAGE)
    found.append(Words(text=" ".join([speech.say("policy_sorting"), *([speech.say("policy_in_doubt")] if in_doubt else [])])))
    return found


def described(severity: Severity, speech: Speech) -> Iterator[Block]:
    """What a severity means, with its examples."""
    yield Words(text=severity.means, strong=True)
    for about, examples in (("policy_examples", severity.examples), ("policy_counterexamples", severity.counterexamples)):
        if examples:
            yield Words(text=speech.say(about))
            yield Listed(items=examples)


def can_wait(handbook: Handbook, speech: Speech) -> list[Block]:
    """What is looked at when the office opens, and how fast then."""
    found: list[Block] = []
    for severity in of_kind(handbook, AfterHours.WAIT):
        found += described(severity, speech)
        within = severity.contact_after_opening or max(severity.contact_within.values(), default=None)
        found.append(Words(text=speech.say("policy_waiting", within=speech.span(within) if within else "")))
    return found


def left_out(handbook: Handbook, speech: Speech) -> list[Block]:
    """The exclusions with the time when a person answers, and the severities that are declined."""
    found: list[Block] = []
    for severity in of_kind(handbook, AfterHours.DECLINE):
        found += [*described(severity, speech), Words(text=speech.say("policy_declined"))]
    if handbook.exclusions:
        found.append(Listed(items=tuple(exclusion_in_words(handbook, one, speech) for one in handbook.exclusions)))
    return found


def exclusion_in_words(handbook: Handbook, exclusion: Exclusion, speech: Speech) -> str:
    """One exclusion: what it is about, what the customer is told, and when a person contacts them."""
    if handbook.office is None:
        after = speech.say("policy_never")
    elif exclusion.contact_after_opening is None:
        after = speech.say("policy_declined")
    else:
        after = speech.say("policy_exclusion_after", within=speech.span(exclusion.contact_after_opening))
    services = ", ".join(handbook.services[name].name for name in exclusion.services if name in handbook.services)
    return speech.say("policy_exclusion", about=exclusion.about.rstrip("."), services=services, answer=exclusion.answer, after=after)


def self_service(handbook: Handbook, speech: Speech) -> list[Block]:
    """What customers can try before they report, for each service that has something."""
    found: list[Block] = []
    for service in handbook.services.values():
        if service.help:
            found += [Words(text=service.name, strong=True), Listed(items=service.help)]
    return [Words(text=speech.say("policy_try")), *found] if found else []


def reach(ways: Ways, speech: Speech) -> list[Block]:
    """The ways that exist, and what to have ready."""
    how = [speech.say("policy_by_text", phone=ways.phone)] if ways.phone else []
    how += [speech.say("policy_by_form", form=ways.form)] if ways.form else []
    known: Block = Listed(items=tuple(how)) if how else Words(text=speech.say("policy_no_way"))
    return [known, Words(text=" ".join(speech.say(about) for about in ("policy_danger", "policy_say", "policy_contact")))]


def by_way(ways: Ways, about: str) -> str:
    """Which sentence fits the ways by which a customer can answer: ..._both, ..._text, ..._page, or ''."""
    if ways.phone:
        return f"{about}_both" if ways.form else f"{about}_text"
    return f"{about}_page" if ways.form else ""


def told_by(ways: Ways) -> tuple[str, ...]:
    """The sentences that say how customers are told; none where nothing tells them."""
    written = {(True, True): ("policy_told_text_mail",), (True, False): ("policy_told_text",), (False, True): ("policy_told_mail",)}
    found = written.get((bool(ways.phone), ways.mail), ())
    if ways.form:
        return (*found, "policy_told_page_too" if found else "policy_told_page")
    return found


def then(ways: Ways, speech: Speech) -> list[Block]:
    """What happens with a report, step by step. Customers are told by text, by mail and on the page of their case, so only where these exist."""
    told = told_by(ways)
    alerted = speech.say("policy_alerted", told=speech.say("policy_alerted_told") if told else "")
    steps = [speech.say("policy_stored"), alerted, speech.say("policy_next"), speech.say("policy_contacted")]
    if not told:
        return [Listed(items=tuple(steps), numbered=True)]
    steps.insert(-1, speech.say("policy_taken"))
    steps.append(speech.say("policy_closed_case", reopen=speech.say(by_way(ways, "policy_reopen") or "policy_reopen_mail")))
    return [Listed(items=tuple(steps), numbered=True), Words(text=" ".join(speech.say(one) for one in told))]


def fast(handbook: Handbook, ways: Ways, speech: Speech) -> list[Block]:
    """The promises by severity and by the way of the report, what they mean, and how often there is a word after that."""
    rows = tuple(row for severity in handbook.severities.values() for row in promises(handbook, severity, speech))
    columns = tuple(speech.say(f"policy_column_{name}") for name in ("what", "how", "within"))
    words = Words(text=f"{speech.say('policy_clock')} {speech.say('policy_means_person')}")
    table = Table(caption=speech.say("policy_table"), columns=columns, rows=rows)
    return [table, words, *updates(handbook, ways, speech)] if rows else []


def updates(handbook: Handbook, ways: Ways, speech: Speech) -> list[Block]:
    """How often a customer hears from us while it lasts, where that is promised and there is a way to tell them."""
    owed = [one for one in handbook.severities.values() if one.update_every is not None and one.after_hours is not AfterHours.DECLINE]
    if not owed or not told_by(ways):
        return []
    items = tuple(speech.say("policy_update", means=one.means, span=speech.span(one.update_every)) for one in owed if one.update_every)
    return [Words(text=speech.say("policy_updates")), Listed(items=items)]


def promises(handbook: Handbook, severity: Severity, speech: Speech) -> Iterator[tuple[str, ...]]:
    """The rows of one severity: channels with the same promise together, the fastest first."""
    if severity in of_kind(handbook, AfterHours.DECLINE):
        return
    waits = severity in of_kind(handbook, AfterHours.WAIT)
    within = "policy_within_after" if waits else "policy_within"
    if severity.contact_after_opening is not None:
        yield severity.means, speech.say("policy_any_way"), speech.say(within, within=speech.span(severity.contact_after_opening))
        return
    spans = sorted(set(severity.contact_within.values()))
    for span in spans:
        named = [channel for channel in CHANNELS_OF_REPORT if severity.contact_within.get(channel) == span]
        others = span == spans[-1] and len(severity.contact_within) < len(CHANNELS_OF_REPORT)
        # A channel that nobody named gets the slowest promise (core.triage.promised_within).
        how = [*(speech.say(f"policy_channel_{channel}") for channel in named), *([speech.say("policy_other_ways")] if others else [])]
        yield severity.means, ", ".join(how), speech.say(within, within=speech.span(span))


def late(handbook: Handbook, ways: Ways, speech: Speech) -> list[Block]:
    """What the daemon does when a promise is missed."""
    told = [speech.say("policy_late_told")] if told_by(ways) else []
    manager = speech.say("policy_manager") if handbook.managers else ""
    return [Words(text=" ".join([*told, speech.say("policy_late_next", manager=manager), speech.say("policy_late_on")]))]


def overrule(handbook: Handbook, ways: Ways, speech: Speech) -> list[Block]:
    """How a customer wakes somebody all the same; nothing where nothing is left to wait, or nobody could say so."""
    some_wait = len(of_kind(handbook, AfterHours.PAGE)) < len(handbook.severities)
    contracts = any(customer.contract is not None for customer in handbook.customers.values())
    how = by_way(ways, "policy_overrule")
    if not how or not (some_wait or handbook.exclusions or contracts):
        return []
    return [Words(text=" ".join(speech.say(about) for about in ("policy_overrule_says", how, "policy_overruled")))]


def about(handbook: Handbook, speech: Speech) -> list[Block]:
    """Since when it is in force, whose it is by role, and when it is looked at again."""
    published = handbook.publication
    found = [speech.say("policy_effective", date=published.effective.isoformat())] if published.effective else []
    if published.owner:
        found.append(speech.say("policy_owner_manager" if is_manager(handbook, published.owner) else "policy_owner"))
    if published.review_every is not None and published.review_every > timedelta(0):
        found.append(speech.say("policy_review", span=speech.span(published.review_every)))
    return [Words(text=" ".join(found))] if found else []


def is_manager(handbook: Handbook, who: str) -> bool:
    """Whether somebody is one of the managers, by name or by a rotation of theirs."""
    rotations = (handbook.rotations[name] for name in handbook.managers if name in handbook.rotations)
    return who in handbook.managers or any(who in holder.people for rotation in rotations for shift in rotation.shifts for holder in shift.ring)
