"""What a reply means: the grammar of codes and words, and how a code is drawn; pure, from what was heard and what the sender holds."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from oncall.core.texts_en import CUSTOMERS_SAY

WRONG_CODES_ALLOWED = 5
"""This many wrong codes within WRONG_CODES_SPAN lock the answers of a number; pages to it go on (decisions.md 31)."""
WRONG_CODES_SPAN = timedelta(minutes=10)

FEW_CODES_LEFT = 10
"""Fewer free two-digit codes than this, and three digits are used (decisions.md 31)."""
CODES = tuple((tuple(map(str, range(low, high + 1))), spare) for low, high, spare in ((21, 99, FEW_CODES_LEFT), (200, 999, 1), (1000, 9999, 1)))
"""Codes by length, the shortest first, with how many of them must be free for one to be drawn."""
SNOOZE_LIMIT_MINUTES = 12 * 60
"""Nothing silences for ever: the longest reminder a reply can ask for."""

CASE_ALPHABET = "23456789CDFGHJKMNPQRTVWXY"
"""Readable by telephone: no vowels, nothing that looks or sounds like another (interfaces.md 2.3)."""
CASE_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCode:
    """A code that the sender holds, bound or in quarantine. `waits`: the incident waits for a word of this very person."""

    code: str
    incident: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCode:
    """A code of a question outside incidents (core.asks), or one in quarantine. `waits`: it stands, and the sender has not answered it."""

    code: str
    ask: int
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A verb of messages.ACTS for an incident; `minutes` only for a snooze, `text` only for words to the customer, `severity` to reclassify."""

    verb: str
    incident: str
    minutes: int = 0
    text: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a responder's text means: acts to take, or the id of the text to answer with, or nothing at all.

    `wrong_code` is the code that nobody gave them; `asks_about` the incident whose details are wanted; `opted_out` and
    `opted_in` follow the words that carriers act on by themselves. `says` is the answer to the question `ask`: 'yes', 'no', 'cover', or ''
    for a word that is none. `wish` is what they want of others, 'cover' or 'swap', in their own `words`.
    """

    acts: tuple[Act, ...] = ()
    answer: str = ""
    wrong_code: str = ""
    asks_about: str = ""
    opted_out: bool = False
    opted_in: bool = False
    ask: int = 0
    says: str = ""
    wish: str = ""
    words: str = ""


TAKE = frozenset({"ok", "okay", "ack", "a", "y", "k", "take", "on it", "onit", "mine", "\U0001f44d"})
PASS = frozenset({"n", "next", "pass", "no"})
DONE = frozenset({"d", "done", "resolve", "resolved"})
HELP = frozenset({"h"})
CONTACTED = frozenset({"c", "contacted", "reached"})
DETAILS = frozenset({"?", "details"})
OPT_OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "arret", "arrêt"})
"""Words on which carriers and Twilio stop all texts to a number (telephony.md 1)."""
OPT_IN = frozenset({"start", "unstop"})
CARRIER = frozenset({"help", "info"})
"""Answered by the carrier itself; never ours to act on."""

VERBS = {
    **dict.fromkeys(TAKE, "acknowledge"),
    **dict.fromkeys(PASS, "pass"),
    **dict.fromkeys(DONE, "resolve"),
    **dict.fromkeys(HELP, "escalate"),
    **dict.fromkeys(CONTACTED, "contacted"),
    **dict.fromkeys(DETAILS, "details"),
    "": "acknowledge",
}

ASK_WORDS = {**dict.fromkeys({"", "yes", "confirm", *TAKE}, "yes"), **dict.fromkeys(PASS, "no"), **dict.fromkeys(("s", "cover"), "cover")} | {
    **dict.fromkeys(("w", "could wait"), "could wait"),
    **dict.fromkeys(("j", "not our job"), "not our job"),
    **dict.fromkeys(("d", "duplicate"), "duplicate"),
    **dict.fromkeys(("i", "too little info"), "too little info"),
}
"""What stands beside the code of a question; without that code none of these answers one (decisions.md 32)."""

RATING = re.compile(r"([1-5])(?: ?/ ?5| (?:out )?of 5| \(?(?:bad|great))?")
"""The answer to a survey, as its text writes it too: '5', '4/5', '1 (bad)'."""

KEYS = {"1": "acknowledge", "4": "acknowledge", "2": "pass", "5": "pass", "3": "details", "6": "advice", "*": "repeat"}
"""What a key in a call means; 4, 5 and 6 are what other pagers use, so habits do no harm (interfaces.md 2.4, decisions.md 34)."""

CODE_FIRST = re.compile(r"#?(\d{1,4})(?: ?(.*))?")
WORD_FIRST = re.compile(r"([^\d#]+?) ?#?(\d{1,4})")
SNOOZE = re.compile(r"s ?(\d{1,3})(?: ?min)?")
UPDATE = re.compile(r"\s*#?(\d{1,4})\s*u(?:pdate)?\b[\s:,.-]*(\S.*)", re.IGNORECASE | re.DOTALL)
"""`47U we found the cause`: what follows goes to the customer as it was written."""
WISH = re.compile(r"(cover|swap)(?: (?!#?\d{1,4}$)(.+))?")
TAPBACK = re.compile(r"(liked|loved|disliked|laughed at|emphasized|questioned|reacted .{1,8} to|removed an? .+ from)\b.*[\"“”].*", re.DOTALL)


def plain(text: str) -> str:
    """The first line that is the sender's own, folded: case, width, quotes, closing dots and emoji (but the thumb) do not matter."""
    lines = (line.strip() for line in unicodedata.normalize("NFKC", text).splitlines())
    line = next((line for line in lines if line and not line.startswith(">")), "")
    kept = "".join(c for c in line.casefold() if c == "\U0001f44d" or unicodedata.category(c) not in {"So", "Sk", "Cf", "Cc", "Mn"})
    return " ".join(kept.strip(" \"'“”‘’.!,;:()").split())


