"""GET /policy: what customers are promised, with what holds now at the top; in other languages under /policy.<language>."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from oncall.core.model import Handbook
from oncall.core.publishing import Document, Ways, compose, languages, said_now
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.public.answering import shown
from oncall.web.public.rendering import policy_page

router = APIRouter()

KEPT_S = 60
"""How long a browser or a proxy may keep the page: what holds now is never staler than that."""


async def policy(request: Request) -> HTMLResponse:
    """The policy in one language; 404 in a language that the company does not speak."""
    parts = parts_of(request)
    handbook, language = parts.handbook(), request.path_params.get("language", "en")
    if language not in languages(handbook):
        raise Problem(HTTPStatus.NOT_FOUND, f"the policy is not published in '{language}'")
    now = said_now(handbook, parts.now(), language)
    content = policy_page(document_of(handbook, parts.ways, language), handbook, parts.ways, now=now, live=True)
    return shown(content, cache=f"public, max-age={KEPT_S}")


@lru_cache(maxsize=16)
def document_of(handbook: Handbook, ways: Ways, language: str) -> Document:
    """The document of a handbook, which never changes."""
    return compose(handbook, ways, language)


router.add_route("/policy", policy, methods=["GET"])
router.add_route("/policy.{language}", policy, methods=["GET"])
