"""The webhooks of the sandbox, signed as Twilio signs them: receipts of messages and calls, what a handset texts, and what a call shall say."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urldefrag, urlencode

import aiohttp
import structlog
import yarl

from oncall.sandbox.state import Numbers, Text

log = structlog.get_logger(__name__)

WITHIN_S = 15.0
"""As long as Twilio waits for an answer."""
LONGEST_ANSWER = 64 * 1024
"""Twilio's limit for a document of a call."""
PLACES = ("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry")
"""Often empty, and signed all the same (telephony.md 1): a receiver that drops empty fields takes a good signature for a bad one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the daemon answered; `status` is 0 if it did not."""

    status: int = 0
    media_type: str = ""
    body: bytes = b""


class Webhooks:
    """Calls the daemon. `daemon_url` is where it listens, without a slash at its end; set once that is known."""

    def __init__(self, numbers: Numbers) -> None:
        self.daemon_url = ""
        self._numbers = numbers
        self._session: aiohttp.ClientSession | None = None

    async def receipt(self, text: Text, status: str) -> None:
        """Tells what became of one of our messages, if it asked for that."""
        if not text.callback:
            return
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status, "To": text.to, "From": text.sender}
        if status in {"undelivered", "failed"} and text.error_code:
            form["ErrorCode"] = str(text.error_code)
        await self.signed(text.callback, form)

    async def text(self, text: Text) -> int:
        """Hands on what a handset texts; the HTTP status of the daemon's answer, 0 if it did not answer."""
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "SmsMessageSid": text.sid, "From": text.sender, "To": text.to, "Body": text.body}
        form |= {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", **dict.fromkeys(PLACES, "")}
        return (await self.signed(f"{self.daemon_url}/twilio/sms", form)).status if self.daemon_url else 0

    async def signed(self, url: str, form: dict[str, str], method: str = "POST") -> Answer:
        """One signed request; with GET the form becomes the query. The URL's fragment is for Twilio: neither sent nor signed."""
        from twilio.request_validator import RequestValidator

        url, form = urldefrag(url).url, {**form, "AccountSid": self._numbers.account_sid, "ApiVersion": "2010-04-01"}
        if method == "GET":
            url, form = f"{url}{'&' if '?' in url else '?'}{urlencode(form)}", {}
        headers = {"X-Twilio-Signature": RequestValidator(self._numbers.auth_token).compute_signature(url, form)}
        body = form if method == "POST" else None
        try:
            # As it was given: a URL that the client writes anew would no longer be the one that is signed.
            exact = yarl.URL(url, encoded=True)
            async with self.session().request(method, exact, data=body, headers=headers, allow_redirects=False) as answer:
                return Answer(status=answer.status, media_type=answer.content_type, body=await read(answer))
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
            log.warning("the daemon did not take a webhook of the sandbox", error=type(error).__name__)
            return Answer()

    def session(self) -> aiohttp.ClientSession:
        """The connections to the daemon."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S))
        return self._session

    async def close(self) -> None:
        """Lets the connections go."""
        if self._session is not None:
            await self._session.close()


async def read(answer: aiohttp.ClientResponse) -> bytes:
    """The body of an answer; one byte more than allowed when it is longer."""
    found = bytearray()
    async for part in answer.content.iter_chunked(LONGEST_ANSWER):
        found += part
        if len(found) > LONGEST_ANSWER:
            break
    return bytes(found[: LONGEST_ANSWER + 1])
