"""Looks whether a policy that is published somewhere is the one that runs, and names the sentences that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from oncall.cli.output import Code, Failed
from oncall.cli.publishing import Layout, printed
from oncall.core.model import Handbook
from oncall.core.place import Place
from oncall.core.proofs.finding import Finding
from oncall.core.publishing import Document, Ways, compose, languages, mark_in

ANSWER_WITHIN_S = 10.0
LARGEST_PAGE = 2 * 1024 * 1024
SHOWN = 10
"""Differences that are told: whoever has more publishes anew without reading them."""
BLOCKS = frozenset({"p", "li", "td", "th", "h1", "h2", "h3", "caption"})
NEW_BLOCK = re.compile(r"\s*(?:[-*]|\d+\.|#+|\|)\s|\s*$")
"""A line of Markdown or plain text that does not go on with the line before."""
HINT = "publish it anew: oncall policy --format html"


def differs(where: str, book: Handbook, ways: Ways) -> tuple[Finding, ...]:
    """What is published, in a file or at an address, is not what runs: customers read promises that nobody keeps. Publish it anew."""
    published = content_of(where)
    found = mark_in(published)
    if found is None:
        return (finding(where, "no version of a policy is named there", HINT),)
    language, version = found
    if language not in languages(book):
        return (finding(where, f"a policy in '{language}' is published, and the files have none", HINT),)
    document = compose(book, ways, language)
    if document.version == version:
        return ()
    told = list(differences(published, document, book, ways))[:SHOWN]
    return (finding(where, f"version {version} is published, version {document.version} runs", HINT), *(finding(where, one) for one in told))


def finding(where: str, what: str, hint: str = "") -> Finding:
    """A finding about what is published at `where`."""
    return Finding(code="AH502", severity="error", place=Place(file=where, line=1, column=1), what=what, hint=hint)


def content_of(where: str) -> str:
    """What is published in the file or at the address `where`; Failed if it cannot be read."""
    from urllib.request import urlopen

    remote = re.match(r"https?://", where, re.IGNORECASE) is not None
    try:
        if not remote:
            return Path(where).read_text(encoding="utf-8", errors="replace")
        with urlopen(where, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310 -- only http and https come here
            return bytes(answer.read(LARGEST_PAGE)).decode("utf-8", errors="replace")
    except (OSError, ValueError) as error:
        hint = "give a file, or an address that begins with https://"
        raise Failed(Code.UNREACHABLE if remote else Code.USAGE, "unreadable", f"{where} cannot be read: {error}", hint) from error


def layout_of(published: str) -> Layout:
    """In which form a policy is published."""
    if "</" in published:
        return Layout.HTML
    start = published.lstrip()
    return Layout.EMAIL if start.startswith("Subject:") else Layout.MD if start.startswith("# ") else Layout.TXT


def differences(published: str, document: Document, book: Handbook, ways: Ways) -> Iterator[str]:
    """What runs and is not published, then what is published and no longer so; the line of the version is in both."""
    layout = layout_of(published)
    ours, theirs = (list(dict.fromkeys(blocks_of(text, layout))) for text in (printed(document, book, ways, layout), published))
    yield from (f"not published: {block}" for block in ours if block not in theirs and mark_in(block) is None)
    yield from (f"published, but no longer so: {block}" for block in theirs if block not in ours and mark_in(block) is None)


def blocks_of(text: str, layout: Layout) -> Iterator[str]:
    """The paragraphs, headings, items and cells of a page or a text, each in one line."""
    if layout is Layout.HTML:
        reader = PageText()
        reader.feed(text)
        yield from (" ".join(block.split()) for block in reader.blocks if block.strip())
        return
    block = ""
    for line in (*text.splitlines(), ""):
        if NEW_BLOCK.match(line) and block:
            yield block
            block = ""
        block = f"{block} {line.strip()}".strip()


class PageText(HTMLParser):
    """The texts of a page's blocks, inside the element of the policy where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins; what stood before the policy is not ours."""
        if dict(attrs).get("id") == "policy":
            self.blocks = []
        if tag in BLOCKS:
            self._open = True
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        """A block ends."""
        self._open = self._open and tag not in BLOCKS

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._open:
            self.blocks[-1] += data
