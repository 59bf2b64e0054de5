"""Reads what the policy covers and for whom: exclusions, customers with their contracts, and what is published beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from oncall.core.model import marks_of
from oncall.core.place import Place
from oncall.core.policy import Authority, Customer, CustomerContact, Exclusion, Publication
from oncall.core.publishing.wording import TRANSLATED, missing
from oncall.handbook.reader import Reader
from oncall.handbook.values import after_opening, duration, moment, phone
from oncall.handbook.yaml_text import Fields, Node, Text

PREFERRED = ("sms", "email")


def read_exclusions(reader: Reader, fields: Fields, services: Collection[str]) -> tuple[Exclusion, ...]:
    """What is not handled after hours, in the order of the file."""
    node = fields.fields.get("exclusions")
    found: dict[str, Exclusion] = {}
    for one in reader.items(node, "'exclusions'") if node is not None else ():
        section = reader.fields(one, "exclusion", "an exclusion")
        exclusion = read_exclusion(reader, section, services) if section is not None else None
        if exclusion is not None and exclusion.id in found:
            reader.add(exclusion.place, f"exclusion '{exclusion.id}' is said twice", f"the first stands at {found[exclusion.id].place}")
        elif exclusion is not None:
            found[exclusion.id] = exclusion
    return tuple(found.values())


def read_exclusion(reader: Reader, fields: Fields, services: Collection[str]) -> Exclusion | None:
    """One exclusion; it must say what it is about and how it is recognised."""
    name, about = reader.needed(fields, "id", "an exclusion"), reader.needed(fields, "about", "an exclusion")
    words = reader.listed(fields.fields.get("words"), "'words'")
    of_services = reader.listed(fields.fields.get("services"), "'services'")
    answer = reader.text(fields.fields.get("answer"), "'answer'")
    if not words and not of_services:
        reader.add(fields.place, "an exclusion without 'words' or 'services' would leave out everything", "say how it is recognised")
    if not reader.all_known(of_services, "service", services) or name is None or about is None:
        return None
    return Exclusion(
        id=name.value,
        about=about.value,
        words=tuple(one.value for one in words),
        services=tuple(one.value for one in of_services),
        answer=answer.value if answer else "",
        contact_after_opening=promised_after_opening(reader, reader.text(fields.fields.get("contact_within"), "'contact_within'")),
        place=fields.place,
    )


def promised_after_opening(reader: Reader, text: Text | None) -> timedelta | None:
    """`opening + 4h`: nobody is woken for what is left out, so nothing sooner can be promised."""
    if text is None:
        return None
    found = after_opening(reader, text)
    if found is None:
        reader.add(text.place, f"'{text.value}' cannot be promised for what nobody is woken for", "write e.g. opening + 4h")
    return found


def read_customers(reader: Reader, node: Node | None, services: Collection[str], languages: Collection[str]) -> dict[str, Customer]:
    """The customers by id; a number, an e-mail, a key or a name belongs to one of them only, or nobody could say who reports."""
    named = reader.named(node, "'customers'") if node is not None else None
    found: dict[str, Customer] = {}
    owners: dict[str, Place] = {}
    for name, one in named or ():
        fields = reader.fields(one, "customer", f"customer '{name}'")
        if fields is None:
            continue
        found[name] = customer = read_customer(reader, name, fields, services, languages)
        for mark in dict.fromkeys(marks_of(customer)):
            if mark in owners and owners[mark] != customer.place:
                reader.add(customer.place, f"'{mark}' belongs to two customers", f"the other stands at {owners[mark]}")
            owners[mark] = customer.place
    return found


def read_customer(reader: Reader, name: str, fields: Fields, services: Collection[str], languages: Collection[str]) -> Customer:
    """One customer."""
    called, language, prefers = (reader.text(fields.fields.get(key), f"'{key}'") for key in ("name", "language", "prefers"))
    contract = reader.listed(fields.fields.get("contract"), "'contract'")
    reader.all_known(contract, "service", services)
    if language is not None and language.value not in languages:
        known = f"write config/texts/{language.value}.yaml, or use one of {', '.join(sorted(languages))}"
        reader.add(language.place, f"no texts for language '{language.value}'", known)
    if prefers is not None:
        reader.known(prefers, "way to tell customers", PREFERRED)
    return Customer(
        id=name,
        name=called.value if called else name,
        contract=tuple(one.value for one in contract) if "contract" in fields.fields else None,
        language=language.value if language else "en",
        prefers=prefers.value if prefers else "",
        contacts=read_contacts(reader, name, fields),
        keys=tuple(one.value for one in reader.listed(fields.fields.get("keys"), "'keys'")),
        place=fields.place,
        tier=tier_of(reader, fields),
    )


LONGEST_TIER = 40


def tier_of(reader: Reader, fields: Fields) -> str:
    """A customer's tier, a word or two."""
    tier = reader.text(fields.fields.get("tier"), "'tier'")
    if tier is not None and len(tier.value) > LONGEST_TIER:
        reader.add(tier.place, f"a tier has at most {LONGEST_TIER} characters, this one has {len(tier.value)}", "write e.g. tier: gold")
    return " ".join(tier.value.split()) if tier is not None else ""


