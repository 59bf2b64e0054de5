"""GET and POST /report: the form. It leads on only after the commit; whatever goes wrong keeps what was typed and says how else to reach us."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from oncall.core.model import AfterHours
from oncall.core.publishing import choices, said_now
from oncall.core.publishing.wording import speech_of
from oncall.engine import Outcome
from oncall.intake import INTAKES, Received, Refused
from oncall.intake.form import LONGEST, values_of
from oncall.intake.report import Why
from oncall.web.parts import Parts, parts_of
from oncall.web.problems import Problem
from oncall.web.public.answering import leads_to, page_of_form, shown
from oncall.web.public.rendering import page
from oncall.web.taking import taken
from oncall.web.visitors import visitor

router = APIRouter()

TOO_MANY = (
    "Your report was not taken",
    "Many came from your connection or for your number. Nobody is woken by this one. Send it again in {seconds} seconds.",
)
NOT_KNOWN = ("We cannot say that your report is stored", "Send it again now: the same report counts once.")
"""What is said, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a report that is in order was not taken, or is not known to be."""

    title: str
    words: str


async def form(request: Request) -> HTMLResponse:
    """The empty form. Its token makes a second click the same report; it is stored nowhere until it comes back."""
    return shown(filled_in(parts_of(request), {"token": secrets.token_hex(16)}))


async def report(request: Request) -> Response:
    """Takes a report, and leads to the page of its case."""
    page_of_form(request)
    parts, raw = parts_of(request), await request.body()
    seed = secrets.token_hex(16)
    try:
        given = values_of(raw)
        received = INTAKES["form"](raw, at=parts.now(), seed=seed, source="form")
    except Refused as refused:
        if refused.why is not Why.WRONG_FIELDS:
            raise Problem(HTTPStatus.BAD_REQUEST, refused.reason) from refused
        return shown(filled_in(parts, given, wrong=refused.fields), HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        limited(request, parts, received)
        outcome = await taken(request, received.fact, key=key_of(given, seed))
    except Problem as problem:
        return in_trouble(parts, given, problem)
    return leads_to(after(outcome))


def after(outcome: Outcome) -> str:
    """Where a report leads: to the page of the case that it opened, and of no other, for anybody can type anybody's number."""
    return f"c/{outcome.case}-{outcome.secret}" if outcome.secret else "report/added"


def key_of(given: Mapping[str, str], seed: str) -> str:
    """The key under which this is one report: the same form with the same words, clicked twice or sent again. Changed words are another."""
    content = "\0".join(f"{name}={value}" for name, value in sorted(given.items()))
    return f"form:{sha256(content.encode()).hexdigest()}" if given["token"] else f"form:{seed}"


def limited(request: Request, parts: Parts, received: Received) -> None:
    """A Problem (429) for a visitor, or a number, with too many reports."""
    phone = received.fact.contact.phone
    wait_s = parts.visitors.reports.wait_s(visitor(request)) or (parts.visitors.numbers.wait_s(phone) if phone else 0.0)
    if wait_s:
        parts.metrics.refused("too many forms")
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many reports", retry_after_s=math.ceil(wait_s))


def in_trouble(parts: Parts, given: Mapping[str, str], problem: Problem) -> HTMLResponse:
    """The form with what was typed, and what to do now. Sent again it is the same report, whatever became of the first time."""
    title, words = TOO_MANY if problem.status is HTTPStatus.TOO_MANY_REQUESTS else NOT_KNOWN
    trouble = Trouble(title=title, words=words.format(seconds=problem.retry_after_s))
    return shown(filled_in(parts, given, trouble=trouble), problem.status, retry_after_s=problem.retry_after_s)


def filled_in(parts: Parts, given: Mapping[str, str], *, wrong: Mapping[str, str] | None = None, trouble: Trouble | None = None) -> str:
    """The form with what was typed, and what is wrong with it, in the order of the form."""
    handbook, at = parts.handbook(), parts.now()
    declined = [one.means for one in handbook.severities.values() if one.after_hours is AfterHours.DECLINE]
    left_out = [about.rstrip(".") for about in (*(one.about for one in handbook.exclusions), *declined)]
    return page(
        "report.html", ways=parts.ways, company=handbook.company, now=said_now(handbook, at), danger=speech_of(handbook, "en").say("policy_danger"),
        choices=choices(handbook, at), services=list(handbook.services.values()), left_out=left_out,
        try_first=speech_of(handbook, "en").say("policy_try"),
        given={name: given.get(name, "") for name in LONGEST}, token=given.get("token", ""), longest=LONGEST,
        wrong={name: wrong[name] for name in LONGEST if name in wrong} if wrong else {}, trouble=trouble,
    )  # fmt: skip


async def added(request: Request) -> HTMLResponse:
    """What is said of a report that joined an open case."""
    return shown(page("added.html", ways=parts_of(request).ways, root="../"))


router.add_route("/report", form, methods=["GET"])
router.add_route("/report", report, methods=["POST"])
router.add_route("/report/added", added, methods=["GET"])
