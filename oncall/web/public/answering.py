"""Answers of the public pages: their headers, where their addresses begin, and every refusal as a page that says how else to reach us."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.types import Scope

from oncall.core.publishing import Ways
from oncall.web.problems import Problem
from oncall.web.public.rendering import content_policy, page

PLACES = frozenset({"policy", "report", "c", "feedback", "pulse"})
"""The first word of a public page's address; everything else is for programs and for staff."""
SECRETS = ("/c/", "/feedback/", "/pulse/")
"""Behind these an address goes on with a secret."""
NOT_STORED = "What you sent was not stored. Nobody is woken by it."
NOT_KNOWN = "We cannot say whether what you sent was stored. Please tell us again."
WORDS = {
    HTTPStatus.NOT_FOUND: ("There is no such page", "Look at the address again. Every letter counts, capital or small does not."),
    HTTPStatus.FORBIDDEN: ("This was not sent from our page", "Open our form and send it from there."),
    HTTPStatus.REQUEST_TIMEOUT: ("That came too slowly", "Please send it again."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("That is too long", "Go back, and tell us in fewer words."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too many at once", "A lot came from your connection in a short time. Please wait a minute and try again."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("We cannot do that just now", "Please try again in a minute."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Something is broken here", "Please try again in a minute."),
}
OTHERWISE = ("That does not work here", "Please go back to our form.")


def is_public(path: str) -> bool:
    """Whether an address is one of the public pages."""
    return path[1:].partition("/")[0].partition(".")[0] in PLACES


def loggable(path: str) -> str:
    """An address without the secret of a case in it."""
    return next((f"{place}..." for place in SECRETS if path.startswith(place)), path)


def shown(content: str, status: HTTPStatus = HTTPStatus.OK, *, cache: str = "no-store", retry_after_s: int = 0) -> HTMLResponse:
    """A page as an answer. `cache`: who may keep it and for how long."""
    headers = {"Content-Security-Policy": content_policy(), "Cache-Control": cache}
    if retry_after_s:
        headers["Retry-After"] = str(retry_after_s)
    return HTMLResponse(content, status_code=status.value, headers=headers)


def leads_to(location: str) -> Response:
    """A form that was taken leads on to another page, so that a reload sends nothing again. `location` counts from the form's address."""
    return Response(status_code=HTTPStatus.SEE_OTHER.value, headers={"Location": location})


def page_of_form(request: Request) -> None:
    """A Problem unless this is a form of ours: another site must not make its readers wake people. Old browsers do not say where from."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem(HTTPStatus.FORBIDDEN, "this form is not from our page")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "this is no form of ours")


def answer_to(scope: Scope, problem: Problem, ways: Ways) -> Response:
    """A refusal: a page for whoever has a browser before them, else a problem for a program."""
    path = scope["path"]
    if not is_public(path):
        return problem.response()
    title, words = WORDS.get(problem.status, OTHERWISE)
    sent = ""
    if scope["method"] == "POST":
        sent = NOT_KNOWN if problem.status is HTTPStatus.INTERNAL_SERVER_ERROR else NOT_STORED
    content = page("refusal.html", ways=ways, root=root_of(path), title=title, words=words, sent=sent)
    return shown(content, problem.status, retry_after_s=problem.retry_after_s)


def root_of(path: str) -> str:
    """The relative way from an address back to where all our pages are, so that a proxy may put them under any path."""
    return "../" * (path.count("/") - 1)
