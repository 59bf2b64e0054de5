"""Fits and fills every text anybody reads: templates with optional parts, GSM-7 transliteration, one segment of 160 septets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.core import texts_de, texts_nl
from oncall.core.texts_en import CUSTOMERS_SAY, ENGLISH

SEGMENT = 160
"""Septets of one GSM-7 text; one more and it costs, and may arrive as, two parts (GSM 03.38)."""

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
"""The GSM 03.38 basic character set, one septet each."""
EXTENDED = "^{}\\[~]|€"
"""The extension table: two septets each."""
KNOWN = frozenset(BASIC + EXTENDED)

PLAIN = {
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-",
    "…": "...", "•": "-", "×": "x", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "\t": " ", "\u00a0": " ",
}  # fmt: skip
"""Characters with a well-known plain form that Unicode's own decomposition does not give."""

SACRIFICED = (
    "details",
    "summary",
    "words",
    "reason",
    "answer",
    "topic",
    "next",
    "backup",
    "tried",
    "customer",
    "caller",
    "holder",
    "by",
    "list",
    "company",
)
"""What is shortened, in this order, when a text is too long; the severity, code, actions and deadline never are (interfaces.md 2.1)."""
TRANSLATED: Mapping[str, Mapping[str, str]] = {"de": texts_de.CUSTOMER, "nl": texts_nl.CUSTOMER}
"""The built-in texts to customers in other languages than English."""
COUNTED: Mapping[str, int] = {"weekdays": 7, "months": 12}
"""Texts that are so many words in a row."""
LONGER: Mapping[str, int] = {"update": 3 * 153}
"""Texts that may take several segments, of 153 septets each: what a human writes to a customer is not cut to one."""
OUR_LINK = "page"
"""What names a page of ours; links in anything else come from outside and are cut."""
MAY_ONLY_TELL = frozenset({"duty_tomorrow", "duty_begins", "gap_ahead"})
"""Texts that also make sense without a code: a company's own that names none tells, and asks nothing."""
SHORTEST = 6
"""A shortened value keeps at least this many characters, so that it still says something."""

