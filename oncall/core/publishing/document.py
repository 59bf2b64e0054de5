"""What is published: a title, sections of sentences, lists and a table, and the mark that says which version it is."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

MARK = re.compile(r"policy-([a-z]{2,8}(?:-[a-z0-9]{2,8})?)-([0-9a-f]{12})")
"""How a version is written wherever a policy is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How customers reach us, by the settings: the number that takes texts (E.164) and the public address of our pages; '' where there is none.

    `mail`: they can be written to by mail. Nobody reads what they answer to that.
    """

    phone: str = ""
    url: str = ""
    mail: bool = False

    @property
    def form(self) -> str:
        """Where the form is."""
        return f"{self.url}/report" if self.url else ""

    def case_page(self, case: str, secret: str) -> str:
        """Where the page of a case is; '' without a public address, or for whoever is not to have its secret."""
        return f"{self.url}/c/{case}-{secret}" if self.url and secret else ""

    @property
    def policy(self) -> str:
        """Where the whole policy is."""
        return f"{self.url}/policy" if self.url else ""


NO_WAYS = Ways()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A paragraph; `strong`: what a list or the paragraphs behind it are about."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list; `numbered` where the order counts."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption and named columns; the first cell of a row says what the row is about."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Words | Listed | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part with its heading. `id` is the same in every language."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The policy as it is published in one language. `version_words` is the line that names the version, with {version} filled by `mark`."""

    language: str
    title: str
    sections: tuple[Section, ...]
    version_words: str
    whole_words: str
    """Where a short form says that the rest is to be found; '' where there is no public address."""

    @property
    def version(self) -> str:
        """A hash over everything that is published, and over nothing else: whoever changes a telephone number of staff publishes nothing new."""
        content = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def mark(self) -> str:
        """The version as it is published: `policy-en-0123456789ab`."""
        return f"policy-{self.language}-{self.version}"

    @property
    def version_line(self) -> str:
        """The line that names the version."""
        return self.version_words.replace("{version}", self.mark)


def texts_of(document: Document) -> tuple[str, ...]:
    """Every text of the document, in its order."""
    found = [document.title]
    for section in document.sections:
        found.append(section.title)
        for block in section.blocks:
            match block:
                case Words():
                    found.append(block.text)
                case Listed():
                    found += block.items
                case Table():
                    found += (block.caption, *block.columns, *(cell for row in block.rows for cell in row))
    return tuple(found)


def mark_in(published: str) -> tuple[str, str] | None:
    """The language and the version of a published policy; None if it names none."""
    found = MARK.search(published)
    return (found[1], found[2]) if found else None
