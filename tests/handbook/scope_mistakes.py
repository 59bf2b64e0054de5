"""Mistakes in what the policy covers and for whom: a change of the good file of test_messages, and the line that says what is wrong."""

from __future__ import annotations

SCOPE = [
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
        "17:27: no texts for language 'xx'; write config/texts/xx.yaml, or use one of de, en, nl",
    ),
    (
        "  triage: [",
        "  notices: {languages: [nl, fr]}\n  triage: [",
        "25:29: the policy cannot be said in 'fr': there is no 'policy_title' and more; write config/texts/fr.yaml, or use one of de, en, nl",
    ),
    ("  triage: [", "  notices: {privacy: full}\n  triage: [", "25:13: 'privacy' in 'notices' is not supported yet; take it out"),
    ("services:\n", "customers: {n: {prefers: fax}}\nservices:\n", "17:26: no way to tell customers called 'fax'"),
    (
        "  triage: [",
        "  authority: {respnder: [x]}\n  triage: [",
        "25:15: unknown key 'respnder' in 'authority'; did you mean 'responder'?",
    ),
    (
        "  triage: [",
        f"  authority: {{responder: [{'x' * 201}]}}\n  triage: [",
        "25:27: a decision has at most 200 characters, this one has 201; say it shorter",
    ),
    (
        "  triage: [",
        "  authority: {manager: [a, b, c, d, e, f, g, h, i, j, k]}\n  triage: [",
        "25:55: a role has at most 10 decisions; put together what belongs together",
    ),
    (
        "services:\n",
        f"customers: {{n: {{tier: {'g' * 41}}}}}\nservices:\n",
        "17:23: a tier has at most 40 characters, this one has 41; write e.g. tier: gold",
    ),
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
