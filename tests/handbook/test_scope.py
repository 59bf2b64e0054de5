"""Mistakes in what the policy covers and for whom: each is named with its place and remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.handbook import parse
from tests.handbook.test_messages import GOOD, problems

WRONG = [
    (
        "  triage: [",
        "  exclusions: [{id: a, about: x}]\n  triage: [",
        "25:16: an exclusion without 'words' or 'services' would leave out everything; say how it is recognised",
    ),
    (
        "  triage: [",
        "  exclusions: [{id: a, about: x, words: y}, {id: a, about: z, words: w}]\n  triage: [",
        "25:45: exclusion 'a' is said twice; the first stands at config/all.yaml:25:16",
    ),
    (
        "  triage: [",
        "  exclusions: [{id: a, about: x, words: y, contact_within: 15m}]\n  triage: [",
        "25:60: '15m' cannot be promised for what nobody is woken for; write e.g. opening + 4h",
    ),
    ("  triage: [", "  exclusions: [{id: a, about: x, services: shap}]\n  triage: [", "25:44: no service called 'shap'; did you mean 'shop'?"),
    ("  triage: [", "  owner: anna\n  triage: [", "25:10: no person called 'anna'; did you mean 'ana'?"),
    ("  triage: [", "  authority: {boss: all}\n  triage: [", "25:15: unknown key 'boss' in 'authority'"),
    (
        "contact_within: {api: 15m}",
        "contact_within: {api: 15m}, office: {escalation: mein}",
        "24:74: no escalation called 'mein'; did you mean 'main'?",
    ),
    ("services:\n", "customers: {n: {contract: [shap]}}\nservices:\n", "17:28: no service called 'shap'; did you mean 'shop'?"),
    (
        "services:\n",
        "customers: {n: {contacts: [{name: N}]}}\nservices:\n",
        "17:28: a contact of customer 'n' has neither 'phone' nor 'email'; then nobody can tell that it is them",
    ),
    ("services:\n", "customers: {n: {contacts: [{email: nobody}]}}\nservices:\n", "17:36: 'nobody' is no e-mail address"),
    (
        "services:\n",
        "customers: {n: {language: xx}}\nservices:\n",
        "17:27: no texts for language 'xx'; write config/texts/xx.yaml, or use one of en",
    ),
    ("services:\n", "customers: {n: {prefers: fax}}\nservices:\n", "17:26: no way to tell customers called 'fax'"),
    (
        "services:\n",
        "customers:\n  n: {contacts: [{phone: +31 6 5550 1234}]}\n  o: {contacts: [{phone: +31655501234}]}\nservices:\n",
        "19:6: '+31655501234' belongs to two customers; the other stands at config/all.yaml:18:6",
    ),
    (
        "services:\n",
        "customers:\n  north: {contract: []}\n  other: {name: North}\nservices:\n",
        "19:10: 'north' belongs to two customers; the other stands at config/all.yaml:18:10",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said.split("; ")[0] for _, _, said in WRONG])
def test_a_mistake_is_named_with_its_place_and_remedy(old: str, new: str, said: str) -> None:
    """One mistake, one line that says it."""
    assert GOOD.count(old) >= 1
    assert f"config/all.yaml:{said}" in problems(GOOD.replace(old, new, 1))


def test_what_is_published_is_read() -> None:
    """Title, owner, date, and what each role may decide alone."""
    more = (
        "  title: Our help at night\n  owner: ana\n  effective: 2026-12-01\n  review_every: 90d\n  authority: {responder: [Roll back., Call me.]}\n"
    )
    handbook = parse({"config/all.yaml": GOOD.replace("  company: Example\n", f"  company: Example\n{more}")}).handbook
    assert handbook is not None
    found = handbook.publication
    assert (found.title, found.owner, str(found.effective), found.review_every) == ("Our help at night", "ana", "2026-12-01", timedelta(days=90))
    assert found.authority == (("responder", ("Roll back.", "Call me.")),)
