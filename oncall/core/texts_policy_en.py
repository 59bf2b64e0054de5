"""The built-in English sentences of the published policy; a company overrides them in config/texts/<language>.yaml. [Parts] vanish when empty."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "policy_title": "After-hours support of {company}",
    "policy_applies": "When this applies",
    "policy_emergency": "What counts as an emergency",
    "policy_waits": "What can wait",
    "policy_left_out": "What we do not handle after hours",
    "policy_help": "What you can try first",
    "policy_reach": "How to reach us",
    "policy_then": "What happens then",
    "policy_fast": "How fast a person contacts you",
    "policy_late": "If we are late",
    "policy_overrule": "If it cannot wait",
    "policy_about": "About this page",
}
"""Headings."""

SENTENCES: Mapping[str, str] = {
    # When this applies
    "policy_office": "Our office is open {hours}.",
    "policy_closed": "This page is for all other times. While we are open, you report in the same way.",
    "policy_always": "We have no office hours. This page is for every hour of the day and night.",
    "policy_zone": "All times are {zone} time.",
    "policy_services": "It covers: {services}.",
    "policy_contract": "Your contract may cover only some of these at night. A report about the others waits until we open.",
    "policy_contract_declined": "Your contract may cover only some of these. We do not handle reports about the others.",
    # What counts, what can wait, what is left out
    "policy_examples": "For example:",
    "policy_counterexamples": "But not:",
    "policy_sorting": "We sort reports by what they say.",
    "policy_in_doubt": "If your words do not tell us how bad it is, we wake somebody.",
    "policy_waiting": "We look at it when we open.[ A person contacts you within {within} after that.]",
    "policy_declined": "We do not handle this after hours. Please tell us again when we are open.",
    "policy_never": "We do not handle this.",
    "policy_exclusion": "{about}[ ({services})].[ {answer}][ {after}]",
    "policy_exclusion_after": "A person contacts you within {within} after we open.",
    # What you can try first
    "policy_try": "This may help at once. If it does not, or if you have no time for it, report it now.",
    # How to reach us
    "policy_by_text": "Send a text message to {phone}. This number takes texts, not calls.",
    "policy_by_form": "Fill in the form at {form}",
    "policy_no_way": "Use the way that you and {company} have agreed on.",
    "policy_danger": "Is somebody in danger? Call your emergency services first.",
    "policy_say": "Tell us what does not work, since when, and who cannot work because of it.",
    "policy_contact": "Give us a phone number or an e-mail address. Without one, nobody can contact you.",
    # What happens then
    "policy_stored": "Your report is stored and gets a case number.",
    "policy_alerted": "We alert the engineer on call.[ {told}]",
    "policy_alerted_told": "As soon as our message to them is on its way, we tell you.",
    "policy_next": "If the engineer does not answer, we alert the next person. We go on until a person takes your case.",
    "policy_taken": "When a person takes your case, we tell you who it is.",
    "policy_contacted": "That person contacts you. The table below says how fast.",
    "policy_closed_case": "When your case is closed, we tell you. Is it still broken? {reopen}, and we wake an engineer again.",
    "policy_told_text": "We tell you by text message, if we have your mobile number.",
    "policy_told_mail": "We tell you by e-mail, if we have your address. Answers to our e-mails wake nobody, so each says how to reach us.",
    "policy_told_text_mail": "We tell you by text message or by e-mail, if we have your mobile number or your address. Answers to our e-mails wake nobody, so each says how to reach us.",
    "policy_told_page": "If you used our form, your case has a page of its own that tells you all this.",
    "policy_told_page_too": "If you used our form, your case has a page of its own that tells you the same.",
    "policy_reopen_text": "Answer our text with the word REOPEN",
    "policy_reopen_page": "Press “Still broken” on the page of your case",
    "policy_reopen_mail": "Report it again",
    "policy_reopen_both": "Answer our text with the word REOPEN, or press “Still broken” on the page of your case",
    # How fast
    "policy_table": "By what happened and how you told us",
    "policy_column_what": "What happened",
    "policy_column_how": "How you told us",
    "policy_column_within": "A person contacts you",
    "policy_within": "within {within}",
    "policy_within_after": "within {within} after we open",
    "policy_any_way": "any way",
    "policy_other_ways": "any other way",
    "policy_clock": "The time runs from the moment your report reaches us, at night too.",
    "policy_means_person": "Contact means that a person speaks or writes to you. Automatic answers do not count.",
    "policy_updates": "Once a person has contacted you, you hear from us again and again until your case is closed. If there is no news, we tell you that.",
    "policy_update": "{means} At least once in {span}.",
    # If we are late
    "policy_late_told": "If no person has contacted you in time, we tell you so in that minute, and give you a new time.",
    "policy_late_next": "In the same minute we alert the next person. If somebody has your case already, we remind them[ and tell {manager}].",
    "policy_manager": "their manager",
    "policy_late_on": "If nobody answers at all, we do not stop. We alert people again and again until one of them takes your case.",
    # If it cannot wait
    "policy_overrule_says": "We may tell you that your case can wait, or that we do not handle it at night. You may overrule us.",
    "policy_overrule_text": "Answer our text with the word URGENT.",
    "policy_overrule_page": "Press “It cannot wait” on the page of your case.",
    "policy_overrule_both": "Answer our text with the word URGENT, or press “It cannot wait” on the page of your case.",
    "policy_overruled": "Then we wake an engineer at once. You need not give a reason.",
    # About this page
    "policy_effective": "In force since {date}.",
    "policy_owner_manager": "A manager of our support answers for it.",
    "policy_owner": "A person in our company answers for it by name.",
    "policy_review": "We look at it again every {span}.",
    "policy_version": "Version {version}",
    "policy_whole": "The whole policy: {url}",
    # On the page alone
    "policy_skip": "Skip to the content",
    "policy_report": "Report an emergency",
    "policy_now_open": "Our office is open now, until {time}.",
    "policy_now_closed": "Our office is closed now.[ It opens {time}.] Emergencies wake an engineer at this hour too.",
    "policy_now_always": "Emergencies wake an engineer at this hour.",
}
"""Whole sentences; none claims what the daemon does not do."""

WORDS: Mapping[str, str] = {
    "policy_weekdays": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "policy_days": "{first} to {last}",
    "policy_hours": "{days} from {opens} to {closes}",
    "policy_long_hours": "from {first} {opens} to {last} {closes}",
    "policy_no_holidays": "{hours}, but not on public holidays",
    "policy_inverted": "at all times but {hours}",
    "policy_minute": "1 minute",
    "policy_minutes": "{count} minutes",
    "policy_hour": "1 hour",
    "policy_hour_count": "{count} hours",
    "policy_day_count": "{count} days",
    "policy_channel_phone": "phone",
    "policy_channel_sms": "text message",
    "policy_channel_email": "e-mail",
    "policy_channel_form": "form",
    "policy_channel_chat": "chat",
    "policy_channel_portal": "customer portal",
    "policy_channel_api": "a program of yours",
}
"""What sentences are made of."""

POLICY: Mapping[str, str] = {**TITLES, **SENTENCES, **WORDS}
