"""The built-in English texts (interfaces.md 2.3); a company overrides them in config/texts/<language>.yaml. [Parts] vanish when empty."""

from __future__ import annotations

from collections.abc import Mapping

RESPONDER: Mapping[str, str] = {
    "page": "{severity} {customer}: {summary}. Reply {code} = take it, {code}N = pass to {next}.[ Customer due a call by {due}.]",
    "page_backup": "{severity} {customer}: {summary}. {tried} did not answer. Reply {code} = take it, {code}N = pass to {next}.[ Call due {due}.]",
    "page_repeat": "{severity} {customer}: {summary}. Still nobody has it after {minutes} min. Reply {code} = take it.[ Call due {due}.]",
    "page_last_resort": "ESCALATION {severity} {customer}: {summary}. Nobody has taken it after {minutes} min. Reply {code} = take it.[ Call due {due}.]",
    "page_lapsed": "{severity} {customer}: {holder} took it at {since}, no word since. Reply {code} = take it, {code}N = pass to {next}.[ Call due {due}.]",
    "page_help": "{holder} needs help: {severity} {customer}: {summary}. Reply {code} = join, {code}N = pass to {next}.",
    "details": '{code} {customer}: "{details}".[ Caller: {caller}.] Reply {code} = take it.',
    "yours": "Yours: {severity} {customer}.[ Call {caller} by {due}, then reply {code}C.] Done: {code}D. Need help: {code}H. Hand on: {code}N.",
    "already_yours": "Already yours: {severity} {customer}.[ Call {caller} by {due}, then reply {code}C.] Done: {code}D. Need help: {code}H. Hand on: {code}N.",
    "joined": "You help {holder} with {severity} {customer}: {summary}.[ Customer: {caller}.]",
    "helper_joined": "{by} helps you with {customer} ({code}).",
    "passed": "OK, not you. Calling {next} now. You will be called again only if nobody answers.",
    "passed_alone": "OK, noted, but nobody else is left to call. You will be called again at {until}.",
    "customer_words": '{code} {customer} writes: "{details}"',
    "too_late": "{by} took {customer} ({code}) at {since}. Nothing for you to do. Good night.",
    "stand_down": "{customer} ({code}) is with {by}. No more calls to you for it. Good night.",
    "stand_down_closed": "{customer} ({code}) was closed by {by}. No more calls to you for it. Good night.",
    "unknown_code": "I don't know {text}.[ You have one open page: {code} {severity} {customer}. Reply {code} to take it.][ Your open pages: {list}.][ {nothing}]",
    "not_understood": "I did not understand that.[ Reply {code} to take {severity} {customer}.][ Your open pages: {list}. Reply with the code.][ {nothing}]",
    "ambiguous": "You have {count} open pages. Reply {list}, or ALL for all.",
    "which_code": "A word alone could mean several things. Reply with the code: {list}.",
    "closed": "{code} {customer} was closed by {by} at {since}. Nothing to do.",
    "still_on_it": "{code} {customer}: you took it at {since}, no word since. Reply {code} = still on it, {code}D = done, {code}N = pass. No reply by {until}: {next} is called.",
    "reached": "{code} {customer}: they are due a call by {due}. Reached them? Reply {code}C.",
    "reached_late": "{code} {customer}: the call was due {due} and nobody reported it. Call now, then reply {code}C. Need help: {code}H.",
    "contacted": "Noted: {customer} was reached at {since}.[ Next word to them due {update}: reply {code}U and your words.] Done: {code}D.",
    "update_due": "{code} {customer}: a word to them is due by {update}. Reply {code}U and your words, they get them as you write them.",
    "update_late": "{code} {customer}: their word was due {update}[; we tell them now that there is no news, next word {until}]. Reply {code}U and your words. Need help: {code}H.",
    "update_sent": "{code} {customer}: your words go to them now.[ Next word due {update}.]",
    "update_not_sent": "{code} {customer}: we have no way to tell them, so your words went to nobody. They are kept in the log.",
    "snoozed": "{code} {customer}: it stays yours. I will ask you again at {until}.",
    "snooze_over": "{code} {customer}: you asked to be reminded. Reply {code} = still on it, {code}D = done, {code}N = pass. No reply by {until}: {next} is called.",
    "closed_by_you": "{code} {customer} is closed. Thank you. Good night.",
    "help_coming": "{code} {customer}: calling {next} to help you. It stays yours.",
    "late_manager": "LATE {severity} {customer}: {holder} has it, but no call to the customer was reported by {due}.[ They are told now, new time {until}.] Ask, or take over.",
    "update_late_manager": "NO WORD {severity} {customer}: promised by {update}, none came; {holder} has it.[ The customer is told now, next word {until}.] Ask, or take over.",
    "customer_not_told": "{severity} {customer} ({case}): the customer may not have our message ({reason}). Please reach them another way.",
    "shadow": "Copy, nothing to do: {severity} {customer}: {summary}. {by} is called; you shadow.",
    "reclassified": "{code} {customer} is {severity} now[, says {by}].[ Call {caller} by {due}, then reply {code}C.]",
    "same_severity": "{code} {customer} is {severity} already. Nothing was done.",
    "waits_not_yours": "{code} {customer} stays {severity}: only who has it can let it wait, and that is {holder}. Nothing was done.",
    "waits_not_yet": "{code} {customer} stays {severity}: they are due a call by {due}. Reach them, reply {code}C, then let it wait.",
    "waits_now": "{code} {customer} is {severity} now and waits until we open {opening}. It is not yours any more. Good night.",
    "stand_down_waits": "{customer} ({code}) waits until we open {opening}. No more calls to you for it. Good night.",
}
"""What responders and managers read; one segment each, always."""

