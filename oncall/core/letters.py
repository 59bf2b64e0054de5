"""Fills the letters that customers get by mail: a subject in the first line, then the words, with nothing of a stranger's but words in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from oncall.core import letters_de, letters_nl
from oncall.core.letters_en import FRAME, LETTERS
from oncall.core.texts_en import CUSTOMERS_SAY
from oncall.core.wording import PLACEHOLDER, filled, names_one, without_links

PREFIX = "letter"
"""How the names of letters begin, so that they are told from texts; the frame is called so itself."""
SLOTS = ("know", "do", "then", "reach")
"""What stands below the subject, line by line, in every letter (interfaces.md 2.6)."""
OUR_PAGES = frozenset({"page", "policy"})
"""Values that are web addresses of ours."""
LONGEST_VALUE = 500
"""Characters of a reporter's words in a letter: enough to recognise the case by."""
BUILT_IN: Mapping[str, str] = {PREFIX: FRAME, **LETTERS}
TRANSLATED: Mapping[str, Mapping[str, str]] = {"de": letters_de.LETTERS, "nl": letters_nl.LETTERS}
"""The built-in letters in other languages than English."""


def letter(texts: Mapping[str, Mapping[str, str]], language: str, about: str, values: Mapping[str, str]) -> str:
    """The letter `letter_<about>` in `language`: subject with the case in front, line end, body. KeyError: there is no such letter.

    What came from outside is data: it stays in its line, and its web addresses are cut to their hosts, for we mail it to whoever was named.
    """
    clean = {name: value if name in OUR_PAGES else readable(without_links(value))[:LONGEST_VALUE] for name, value in values.items()}
    subject, *slots = (" ".join(filled(line, clean).split()) for line in template(texts, language, f"{PREFIX}_{about}").strip().splitlines())
    body = filled(template(texts, language, PREFIX).strip(), {**clean, **dict(zip(SLOTS, slots, strict=True))})
    return f"[{clean['case']}] {subject}\n{body}"


def template(texts: Mapping[str, Mapping[str, str]], language: str, name: str) -> str:
    """The template `name` in `language`: the company's own, else the built-in one, else the English one. KeyError: no such template."""
    known = (texts.get(language, {}), TRANSLATED.get(language, {}), texts.get("en", {}))
    return next((one[name] for one in known if one.get(name)), "") or BUILT_IN[name]


def readable(value: str) -> str:
    """`value` in one line, without control and invisible characters."""
    kept = (" " if char.isspace() else char for char in value if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join("".join(kept).split())


def problems(name: str, pattern: str) -> tuple[str, ...]:
    """What is wrong with a company's own letter: an unknown name, not a subject and four lines, a placeholder or an answer too few or wrong."""
    if name not in BUILT_IN:
        return (f"there is no letter called '{name}'",)
    known, given = set(PLACEHOLDER.findall(BUILT_IN[name])), set(PLACEHOLDER.findall(pattern))
    lines = len(pattern.strip().splitlines())
    shape = (f"the letter '{name}' has {lines} lines, not {len(SLOTS) + 1}",) if name != PREFIX and lines != len(SLOTS) + 1 else ()
    unknown = tuple(f"the letter '{name}' cannot fill '{{{one}}}'" for one in sorted(given - known))
    needed = known & ({"due", "update", "words"} if name != PREFIX else set(SLOTS))
    missing = tuple(f"the letter '{name}' must name '{{{one}}}'" for one in sorted(needed - given))
    asked = [words for words in CUSTOMERS_SAY.values() if any(word in BUILT_IN[name] for word in words)]
    silent = tuple(f"the letter '{name}' must ask for a word that we know: {', '.join(words)}" for words in asked if not names_one(pattern, words))
    return shape + unknown + missing + silent
