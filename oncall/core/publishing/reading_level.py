"""How hard an English text is to read, as the years of school it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
VOWELS = re.compile(r"[aeiouy]+")
SILENT_END = re.compile(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^laeiouy]e)$")
"""Ends that are written and not spoken: "makes", "called", "page"; but not "table", "wanted", "needed"."""
SENTENCE_END = re.compile(r"[.!?:]+(?:\s|$)")


def grade(texts: Iterable[str]) -> float:
    """The Flesch-Kincaid grade of `texts`, each of one sentence or more; 0.0 for none.

    0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid, Fishburne, Rogers, Chissom, 1975). A pupil of twelve reads
    grade 6 or 7. Syllables are counted by groups of vowels, which is right for nine words of ten, so compare it with a limit that
    leaves room, and only for English.
    """
    sentences = [part for text in texts for part in SENTENCE_END.split(text) if WORD.search(part)]
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    if not words:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """How many syllables an English word has, by its groups of vowels; at least one."""
    folded = word.casefold()
    return max(len(VOWELS.findall(folded)) - bool(SILENT_END.search(folded)), 1)