def understand(
    text: str, held: tuple[HeldCode, ...], wrong_lately: int, asked: tuple[AskedCode, ...] = (), severities: tuple[str, ...] = ()
) -> Meaning:
    """What `text` of a known responder means, who holds `held`, was `asked` and sent `wrong_lately` wrong codes in WRONG_CODES_SPAN.

    `severities` are the ids that may stand behind a code: `47 SEV2`.

    Never guesses: a bare word acts only if exactly one incident and no other question waits for this person, a code never on a near miss, and
    words inside sentences never (interfaces.md 2.2, decisions.md 31 and 32).
    """
    said = plain(text)
    if said in OPT_OUT:
        return Meaning(opted_out=True)
    if said in OPT_IN:
        return Meaning(opted_in=True)
    if said in CARRIER or wrong_lately >= WRONG_CODES_ALLOWED:
        return Meaning()
    if TAPBACK.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold()):
        return Meaning(answer="not_understood")
    if match := UPDATE.fullmatch(own_lines(text)):
        return words_to_customer(match.group(1), match.group(2), held, asked)
    if match := WISH.fullmatch(said):
        return Meaning(wish=match.group(1), words=match.group(2) or "")
    if said == "all":
        waiting = tuple(Act(verb="acknowledge", incident=one.incident) for one in held if one.waits)
        return Meaning(acts=waiting) if waiting else Meaning(answer="not_understood")
    if said in VERBS and said:
        return bare(VERBS[said], held, asked)
    return coded(said, held, asked, severities)


def own_lines(text: str) -> str:
    """`text` without what the sender's program quoted of ours."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">")).strip()


def words_to_customer(code: str, words: str, held: tuple[HeldCode, ...], asked: tuple[AskedCode, ...]) -> Meaning:
    """Words for the customer of the incident that has this code; they never go to another one's."""
    if question := next((one for one in asked if one.code == code), None):
        return Meaning(ask=question.ask)
    known = next((one for one in held if one.code == code), None)
    if known is None:
        return Meaning(answer="unknown_code", wrong_code=code)
    return Meaning(acts=(Act(verb="update", incident=known.incident, text=words),))


def bare(verb: str, held: tuple[HeldCode, ...], asked: tuple[AskedCode, ...]) -> Meaning:
    """A word without a code: only a take, and only if one incident alone waits for the sender; else they are asked which."""
    if any(one.waits for one in asked):
        return Meaning(answer="which_code")
    waiting = [one for one in held if one.waits]
    if len(waiting) > 1:
        return Meaning(answer="ambiguous")
    if verb == "acknowledge" and waiting:
        return Meaning(acts=(Act(verb=verb, incident=waiting[0].incident),))
    return Meaning(answer="not_understood")