DUTY: Mapping[str, str] = {
    "duty_tomorrow": "On call: you have {list} from {since} to {until}[, with {next}][, backup {backup}]."
    " Reply {code} to confirm, {code}S to ask for cover.",
    "duty_soon": "In 15 min you are on call for {list}, until {until}.",
    "duty_begins": "You are on call for {list} until {until}[, with {next}][, backup {backup}].[ Reply {code} = I have it.]",
    "duty_over": "You are no longer on call for {list}. Thank you.[ {next} has it now.]",
    "duty_now": "The rota was changed: you are on call for {list} from now on, until {until}.[ Before you: {next}.]",
    "duty_gone": "The rota was changed: you are no longer on call for {list}.[ {next} has it now.]",
    "pulse": "How is it to be on call? Five questions for {list}, kept without your name: {page}",
    "change_yours": "{by} put you on call for {list} from {since} to {until}[ instead of {next}].[ {reason}]",
    "change_gone": "{by}: you are not on call for {list} from {since} to {until}.[ {next} is.][ {reason}]",
}
"""What responders read about their own time on call."""

ASKED: Mapping[str, str] = {
    "ask_cover": "{by} asks for cover of {list} {since} to {until}. Reply {code} = I take it, {code}N = no.",
    "ask_swap": "{by} asks to swap {list}: you {since} to {until}, they {back}. Reply {code} = I swap, {code}N = no.",
    "ask_settled": "Settled: {by} has {list} {since} to {until}. Nothing for you to do. Thank you.",
    "ask_closed": "No longer needed: {list} {since} to {until}. Nothing for you to do.",
    "ask_noted": "OK, noted: not you for {list} {since} to {until}.",
    "ask_yours": "You have it: {list} {since} to {until}.",
    "ask_late": "Too late for {list} {since} to {until}: {reason}. Nothing was changed.",
    "ask_refused": "Not taken, {list} {since} to {until}: {reason}.[ {holder} stays on call.]",
    "asking_cover": "I ask {next} for cover of {list} {since} to {until}. Until somebody says yes you stay on call; I tell you who has it.",
    "asking_swap": "I ask {next} to swap: {list} {since} to {until} for {back}. Until the answer is yes nothing changes.",
    "asked_no": "No cover from {next}. You stay on call for {list} {since} to {until}.",
    "asked_silence": "Nobody took it: you are on call for {list} {since} to {until}.",
    "cover_nobody": "Nobody can be asked for {list} {since} to {until}: {reason}. You stay on call.",
    "cover_open": "I asked for that already: {list} {since} to {until}. Until somebody says yes you stay on call.",
    "cover_many": "You asked {count} times and nobody answered yet, so I ask no more. You stay on call; I tell you who says yes.",
    "cover_until": "You are on call for {list} without an end. Say which hours: COVER fri 18:00 to sat 08:00. Nobody was asked.",
    "cover_how": "I did not understand. COVER = your next duty, COVER fri 18:00 to sat 08:00 = these hours (24 h clock), SWAP ben = your next duty for Ben's.",
    "cover_failed": "That could not be looked at, by a fault of ours. Nobody was asked, and you stay on call. Ask an admin.",
    "no_duty": "I found no duty of yours then[ in {list}]. Nobody was asked.",
    "no_swap": "I found no duty to come of you and of {next}[ in {list}]. Nobody was asked.",
    "swap_mixed": "You or {next} have more of {list} in between, so I cannot swap just these two. Nobody was asked. See: oncall swap",
    "which_rotation": "That could mean {list}. Say which, as in COVER primary or SWAP ben primary. Nobody was asked.",
    "duty_confirmed": "Noted: you know that you have {list} {since} to {until}.",
    "right_to_wake": "{customer} {since}: was it right to wake you? Reply {code} = yes, {code}W = could wait, {code}J = not our job, {code}D = duplicate, {code}I = too little info.",
    "wake_noted": "Noted, {customer} {since}: {topic}. Thank you.[ It is looked into, review {count}.]",
    "duty_no": "You stay on call for {list} {since} to {until}. To ask for cover reply {code}S.",
}
"""What people are asked outside incidents, and what came of it."""

