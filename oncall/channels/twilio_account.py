"""Our account at Twilio, and how its API is asked: within a deadline, patiently where that is safe, and never twice after a lost answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from oncall.channels import twilio_errors
from oncall.channels.channel import Accepted, ChannelError, ResultUnknown
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
"""Messages or calls that a look-up goes through, the newest first."""
OVERRIDES = "#rc=2&rp=5xx,ct,rt"
"""Connection overrides: Twilio calls us again after an error or a time-out; it takes them off the URL before calling and signing."""

T = TypeVar("T")


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
        """The number that texts or calls on `line`."""
        return self.customers_number if line == "customers" else self.staff_number

    def callback(self, path: str, url_key: str) -> str:
        """Where Twilio calls us about the order that `url_key` stands for, with the connection overrides."""
        return f"{self.public_url}{path}?o={url_key}{OVERRIDES}"


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


class TwilioApi:
    """The SDK's client of one account, with what the SDK lacks: deadlines, and the meaning of every failure."""

    def __init__(self, account: TwilioAccount) -> None:
        self.account = account
        self._client: Client | None = None

    async def send_once(
        self, post: Callable[[Client], Awaitable[Any]], look: Callable[[Client], Awaitable[Accepted | None]], *, again: bool
    ) -> Accepted:  # fmt: skip
        """Posts something and gives the provider's id. A request whose answer was lost is looked up, never posted again here (telephony.md 0.1).

        `again`: an earlier attempt may have been accepted, so look first. ChannelError: surely not sent. ResultUnknown: perhaps.
        """
        if again and (found := await self._looked(look)):
            return found
        try:
            return Accepted(provider_id=str((await self.patiently(post)).sid))
        except ResultUnknown:
            for pause_s in LOOK_AFTER_S:
                await asyncio.sleep(pause_s)
                if found := await self._looked(look):
                    return found
            raise

    async def patiently(self, post: Callable[[Client], Awaitable[T]]) -> T:
        """Posts; again for a moment if it was surely not processed (connection refused, 429)."""
        try:
            return await self._posted(post)
        except ChannelError as error:
            if error.permanent:
                raise
            return await self._again(post, error)

    async def _again(self, post: Callable[[Client], Awaitable[T]], first: ChannelError) -> T:
        """The rest of being patient, after a first try that failed with `first`."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ChannelError) and not error.permanent),
            wait=wait_random_exponential(multiplier=0.2, max=1.0),
            stop=stop_after_delay(RETRY_WITHIN_S),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number == 1:
                    raise first
                return await self._posted(post)
        raise AssertionError("tenacity re-raises the last error")

    async def _posted(self, post: Callable[[Client], Awaitable[T]]) -> T:
        """One request, and what its answer means."""
        from aiohttp import ClientConnectorError, ClientError
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            async with asyncio.timeout(POST_WITHIN_S):
                return await post(self._rest())
        except TwilioRestException as error:
            raise meaning(error.code, error.status) from error
        except ClientConnectorError as error:
            raise ChannelError("the provider cannot be reached", permanent=False) from error
        except TimeoutError as error:
            raise ResultUnknown(f"the provider did not answer within {POST_WITHIN_S:g} s") from error
        except (ClientError, TwilioException, ConnectionError) as error:
            raise ResultUnknown(f"the provider's answer was lost ({type(error).__name__})") from error

    async def _looked(self, look: Callable[[Client], Awaitable[Accepted | None]]) -> Accepted | None:
        """What a look-up found; None as well when it failed."""
        from aiohttp import ClientError
        from twilio.base.exceptions import TwilioException

        try:
            async with asyncio.timeout(LOOK_WITHIN_S):
                return await look(self._rest())
        except (TwilioException, ClientError, TimeoutError, ConnectionError):
            return None

    def _rest(self) -> Client:
        """The SDK's client, made late (it takes a third of a second to import) and inside the running loop, as it must be."""
        if self._client is None:
            from twilio.http.async_http_client import AsyncTwilioHttpClient
            from twilio.rest import Client

            # Without `environment` the SDK would read a region from the process's and call another host (telephony.md 4).
            self._client = Client(self.account.account_sid, self.account.auth_token, http_client=AsyncTwilioHttpClient(), environment={"_": ""})
            self._client.api.base_url = self.account.api_base
        return self._client

    async def close(self) -> None:
        """Lets the connections go."""
        if self._client is not None:
            client: Any = self._client.http_client
            self._client = None
            await client.close()


class Refused(ChannelError):
    """Definitely refused by the API, for good; `code` is Twilio's, or the HTTP status where there is none."""

    def __init__(self, reason: str, *, code: int, way_broken: bool, tell_admins: bool) -> None:
        super().__init__(reason, permanent=True, way_broken=way_broken, tell_admins=tell_admins)
        self.code = code


def meaning(code: int | None, status: int) -> ChannelError | ResultUnknown:
    """What an error of the API says about what was posted: surely not taken, or unknown."""
    reason = twilio_errors.words(code if code != status else None, status)
    if status == 429 or code in twilio_errors.NEVER_PROCESSED:
        return ChannelError(reason, permanent=False)
    if status >= 500:
        return ResultUnknown(reason)
    account = code in twilio_errors.TELL_ADMINS or status in {401, 403}
    return Refused(reason, code=code or status, way_broken=code in twilio_errors.WAY_BROKEN, tell_admins=account)
