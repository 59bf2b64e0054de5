"""A report as one page that prints: autoescaped, without scripts, and nothing in it is fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from oncall.core.metrics.report import Report
from oncall.core.metrics.words import headline
from oncall.web.report_tables import foot, tables, title

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"


def page(report: Report, customers: Mapping[str, str]) -> str:
    """The page."""
    return template().render(
        title=title(report), headline=headline(report), tables=tables(report, customers), foot=foot(report), style=style()
    )  # fmt: skip


@cache
def template() -> Template:
    """The page's template; Jinja is imported when the first report is asked for, not when the daemon starts."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    return found.get_template("report.html")


@cache
def style() -> str:
    """The page's own style, which is ours and no stranger's text."""
    from markupsafe import Markup

    return Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 -- a file of ours


@cache
def headers() -> Mapping[str, str]:
    """What a browser may do with the page: show it in its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
