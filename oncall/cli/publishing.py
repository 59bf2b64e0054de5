"""The command policy: prints what customers read, from the files."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from oncall.cli.output import Code, Failed, out
from oncall.cli.planning import handbook, usable_settings
from oncall.core.model import Handbook
from oncall.core.publishing import Document, Ways, compose, missing, texts_of
from oncall.core.publishing.printing import PRINTED
from oncall.core.publishing.reading_level import grade


class Layout(StrEnum):
    """In which form the policy is printed. EMAIL: a short form for welcome mails."""

    HTML = "html"
    MD = "md"
    TXT = "txt"
    EMAIL = "email"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(policy)


def policy(
    layout: Annotated[Layout, typer.Option("--format", help="email: a short form for welcome mails.")] = Layout.TXT,
    language: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="en, de, nl, or one of which config/texts/ has every sentence.")] = "en",
) -> int:
    """Print the policy for customers, from the files. It names nobody of the staff; its last line names the version."""
    settings = usable_settings()
    book = handbook(everything=True)
    if lacking := missing(book.texts, language):
        hint = f"config/texts/{language}.yaml lacks {', '.join(lacking[:5])}{f' and {len(lacking) - 5} more' if len(lacking) > 5 else ''}"
        raise Failed(Code.USAGE, "unknown_language", f"the policy cannot be said in '{language}'", hint)
    document = compose(book, settings.ways, language)
    text = printed(document, book, settings.ways, layout)
    # Only English has a formula that anybody has measured.
    level = round(grade(texts_of(document)), 1) if language == "en" else None
    if level is not None:
        out.say(f"note: it takes {max(level, 1):g} years of school to read this (Flesch-Kincaid)")
    out.data({"language": language, "version": document.version, "reading_level": level, "text": text}, text.rstrip("\n"))
    return Code.FINE


def printed(document: Document, book: Handbook, ways: Ways, layout: Layout) -> str:
    """The document in the form that was asked for."""
    from oncall.web.public.rendering import policy_page

    return policy_page(document, book, ways, live=False) if layout is Layout.HTML else PRINTED[layout](document)