ADMIN: Mapping[str, str] = {
    "way_broken": "{by} cannot be reached by {way} at {phone} ({reason}). Pages to them go other ways, if they have any, until that is mended.",
    "send_refused": "Texts are refused: {reason}. Pages may not go out. Check the account.",
    "mail_refused": "Mails to customers are refused: {reason}. Those with a number get texts. See: oncall doctor",
    "empty_step": "{severity} {customer} ({case}): step {step} pages {list}, and that is nobody now. Went on to the next step.",
    "stranger": "An unknown number {phone} texted the staff line; nothing was done: {summary}",
    "locked": "{phone} ({by}) sent five wrong codes within 10 min. Its texts are ignored for now; pages to it go on.",
    "opted_out": "{by} ({phone}) sent {text}: texts to them stop. Ask them to text START, and to be paged another way until then.",
    "config_rejected": "The new configuration is not used ({count} problems, first: {reason}). The last good one stays in force. Run: oncall check",
    "store_down": "TROUBLE: the {company} pager cannot write its data ({reason}). New emergencies are refused until that is mended. Look now.",
    "overdue": "TROUBLE with the pager itself: {reason}. Pages may not go out. Look now: oncall status",
    "change_made": "{by} changed who is on call for {list} from {since} to {until}: {next} instead of {holder}.",
    "gap_ahead": "Nobody is on call for {list} from {since} to {until}. Reply {code} = I take it, {code}N = no; or put somebody there. See: oncall check",
    "review_opened": "Review {count}: {customer} ({case}), {reason}. It is yours, due {until}. See: oncall reviews",
    "review_overdue": "Review {count} of {holder} was due {until} and is open: {customer} ({case}), {reason}. See: oncall reviews",
    "parked": "TROUBLE: {customer} could not be handled ({reason}). Nobody is paged for it by itself. Look now: oncall list",
}
"""What admins and the last resort are told of trouble."""

