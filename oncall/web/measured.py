"""/v1/reports/<period> and /reports/<period>: what was kept and what it cost, as data, a page, Markdown, CSV or a few lines."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from oncall.core.metrics.periods import Period, last_over, period_of
from oncall.core.metrics.words import digest
from oncall.settings import Scope
from oncall.web import report_html
from oncall.web.callers import allowed
from oncall.web.parts import Parts, parts_of
from oncall.web.problems import Problem
from oncall.web.reading import reading
from oncall.web.report_text import cases_csv, data, markdown

router = APIRouter()

LAST = ("month", "week")
"""Instead of a period: the last month, or week, that is over."""


class Form(StrEnum):
    """How a report is given. DIGEST: at most fifteen lines."""

    JSON = "json"
    HTML = "html"
    MARKDOWN = "md"
    CSV = "csv"
    DIGEST = "digest"


@router.get("/v1/reports/{name}")
async def report(request: Request, name: str, format: str = Form.JSON) -> Response:  # noqa: A002 -- the parameter's name in the address
    """The report of a month (2026-11), a week (2026-W47), a year, or the last `month` or `week` that is over."""
    allowed(request, Scope.READ)
    return await given(parts_of(request), name, format)


@router.get("/reports/{name}")
async def page(request: Request, name: str) -> Response:
    """The same as a page."""
    allowed(request, Scope.READ)
    return await given(parts_of(request), name, Form.HTML)


async def given(parts: Parts, name: str, form: str) -> Response:
    """The report in the form that is asked for; a Problem if there is no such period or form."""
    if form not in set(Form):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"no format '{form}'; known: {', '.join(Form)}", fields={"format": "is unknown"})
    made = await reading(parts.reporting.report(period_asked(parts, name)))
    if form == Form.CSV:
        return PlainTextResponse(cases_csv(made), media_type="text/csv")
    if form == Form.DIGEST:
        return PlainTextResponse("\n".join(digest(made, await reading(parts.reporting.around(made)))) + "\n")
    customers = await reading(parts.reporting.customers(made))
    match Form(form):
        case Form.HTML:
            return HTMLResponse(report_html.page(made, customers), headers=dict(report_html.headers()))
        case Form.MARKDOWN:
            return PlainTextResponse(markdown(made, customers), media_type="text/markdown")
        case _:
            return JSONResponse(data(made, customers))


def period_asked(parts: Parts, name: str) -> Period:
    """The period that a name means now; a Problem (422) if there is none, or it has not begun."""
    timezone, now = parts.handbook().timezone, parts.now()
    try:
        found = last_over(name, now, timezone) if name in LAST else period_of(name, timezone)
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), fields={"period": "is unknown"}) from error
    if found.start > now:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{found.words} has not begun", fields={"period": "has not begun"})
    return found
