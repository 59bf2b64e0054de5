"""What the page asks of the daemon, with an API key like any other program: the newest incidents, and a report of the customer's."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, cast

import aiohttp

WITHIN_S = 3.0
"""A page that waits longer is taken for broken; the daemon answers in milliseconds or not at all."""
SHOWN = 3
"""Incidents on the page, the newest first."""
SILENT = "The daemon does not answer."


class Desk:
    """Asks the daemon at `url()`, which is '' until it is known."""

    def __init__(self, url: Callable[[], str], api_key: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._session: aiohttp.ClientSession | None = None

    async def newest(self) -> tuple[list[dict[str, Any]], str]:
        """The newest incidents with their timelines, and why they cannot be shown ('' if they can)."""
        status, listing = await self._ask("GET", "/v1/incidents?status=all")
        if status != 200:
            return [], problem(status, listing)
        answers = [await self._ask("GET", f"/v1/incidents/{one['incident']}") for one in listing.get("incidents", [])[:SHOWN]]
        return [whole for status, whole in answers if status == 200], ""

    async def report(self, *, summary: str, name: str, phone: str, email: str = "") -> str:
        """Reports an emergency as the form of a web site would; what came of it, in a sentence."""
        contact = {label: value for label, value in (("name", name), ("phone", phone), ("email", email)) if value}
        body = {"summary": summary, "contact": contact, "channel": "form"}
        status, answer = await self._ask("POST", "/v1/emergencies", body, {"Idempotency-Key": secrets.token_hex(16)})
        if status != 202:
            return f"The report was not taken. {problem(status, answer)}"
        return f"The daemon took the report: {answer.get('status', '')}, incident {answer.get('incident', '')}, case {answer.get('case', '')}."

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:  # fmt: skip
        """One request: the HTTP status and the JSON object that came; (0, {}) if there was no answer that can be read."""
        if not self._url():
            return 0, {}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S))
        try:
            async with self._session.request(method, self._url() + path, json=body, headers={**self._headers, **(headers or {})}) as answer:
                found = await answer.json(content_type=None)
                return (answer.status, cast("dict[str, Any]", found)) if isinstance(found, dict) else (0, {})
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError):
            return 0, {}

    async def close(self) -> None:
        """Lets the connections go."""
        if self._session is not None:
            await self._session.close()


def problem(status: int, answer: dict[str, Any]) -> str:
    """Why an answer is none that we can use, in the daemon's words if it gave any."""
    if not status:
        return SILENT
    return f"The daemon answered {status}: {answer.get('detail') or answer.get('title') or 'without a reason'}"
