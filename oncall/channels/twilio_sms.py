"""Texts by Twilio, with its own SDK: sends within a deadline, never posts twice by itself, and hears replies and receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall.channels import twilio_errors
from oncall.channels.channel import Accepted, ChannelError, Outgoing, Receipt, ResultUnknown
from oncall.core.messages import Heard
from oncall.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client

POST_WITHIN_S = 4.0
LOOK_WITHIN_S = 1.5
LOOK_AFTER_S = (0.5, 1.0)
"""Deadlines of the post and of a look-up, and the pauses before each look: together under the 10 s of a send (decisions.md 7)."""
RETRY_WITHIN_S = 2.0
"""Seconds in which a request that was surely not processed is sent again here; minutes are the outbox's."""
LOOKED_THROUGH = 20
"""Messages that a look-up goes through, the newest first."""
SHORTEST_VALID_S, LONGEST_VALID_S = 5, 36000
"""Twilio's limits of ValidityPeriod."""
OVERRIDES = "#rc=2&rp=5xx,ct,rt"
"""Connection overrides: Twilio calls us again after an error or a time-out; it takes them off the URL before calling and signing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """The account and our numbers; without a number of their own, customers are texted from the staff's."""

    account_sid: str
    auth_token: str
    staff_number: str
    customers_number: str
    api_base: str
    public_url: str

    def number(self, line: str) -> str:
        """The number that texts on `line`."""
        return self.customers_number if line == "customers" else self.staff_number


def account_of(settings: Settings) -> TwilioAccount | None:
    """The account, or None when a credential or the number is missing."""
    token = settings.twilio_auth_token.get_secret_value()
    if not (settings.twilio_account_sid and token and settings.twilio_from):
        return None
    return TwilioAccount(
        account_sid=settings.twilio_account_sid,
        auth_token=token,
        staff_number=settings.twilio_from,
        customers_number=settings.twilio_customer_from or settings.twilio_from,
        api_base=settings.twilio_api_base,
        public_url=settings.base_url,
    )


class TwilioSms:
    """The way 'sms'."""

    way = "sms"

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._client: Client | None = None

    @classmethod
    def of(cls, settings: Settings) -> TwilioSms | None:
        """The channel of the settings' account; None: it is off."""
        account = account_of(settings)
        return None if account is None else cls(account)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Texts `outgoing`; see Channel. A request whose answer was lost is looked up, never posted again here (telephony.md 0.1)."""
        if outgoing.again and (found := await self._look_up(outgoing)):
            return found
        try:
            return await self._post_patiently(outgoing)
        except ResultUnknown:
            for pause_s in LOOK_AFTER_S:
                await asyncio.sleep(pause_s)
                if found := await self._look_up(outgoing):
                    return found
            raise

    async def _post_patiently(self, outgoing: Outgoing) -> Accepted:
        """Posts; again for a moment if it was surely not processed (connection refused, 429)."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ChannelError) and not error.permanent),
            wait=wait_random_exponential(multiplier=0.2, max=1.0),
            stop=stop_after_delay(RETRY_WITHIN_S),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._post(outgoing)
        raise AssertionError("tenacity re-raises the last error")

    async def _post(self, outgoing: Outgoing) -> Accepted:
        """One request, and what its answer means."""
        from aiohttp import ClientConnectorError, ClientError
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            async with asyncio.timeout(POST_WITHIN_S):
                message = await self._rest().messages.create_async(
                    to=outgoing.address,
                    from_=self._account.number(outgoing.line),
                    body=outgoing.text,
                    status_callback=f"{self._account.public_url}/twilio/sms/status?o={outgoing.url_key}{OVERRIDES}",
                    validity_period=min(max(int(outgoing.valid_for.total_seconds()), SHORTEST_VALID_S), LONGEST_VALID_S),
                )
        except TwilioRestException as error:
            raise meaning(error.code, error.status) from error
        except ClientConnectorError as error:
            raise ChannelError("the provider cannot be reached", permanent=False) from error
        except TimeoutError as error:
            raise ResultUnknown(f"the provider did not answer within {POST_WITHIN_S:g} s") from error
        except (ClientError, TwilioException, ConnectionError) as error:
            raise ResultUnknown(f"the provider's answer was lost ({type(error).__name__})") from error
        return Accepted(provider_id=str(message.sid))

    async def _look_up(self, outgoing: Outgoing) -> Accepted | None:
        """The message at the provider, if it is there: the same words to the same number, and none that is known as another."""
        from aiohttp import ClientError
        from twilio.base.exceptions import TwilioException

        sender = self._account.number(outgoing.line)
        try:
            async with asyncio.timeout(LOOK_WITHIN_S):
                found = await self._rest().messages.list_async(to=outgoing.address, from_=sender, limit=LOOKED_THROUGH, page_size=LOOKED_THROUGH)
        except (TwilioException, ClientError, TimeoutError, ConnectionError):
            return None
        same = (message for message in found if message.body == outgoing.text and message.sid not in outgoing.known_ids)
        return next((Accepted(provider_id=str(message.sid)) for message in same), None)

    def _rest(self) -> Client:
        """The SDK's client, made late (it takes a third of a second to import) and inside the running loop, as it must be."""
        if self._client is None:
            from twilio.http.async_http_client import AsyncTwilioHttpClient
            from twilio.rest import Client

            # Without `environment` the SDK would read a region from the process's and call another host (telephony.md 4).
            self._client = Client(self._account.account_sid, self._account.auth_token, http_client=AsyncTwilioHttpClient(), environment={"_": ""})
            self._client.api.base_url = self._account.api_base
        return self._client

    async def close(self) -> None:
        """Lets the connections go."""
        if self._client is not None:
            client: Any = self._client.http_client
            self._client = None
            await client.close()


def meaning(code: int | None, status: int) -> ChannelError | ResultUnknown:
    """What an error of the API says about the message: surely not sent, or unknown."""
    reason = twilio_errors.words(code if code != status else None, status)
    if status == 429 or code in twilio_errors.NEVER_PROCESSED:
        return ChannelError(reason, permanent=False)
    if status >= 500:
        return ResultUnknown(reason)
    account = code in twilio_errors.TELL_ADMINS or status in {401, 403}
    return ChannelError(reason, permanent=True, way_broken=code in twilio_errors.WAY_BROKEN, tell_admins=account)


def hear(form: Mapping[str, str], *, at: datetime, seed: str, line: str) -> Heard:
    """What a webhook of an incoming text says; pure. KeyError: a field that Twilio always sends is missing."""
    return Heard(at=at, seed=seed, way="sms", sender=form["From"], line=line, text=form.get("Body", ""), reference=form["MessageSid"])


def receipt(form: Mapping[str, str], *, at: datetime, url_key: str) -> Receipt:
    """What a status callback says; pure. KeyError: a field that Twilio always sends is missing."""
    status, code = form["MessageStatus"], form.get("ErrorCode", "")
    number = int(code) if code.isdigit() else None
    failed = status in {"failed", "undelivered"}
    return Receipt(
        at=at,
        url_key=url_key,
        status=status,
        reason=twilio_errors.words(number) if failed and number else (status if failed else ""),
        way_broken=failed and number in twilio_errors.WAY_BROKEN,
    )