CUSTOMER: Mapping[str, str] = {
    "received": "{company}: we have your emergency, case {case}. We are calling our on-call engineer now.[ A person will contact you by {due}.]",
    "nobody_yet": "{company}: your emergency is recorded, case {case}. We have not reached anyone yet and keep trying.[ A person is due to contact you by {due}.]",
    "taken": "{company} {case}: {holder} has your case[ and will contact you by {due}].",
    "late": "{company} {case}: we have not reached you in time and are sorry. We are now calling {next}. New time: {due}.",
    "late_held": "{company} {case}: we have not reached you in time and are sorry. {holder} has your case[; {next} is told]. New time: {due}.",
    "exhausted": "{company} {case}: nobody has answered us yet. We keep trying and are calling more people.[ Next text by {due}.]",
    "resolved": "{company} {case}: {by} closed your case at {since}. Still broken? Reply REOPEN and we wake an engineer again.",
    "waiting": "{company}: case {case} noted. It looks like it can wait until we open {opening}[; we will contact you by {due}]. Cannot wait? Reply URGENT and we wake someone.",
    "can_wait": "{company} {case}: {by} says your case can wait until we open {opening}; we go on with it then. Cannot wait? Reply URGENT and we wake someone.",
    "sooner": "{company} {case}: we treat your case as more urgent now.[ {holder} has it and will contact you by {due}.]",
    "declined": "{company}: case {case} noted, but we do not handle this after hours. If something is down, reply URGENT and we wake someone.",
    "update": "{company} {case}: {words}[ Next word by {update}.]",
    "no_news": "{company} {case}: we promised you a word by now and have no news yet, sorry.[ {holder} has your case.] Next word by {update}.",
    "out_of_scope": "{company}: {case} noted. Not handled after hours: {topic}.[ {answer}][ A person contacts you by {due}.][ We look at it {opening}.]"
    " Something down? Reply URGENT.",
    "added": "{company}: added to your open case {case}.[ {holder} is working on it.]",
}
"""What customers read. None claims progress that nobody reported (policy.md 3.3)."""

SURVEYS: Mapping[str, str] = {
    "survey": "{company} {case}: how did we handle your case of {since}? Reply 1 (bad) to 5 (great). One question, one text. Reply NOMORE for no more surveys.",
    "survey_low": "{company} {case}: thank you. We are sorry it was not good. A person looks into every 1 and 2. Want a call? Reply CALL.",
    "survey_call": "{company} {case}: noted that you want a call. Whoever looks into it reads that.",
    "survey_stopped": "{company}: no more surveys to this number. About an emergency we text you as before.",
}
"""What customers are asked when it is over, by text alone, and how their answers are answered."""

