"""Makes public pages out of templates: everything is escaped, the one style stands inside the page, and no script ever runs."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from oncall.core.publishing import Document, Ways, languages
from oncall.core.publishing.wording import speech_of
from oncall.core.wording import clock_text

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

    from oncall.core.model import Handbook

HERE = Path(__file__).parent


@cache
def style() -> str:
    """The stylesheet, as it stands inside every page."""
    return (HERE / "public.css").read_text(encoding="utf-8")


@cache
def content_policy() -> str:
    """The Content-Security-Policy: nothing but our own style, by its hash, and forms that lead to us."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@cache
def environment() -> jinja2.Environment:
    """The templates. Imported at the first page, so that a start does not wait for them (decisions.md 42)."""
    import jinja2

    loader = jinja2.FileSystemLoader(HERE / "templates")
    found = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found.filters |= {"linked": linked, "helped": helped, "clock": clock_text}
    return found


ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


def helped(text: str) -> Markup:
    """A help of a service for a page, with the addresses that the company wrote into it as links; they lead nowhere by themselves."""
    from markupsafe import Markup, escape

    made = Markup()
    rest = 0
    for found in ADDRESS.finditer(text):
        made += escape(text[rest : found.start()]) + Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found.group())
        rest = found.end()
    return made + escape(text[rest:])


def linked(text: str, ways: Ways) -> Markup:
    """`text` for a page, with our own number and the address of our form as links; nothing else in it becomes one."""
    from markupsafe import Markup, escape

    safe = escape(text)
    for shown, target in ((ways.form, ways.form), (ways.phone, f"sms:{ways.phone}")):
        if shown:
            link = Markup('<a class="way" href="{}">{}</a>').format(target, shown)
            safe = Markup(safe.replace(escape(shown), link))  # noqa: S704 -- both parts are escaped already
    return safe


def page(template: str, *, ways: Ways, language: str = "en", root: str = "", **values: object) -> str:
    """The page that `template` makes of `values`. `root`: the relative way from the page to the place where all our pages are."""
    from markupsafe import Markup

    known = {"ways": ways, "language": language, "root": root, "skip": "Skip to the content", **values}
    # Our own file: were it escaped, its hash would not be that of the policy.
    return environment().get_template(template).render(**known, style=Markup(style()))  # noqa: S704 -- our own stylesheet


def policy_page(document: Document, handbook: Handbook, ways: Ways, *, now: str = "", live: bool) -> str:
    """The published policy as a page: with the live block `now` and links where we serve it, without them as a file for elsewhere."""
    speech = speech_of(handbook, document.language)
    return page(
        "policy.html", ways=ways, language=document.language, document=document, now=now, live=live, languages=languages(handbook),
        report=speech.say("policy_report"), skip=speech.say("policy_skip"),
    )  # fmt: skip