def read_contacts(reader: Reader, name: str, fields: Fields) -> tuple[CustomerContact, ...]:
    """Who of a customer may report, and how they are reached."""
    node = fields.fields.get("contacts")
    found = []
    for one in reader.items(node, "'contacts'") if node is not None else ():
        section = reader.fields(one, "contact", f"a contact of customer '{name}'")
        if section is None:
            continue
        called = reader.text(section.fields.get("name"), "'name'")
        number, email = (reader.text(section.fields.get(key), f"'{key}'") for key in ("phone", "email"))
        if number is None and email is None:
            reader.add(section.place, f"a contact of customer '{name}' has neither 'phone' nor 'email'", "then nobody can tell that it is them")
        if email is not None and "@" not in email.value:
            reader.add(email.place, f"'{email.value}' is no e-mail address")
        found.append(
            CustomerContact(
                name=called.value if called else "",
                phone=(phone(reader, number) or "") if number else "",
                email=email.value.casefold() if email else "",
            )
        )
    return tuple(found)


LONGEST_DECISION, MOST_DECISIONS = 200, 10
"""Characters of what may be decided, and how much of it: all of it is shown with each case."""


def read_authority(reader: Reader, fields: Fields) -> Authority:
    """What responders and managers may decide alone."""
    node = fields.fields.get("authority")
    section = reader.fields(node, "authority", "'authority'") if node is not None else None
    return Authority(responder=decisions(reader, section, "responder"), manager=decisions(reader, section, "manager")) if section else Authority()


def decisions(reader: Reader, fields: Fields, role: str) -> tuple[str, ...]:
    """What one role may decide, in sentences."""
    found = reader.listed(fields.fields.get(role), f"'{role}'")
    if len(found) > MOST_DECISIONS:
        reader.add(found[MOST_DECISIONS].place, f"a role has at most {MOST_DECISIONS} decisions", "put together what belongs together")
    for one in found:
        if len(one.value) > LONGEST_DECISION:
            reader.add(one.place, f"a decision has at most {LONGEST_DECISION} characters, this one has {len(one.value)}", "say it shorter")
    return tuple(" ".join(one.value.split()) for one in found)


def read_publication(reader: Reader, fields: Fields, people: Collection[str], texts: Mapping[str, Mapping[str, str]]) -> Publication:
    """What is published beside what the daemon does. `texts`: the company's own, by language."""
    title, owner = (reader.text(fields.fields.get(key), f"'{key}'") for key in ("title", "owner"))
    if owner is not None:
        reader.known(owner, "person", people)
    effective = moment(reader, reader.text(fields.fields.get("effective"), "'effective'"))
    return Publication(
        title=title.value if title else "",
        owner=owner.value if owner else "",
        effective=effective.date() if effective else None,
        review_every=duration(reader, reader.text(fields.fields.get("review_every"), "'review_every'")),
        languages=read_languages(reader, fields, texts),
    )


def read_languages(reader: Reader, fields: Fields, texts: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """In which languages the policy is published; each must have every sentence."""
    notices = reader.fields(fields.fields["notices"], "notices", "'notices'") if "notices" in fields.fields else None
    listed = reader.listed(notices.fields.get("languages"), "'languages'") if notices is not None else ()
    for one in listed:
        lacking = missing(texts, one.value)
        if lacking:
            more = " and more" if len(lacking) > 1 else ""
            hint = f"write config/texts/{one.value}.yaml, or use one of {', '.join(sorted({'en', *TRANSLATED}))}"
            reader.add(one.place, f"the policy cannot be said in '{one.value}': there is no '{lacking[0]}'{more}", hint)
    return tuple(one.value for one in listed)
