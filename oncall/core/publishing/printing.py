"""The published policy as Markdown, as plain text, and as a short text for a welcome mail; the last line names the version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from textwrap import fill

from oncall.core.publishing.document import Block, Document, Listed, Section, Table, Words

WIDTH = 78
"""Columns of plain text: what mail programs show without breaking lines anew."""
IN_SHORT = ("applies", "reach", "fast", "overrule")
"""What a customer has to have at hand: the sections of a welcome mail."""
SPECIAL = re.compile(r"([\\`*_{}\[\]<>|])")


def markdown(document: Document) -> str:
    """The whole policy as Markdown."""
    lines = [f"# {escaped(document.title)}", ""]
    for section in document.sections:
        lines += [f"## {escaped(section.title)}", "", *marked_down(section)]
    return "\n".join((*lines, document.version_line, ""))


def escaped(text: str) -> str:
    """`text` with nothing in it that Markdown would take for markup."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def marked_down(section: Section) -> Iterator[str]:
    """The lines of a section, a blank one behind each block."""
    for block in section.blocks:
        match block:
            case Words():
                yield f"**{escaped(block.text)}**" if block.strong else escaped(block.text)
            case Listed():
                yield from (f"{f'{number}.' if block.numbered else '-'} {escaped(item)}" for number, item in enumerate(block.items, start=1))
            case Table():
                yield from (f"| {' | '.join(map(escaped, row))} |" for row in (block.columns, ("---",) * len(block.columns), *block.rows))
        yield ""


def plain(document: Document) -> str:
    """The whole policy as plain text."""
    return "\n".join(
        (*titled(document.title, "="), *(line for section in document.sections for line in plain_section(section)), document.version_line, "")
    )


def email(document: Document) -> str:
    """The short form: a subject, how to reach us, how fast, and how to overrule us."""
    lines = [f"Subject: {' '.join(document.title.split())}", ""]
    lines += [line for section in document.sections if section.id in IN_SHORT for line in plain_section(section)]
    return "\n".join((*lines, *([document.whole_words, ""] if document.whole_words else []), document.version_line, ""))


def titled(title: str, rule: str) -> tuple[str, ...]:
    """A heading with a line under it."""
    return title, rule * len(title), ""


def plain_section(section: Section) -> Iterator[str]:
    """The lines of a section."""
    yield from titled(section.title, "-")
    for block in section.blocks:
        yield from plain_block(block)
        yield ""


def plain_block(block: Block) -> Iterator[str]:
    """The lines of a block; a row of a table is an item of a list, because a table of text falls apart in a mail."""
    match block:
        case Words():
            yield wrapped(block.text)
        case Listed():
            for number, item in enumerate(block.items, start=1):
                yield wrapped(item, f"{number}. " if block.numbered else "- ")
        case Table():
            for what in dict.fromkeys(row[0] for row in block.rows):
                yield wrapped(what, "- ")
                yield from (wrapped(": ".join(rest), "  ") for first, *rest in block.rows if first == what)


def wrapped(text: str, bullet: str = "") -> str:
    """`text` in lines; addresses are never broken."""
    return fill(
        " ".join(text.split()), WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet), break_long_words=False, break_on_hyphens=False
    )


PRINTED: Mapping[str, Callable[[Document], str]] = {"md": markdown, "txt": plain, "email": email}
"""Each form by its name; HTML is made where pages are."""
