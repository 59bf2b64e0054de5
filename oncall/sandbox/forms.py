"""What every form of the page has in common: it must come from the page itself, and leads back to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
MOST_FIELDS = 20

Handler = Callable[[Request], Awaitable[Response]]


def form_route(path: str, handler: Handler) -> Route:
    """A route that takes a form, from our own page only."""

    async def checked(request: Request) -> Response:
        return await handler(request) if from_our_page(request) else said(403, "this form is not from this page")

    return Route(path, checked, methods=["POST"])


def back(place: str = "") -> Response:
    """Leads back to the page, to the element with this id."""
    return RedirectResponse(f"/#{place}" if place else "/", status_code=303, headers=HEADERS)


def said(status: int, words: str) -> Response:
    """A refusal in plain words."""
    return PlainTextResponse(words, status_code=status, headers=HEADERS)


async def field(request: Request, name: str, longest: int) -> str:
    """A field of a form, without blanks around it and at most `longest` characters; '' if it is absent."""
    return str((await request.form(max_fields=MOST_FIELDS)).get(name, "")).strip()[:longest]


def from_our_page(request: Request) -> bool:
    """Whether a form comes from our own page and not from another that the browser has open."""
    origin = request.headers.get("origin")
    return origin in {None, f"http://{request.headers.get('host')}"} and request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
