"""Errors of the doors as application/problem+json (RFC 9457): what happened and what helps, never what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse

RETRY_AFTER_S = 5
"""Seconds after which a client should come again when we cannot store just now."""


class Problem(Exception):
    """A request that is answered with an error. `fields` names each wrong field; `retry_after_s` says when it may work."""

    def __init__(self, status: HTTPStatus, detail: str, *, fields: Mapping[str, str] | None = None, retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after_s = retry_after_s

    def response(self) -> JSONResponse:
        """The answer to send."""
        body: dict[str, object] = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value, "detail": self.detail}
        if self.fields:
            body["errors"] = [{"field": name, "problem": problem} for name, problem in self.fields.items()]
        headers = {}
        if self.retry_after_s:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(body, status_code=self.status.value, headers=headers, media_type="application/problem+json")


def starting() -> Problem:
    """The answer until everything is in place (decisions.md 42)."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "starting; come again in a moment", retry_after_s=1)