NAMES: Mapping[str, str] = {
    "one_of_us": "One of us",
    "duty_manager": "our duty manager",
    "next_engineer": "the next engineer",
    "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
    "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}
"""What customers read in the place of a name that is nobody's business but ours, and the days from Monday and months of their times."""

CUSTOMERS_SAY: Mapping[str, tuple[str, ...]] = {
    "urgent": ("URGENT", "DRINGEND", "SPOED"),
    "reopen": ("REOPEN", "ERNEUT", "OPNIEUW"),
    "call": ("CALL", "ANRUF", "BEL"),
}
"""The words that customers may answer, whatever their language; a text asks for one of them."""

CALLS: Mapping[str, str] = {
    "call_page": "{severity}. {customer}. {summary}.",
    "call_preamble": "Emergency page from {company}.",
    "call_severity": "Severity {number}",
    "call_take": "To take it, press 1.",
    "call_join": "To help, press 1.",
    "call_pass_to": "To pass it to {next}, press 2.",
    "call_pass": "To pass it on, press 2.",
    "call_more": "For details, press 3.",
    "call_repeat": "To hear this again, press star.",
    "call_help": "{holder} has it and needs help.",
    "call_there": "Are you there?",
    "call_no_key": "No key pressed.",
    "call_again": "I will call you again at {until}.",
    "call_next": "If nobody takes it, I call {next}.",
    "call_on": "I keep calling people until somebody takes it.",
    "call_goodbye": "Goodbye.",
    "call_good_night": "Good night.",
    "call_yours": "You have it.",
    "call_already_yours": "You have it already.",
    "call_joined": "You help {holder} with it.",
    "call_customer_told": "The customer is told now.",
    "call_ring_back": "Call {caller} by {due}. The number is in your messages.",
    "call_customer": "the customer",
    "call_passed": "Passed on.",
    "call_calling": "I am calling {next} now.",
    "call_passed_alone": "Noted, but nobody else is left to call. You will be called again at {until}.",
    "call_reported": "Reported at {since}.",
    "call_said": "The customer said: {details}.",
    "call_not_key": "Not {key}.",
    "call_no_such_key": "Not that key.",
    "call_close": "To close a case, reply to its text.",
    "call_taken": "{holder} took this at {since}. Nothing for you to do.",
    "call_closed": "{by} closed this at {since}. Nothing for you to do.",
    "call_over": "Nobody is called for this any more. Nothing for you to do.",
    "call_failed": "Your key could not be handled. The last resort is alarmed.",
    "call_somebody": "somebody else",
    "call_moment": "One moment.",
    "call_trouble": "I cannot look this up now. To take it, send the code of your page as a text.",
    "call_unknown": "This is the on-call line of {company}. I do not know this call.",
}
"""What is said in a call, sentence by sentence (interfaces.md 2.4). A language speaks only if it has all of them, for one voice reads them."""

SLACK: Mapping[str, str] = {
    "slack_page": "{severity} {customer}: {summary}.[ Customer due a call by {due}.]",
    "slack_page_backup": "{severity} {customer}: {summary}. {tried} did not answer.[ Call due {due}.]",
    "slack_page_repeat": "{severity} {customer}: {summary}. Still nobody has it after {minutes} min.[ Call due {due}.]",
    "slack_page_last_resort": "ESCALATION {severity} {customer}: {summary}. Nobody has taken it after {minutes} min.[ Call due {due}.]",
    "slack_page_lapsed": "{severity} {customer}: {holder} took it at {since}, no word since.[ Call due {due}.]",
    "slack_page_help": "{holder} needs help: {severity} {customer}: {summary}.",
    "slack_yours": "Yours: {severity} {customer}.[ Call {caller} by {due}.]",
    "slack_already_yours": "Already yours: {severity} {customer}.[ Call {caller} by {due}.]",
    "slack_helper_joined": "{by} helps you with {customer}.",
    "slack_customer_words": '{customer} writes: "{details}"',
    "slack_too_late": "{by} took {customer} at {since}. Nothing for you to do. Good night.",
    "slack_stand_down": "{customer} is with {by}. No more calls to you for it. Good night.",
    "slack_stand_down_closed": "{customer} was closed by {by}. No more calls to you for it. Good night.",
    "slack_closed": "{customer} was closed by {by} at {since}. Nothing to do.",
    "slack_still_on_it": "{customer}: you took it at {since}, no word since. Still on it? No answer by {until}: {next} is called.",
    "slack_reached": "{customer}: they are due a call by {due}. Reached them?",
    "slack_reached_late": "{customer}: the call was due {due} and nobody reported it. Call now.",
    "slack_contacted": "Noted: {customer} was reached at {since}.",
    "slack_snoozed": "{customer}: it stays yours. I will ask you again at {until}.",
    "slack_snooze_over": "{customer}: you asked to be reminded. Still on it? No answer by {until}: {next} is called.",
    "slack_closed_by_you": "{customer} is closed. Thank you. Good night.",
    "slack_help_coming": "{customer}: calling {next} to help you. It stays yours.",
    "slack_ask_cover": "{by} asks for cover of {list} {since} to {until}.",
    "slack_ask_swap": "{by} asks to swap {list}: you would have {since} to {until}, {by} {back}.",
    "slack_duty_tomorrow": "On call: you have {list} from {since} to {until}[, with {next}][, backup {backup}].",
    "slack_duty_begins": "You are on call for {list} until {until}[, with {next}][, backup {backup}].",
    "slack_right_to_wake": "{customer} {since}: was it right to wake you?",
    "slack_duty_no": "You stay on call for {list} {since} to {until}.",
    "slack_gap_ahead": "Nobody is on call for {list} from {since} to {until}. Take it, or put somebody there. See: oncall check",
    "slack_cover_how": "I did not understand. /cover = your next duty, /cover fri 18:00 to sat 08:00 = these hours, on a 24 h clock.",
    "slack_reclassified": "{customer} is {severity} now[, says {by}].[ Call {caller} by {due}.]",
    "slack_stand_down_waits": "{customer} waits until we open {opening}. No more calls to you for it. Good night.",
}
"""What Slack says in the place of a text of the same name: buttons stand under it, so it names no code to reply with."""

ENGLISH: Mapping[str, str] = {**RESPONDER, **DUTY, **ASKED, **ADMIN, **CUSTOMER, **SURVEYS, **NAMES, **CALLS, **SLACK}