DETAILS_WORDS = 50
"""Twenty seconds of speech: the most of a stranger's words that anybody must listen to at night (interfaces.md 2.4)."""
LONGEST_WORD, WORD_LENGTH = 40, 8
"""Characters of one spoken word, at most and on average: the longest that people use are shorter."""
UNSPEAKABLE = frozenset({"Cc", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"})
"""Unicode's categories of what cannot be said, with all that XML forbids: control, lone surrogate, private, unassigned, emoji."""
CLOCK = re.compile(r"\b([01]\d|2[0-3]):([0-5]\d)\b", re.ASCII)
LONG_NUMBER = re.compile(r"(\+)?(?<!\d)(\d{5,})(?!\d)", re.ASCII)

OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LINK = re.compile(r"(?:https?://|www\.)([^\s/?#]+)\S*", re.IGNORECASE)


def transliterate(text: str) -> str:
    """`text` in characters that GSM-7 has: é stays, ê becomes e, curly quotes become straight, emoji and control characters vanish."""
    if KNOWN.issuperset(text):
        return " ".join(text.split())
    out: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        if char in "\r\n\t":
            out.append(" ")
        elif char in KNOWN:
            out.append(char)
        elif char in PLAIN:
            out.append(PLAIN[char])
        else:
            out.extend(part for part in unicodedata.normalize("NFKD", char) if part in KNOWN)
    return " ".join("".join(out).split())


def septets(text: str) -> int:
    """How many septets `text` takes in GSM-7 (extension characters take two)."""
    return len(text) + sum(map(text.count, EXTENDED))


def without_links(text: str) -> str:
    """`text` with each web address cut to its host: what a stranger reports must not put a link under a half-asleep thumb."""
    return LINK.sub(r"\1", text)


def template(texts: Mapping[str, Mapping[str, str]], language: str, about: str) -> str:
    """The template `about` in `language`: the company's own, else the built-in one, else the English one. KeyError: no such template."""
    known = (texts.get(language, {}), TRANSLATED.get(language, {}), texts.get("en", {}))
    return next((one[about] for one in known if one.get(about)), "") or ENGLISH[about]


def asks(texts: Mapping[str, Mapping[str, str]], language: str, about: str) -> bool:
    """Whether the text `about` names a code to reply with."""
    return "{code}" in template(texts, language, about)


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """`pattern` with its placeholders filled; a part in [brackets] vanishes when one of its values is empty."""

    def optional(match: re.Match[str]) -> str:
        part = match.group(1)
        return part if all(values.get(name) for name in PLACEHOLDER.findall(part)) else ""

    return PLACEHOLDER.sub(lambda match: values.get(match.group(1), ""), OPTIONAL.sub(optional, pattern))


def cut(value: str, over: int) -> str:
    """`value` shorter by at least `over` septets where it can be, never under SHORTEST characters."""
    kept = value
    while kept and septets(value) - septets(kept) < over and len(kept) > SHORTEST:
        kept = kept[:-1]
    return kept.rstrip(" ,.;:-") or kept


def text(texts: Mapping[str, Mapping[str, str]], language: str, about: str, values: Mapping[str, str]) -> str:
    """The text `about` for a reader of `language`, in GSM-7 and, shortening what may be shortened, in one segment where it can be.

    Anything that came from outside is transliterated and loses its links; it is data, never part of the template.
    """
    pattern = transliterate(template(texts, language, about))
    named = PLACEHOLDER.findall(pattern)
    clean = {name: transliterate(value if name == OUR_LINK else without_links(value)) for name, value in values.items() if name in named}
    out = filled(pattern, clean)
    for name in SACRIFICED:
        over = septets(out) - LONGER.get(about, SEGMENT)
        if over <= 0:
            break
        if clean.get(name):
            uses = max(1, pattern.count("{" + name + "}"))
            clean[name] = cut(clean[name], -(-over // uses))
            out = filled(pattern, clean)
    return out


def spoken(value: str, most_words: int = 100) -> str:
    """`value` as it can be said: no links, emoji, control or invisible characters, numbers in groups, at most `most_words` words.

    Every character that is left may stand in XML. Words without end are cut too: nobody can follow them.
    """
    known = "".join(speakable(char) for char in unicodedata.normalize("NFC", LINK.sub(" ", value)))
    words = " ".join(word[:LONGEST_WORD] for word in known.split()[:most_words])
    grouped = LONG_NUMBER.sub(in_groups, CLOCK.sub(lambda match: f"{int(match.group(1))} {match.group(2)}", words))
    return grouped[: most_words * WORD_LENGTH].strip()


def speakable(char: str) -> str:
    """The character, a space in the place of one that cannot be said, or nothing for one that nobody sees."""
    category = unicodedata.category(char)
    return "" if category == "Cf" else " " if category in UNSPEAKABLE else char


def in_groups(match: re.Match[str]) -> str:
    """A long number digit by digit, with a pause after each three."""
    plus, digits = match.group(1), match.group(2)
    groups = [" ".join(digits[i : i + 3]) for i in range(0, len(digits), 3)]
    return ("plus " if plus else "") + ", ".join(groups)


def said(texts: Mapping[str, Mapping[str, str]], language: str, about: str, values: Mapping[str, str]) -> str:
    """The sentence `about` of a call in `language`, filled with values that were made to be `spoken`; see there."""
    clean = {name: value if name in {"until", "since", "due"} else spoken(value, DETAILS_WORDS).rstrip(".") for name, value in values.items()}
    return spoken(filled(template(texts, language, about), clean))


def words_for(way: str, texts: Mapping[str, Mapping[str, str]], language: str, about: str, values: Mapping[str, str]) -> str:
    """The text `about` as `way` carries it: one GSM-7 segment by SMS, in Slack and in a call as long as it is.

    Slack has buttons instead of codes to reply with, so some texts have a sibling `slack_...`; whatever a call is about begins the same.
    """
    if way == "sms":
        return text(texts, language, about, values)
    own = "call_page" if way == "voice" else f"slack_{about}"
    known = own in ENGLISH or own in texts.get(language, {})
    safe = {name: value if name == OUR_LINK else without_links(value) for name, value in values.items()}
    return filled(template(texts, language, own if known else about), safe)


def clock_text(
    at: datetime, timezone: str, now: datetime, weekdays: str = ENGLISH["weekdays"], months: str = ENGLISH["months"]
) -> str:  # fmt: skip
    """`at` as its reader's clock shows it, with the weekday when it is not today, the date when that could mean two: '03:17', 'Mon 7 Dec 09:00'.

    `weekdays` and `months` are their names in the reader's language, from Monday and January on.
    """
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0:
        return f"{local:%H:%M}"
    weekday = weekdays.split()[local.weekday()]
    return f"{weekday} {local:%H:%M}" if -7 < days <= 7 else f"{weekday} {local.day} {months.split()[local.month - 1]} {local:%H:%M}"


def clock_text_in(
    texts: Mapping[str, Mapping[str, str]], language: str, at: datetime, timezone: str, now: datetime
) -> str:  # fmt: skip
    """The same for a customer who reads `language`."""
    return clock_text(at, timezone, now, template(texts, language, "weekdays"), template(texts, language, "months"))


def problems(about: str, pattern: str) -> tuple[str, ...]:
    """What is wrong with a company's own template: an unknown id, a placeholder it cannot fill, one it must not leave out, no word to answer."""
    if about not in ENGLISH:
        return (f"there is no text called '{about}'",)
    if about in COUNTED and len(pattern.split()) != COUNTED[about]:
        return (f"the text '{about}' must be {COUNTED[about]} words",)
    wanted, given = set(PLACEHOLDER.findall(ENGLISH[about])), set(PLACEHOLDER.findall(pattern))
    unknown = tuple(f"the text '{about}' cannot fill '{{{name}}}'" for name in sorted(given - wanted))
    needed = ({"due"} if about in MAY_ONLY_TELL else {"code", "due"}) & wanted
    missing = tuple(f"the text '{about}' must name '{{{name}}}'" for name in sorted(needed - given))
    asked = [words for words in CUSTOMERS_SAY.values() if any(word in ENGLISH[about] for word in words)]
    silent = tuple(f"the text '{about}' must ask for a word that we know: {', '.join(words)}" for words in asked if not names_one(pattern, words))
    return unknown + missing + silent


def names_one(pattern: str, words: tuple[str, ...]) -> bool:
    """Whether a template names one of these words, as a word."""
    return bool(set(re.findall(r"[A-Z]+", pattern)) & set(words))
