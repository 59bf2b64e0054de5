"""The webhooks of the sandbox, signed as Twilio signs them: receipts of our messages, and what a handset texts."""

from __future__ import annotations

from urllib.parse import urldefrag

import aiohttp
import structlog

from oncall.sandbox.state import Numbers, Text

log = structlog.get_logger(__name__)

WITHIN_S = 15.0
"""As long as Twilio waits for an answer."""
PLACES = ("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry")
"""Often empty, and signed all the same (telephony.md 1): a receiver that drops empty fields takes a good signature for a bad one."""


class Webhooks:
    """Calls the daemon. `daemon_url` is where it listens, without a slash at its end; set once that is known."""

    def __init__(self, numbers: Numbers) -> None:
        self.daemon_url = ""
        self._numbers = numbers
        self._session: aiohttp.ClientSession | None = None

    async def receipt(self, text: Text, status: str) -> None:
        """Tells what became of one of our messages, if it asked for that. The fragment of the URL is for Twilio and stays here."""
        if not text.callback:
            return
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status, "To": text.to, "From": text.sender}
        if status in {"undelivered", "failed"} and text.error_code:
            form["ErrorCode"] = str(text.error_code)
        await self._call(urldefrag(text.callback).url, form)

    async def text(self, text: Text) -> int:
        """Hands on what a handset texts; the HTTP status of the daemon's answer, 0 if it did not answer."""
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "SmsMessageSid": text.sid, "From": text.sender, "To": text.to, "Body": text.body}
        form |= {"NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", **dict.fromkeys(PLACES, "")}
        return await self._call(f"{self.daemon_url}/twilio/sms", form) if self.daemon_url else 0

    async def _call(self, url: str, form: dict[str, str]) -> int:
        """One signed POST."""
        from twilio.request_validator import RequestValidator

        form = {**form, "AccountSid": self._numbers.account_sid, "ApiVersion": "2010-04-01"}
        signature = RequestValidator(self._numbers.auth_token).compute_signature(url, form)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S))
        try:
            async with self._session.post(url, data=form, headers={"X-Twilio-Signature": signature}, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
            log.warning("the daemon did not take a webhook of the sandbox", error=type(error).__name__)
            return 0

    async def close(self) -> None:
        """Lets the connections go."""
        if self._session is not None:
            await self._session.close()