def coded(said: str, held: tuple[HeldCode, ...], asked: tuple[AskedCode, ...], severities: tuple[str, ...]) -> Meaning:
    """A reply that names a code, before or behind the word."""
    if match := CODE_FIRST.fullmatch(said):
        code, word = match.group(1), match.group(2) or ""
    elif match := WORD_FIRST.fullmatch(said):
        code, word = match.group(2), match.group(1).strip()
    else:
        return Meaning(answer="not_understood")
    if question := next((one for one in asked if one.code == code), None):
        return Meaning(ask=question.ask, says=ASK_WORDS.get(word, ""))
    snooze = SNOOZE.fullmatch(word)
    severity = next((one for one in severities if one.casefold() == word.replace(" ", "")), "")
    verb = "snooze" if snooze else VERBS.get(word) or ("reclassify" if severity else None)
    if verb is None:
        return Meaning(answer="not_understood")
    known = next((one for one in held if one.code == code), None)
    if known is None:
        return Meaning(answer="unknown_code", wrong_code=code)
    if verb == "details":
        return Meaning(asks_about=known.incident)
    minutes = min(max(int(snooze.group(1)), 1), SNOOZE_LIMIT_MINUTES) if snooze else 0
    return Meaning(acts=(Act(verb=verb, incident=known.incident, minutes=minutes, severity="" if verb != "reclassify" else severity),))


def understand_key(digits: str) -> str:
    """What a key in a call means: a verb of messages.ACTS, or 'details', 'repeat', 'advice' (how to close it), 'wrong key'."""
    return KEYS.get(digits, "wrong key")


def understand_customer(text: str) -> str:
    """What a customer's text asks for: 'urgent', 'reopen', 'opted out', 'opted in', or 'words' for everything else.

    About a survey: 'nomore', 'call', or the rating, '1' to '5', and nothing else in the text: '2 stores are down' is no rating.
    """
    said = plain(text).removesuffix(f" {case_named(text).casefold()}")
    if said in OPT_OUT:
        return "opted out"
    if said in OPT_IN:
        return "opted in"
    if match := RATING.fullmatch(said):
        return match.group(1)
    if said in {"nomore", "no more"}:
        return "nomore"
    return next((word for word, known in CUSTOMERS_SAY.items() if said.upper() in known), "words")


def case_named(text: str) -> str:
    """The case reference that an URGENT or a REOPEN, in any language, names; '' for others: no emergency is taken for a word on an old case."""
    word, _, reference = plain(text).upper().partition(" ")
    known = word in (*CUSTOMERS_SAY["urgent"], *CUSTOMERS_SAY["reopen"])
    return reference if known and len(reference) == CASE_LENGTH and set(reference) <= set(CASE_ALPHABET) else ""


def draws(seed: str, purpose: str) -> Iterator[int]:
    """Endless numbers below 2**32 that follow from `seed` and `purpose` alone, so that a replay draws the same (decisions.md 3)."""
    block = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{purpose}/{block}".encode()).digest()
        yield from (int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4))
        block += 1


def draw_code(seed: str, person: str, in_use: frozenset[str]) -> str:
    """A reply code for `person`: 21 to 99, then 200 to 999 when fewer than ten of those are free, never one in use or in quarantine.

    Beyond that four digits are used: a page is worth more than a short code.
    """
    for codes, spare in CODES:
        free = [code for code in codes if code not in in_use]
        if len(free) >= spare:
            return free[next(draws(seed, f"code/{person}")) % len(free)]
    raise OverflowError(f"{person} holds more than 10,000 reply codes; close old incidents")


SECRET_LENGTH = 8
"""Characters of the secret of a case: 37 bits, behind a limit of wrong ones."""


def draw_secret(seed: str, purpose: str = "secret") -> str:
    """The secret that opens the page of the case of this seed, or its survey, in the characters of case references."""
    numbers = draws(seed, purpose)
    return "".join(CASE_ALPHABET[next(numbers) % len(CASE_ALPHABET)] for _ in range(SECRET_LENGTH))


def draw_case(seed: str, attempt: int) -> str:
    """The `attempt`-th candidate for a case reference; the caller takes the first that is free."""
    numbers = draws(seed, f"case/{attempt}")
    return "".join(CASE_ALPHABET[next(numbers) % len(CASE_ALPHABET)] for _ in range(CASE_LENGTH))
