"""Slack's Web API as we use it: within deadlines, never posted twice by the SDK, and every failure with its meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oncall.channels.channel import Accepted, ChannelError, ResultUnknown
from oncall.settings import Settings

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from slack_sdk.web.async_client import AsyncWebClient

CALL_WITHIN_S = 4.0
LOOK_WITHIN_S = 1.8
"""Deadlines of a call and of a look-up: a call and three look-ups (the person, before, after) stay under the 10 s of a send (decisions.md 7)."""
LOOKED_THROUGH = 50
"""Messages of a channel that a look-up goes through, the newest first."""
EVENT = "oncall"
"""The `event_type` of our messages' metadata, by which one whose answer was lost is found again."""

MEMBER = frozenset({"U", "W"})
"""The first letters of members' ids; 'W' in an organisation of several workspaces."""

TRY_AGAIN = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org"})
"""Errors that pass, and that say that nothing was done."""
MAYBE_DONE = frozenset({"fatal_error", "internal_error"})
"""Errors of which nobody can say whether something was done."""
NOBODY_THERE = frozenset({"users_not_found", "user_not_found", "channel_not_found", "account_inactive", "cannot_dm_bot", "is_archived"})
"""This address will not work until somebody changes something."""
ACCOUNT = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope", "not_in_channel", "no_permission"})
"""Our own app or settings are at fault: an admin has to mend them."""
WORDS = {
    "users_not_found": "Slack knows nobody with this e-mail",
    "user_not_found": "Slack knows no such member",
    "channel_not_found": "Slack knows no such channel or member",
    "account_inactive": "the account at Slack is closed",
    "is_archived": "the channel is archived",
    "invalid_auth": "Slack refuses our token",
    "not_authed": "Slack got no token",
    "token_revoked": "our token at Slack was revoked",
    "token_expired": "our token at Slack has expired",
    "missing_scope": "our Slack app lacks a scope",
    "not_in_channel": "our Slack app is not in the channel; invite it",
    "ratelimited": "too many requests at once",
}
"""The errors that an operator meets, in words; any other is named as Slack names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackMessage:
    """A message: its words for notifications and screen readers, and its blocks. `key` finds it again if the answer is lost."""

    text: str
    blocks: Sequence[dict[str, Any]]
    key: str


class SlackApi:
    """The SDK's client with what it lacks. Must be used inside the running loop."""

    def __init__(self, token: str, api_base: str) -> None:
        self.api_base = api_base
        self._token = token
        self._session: ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._users: dict[str, str] = {}

    @classmethod
    def of(cls, settings: Settings) -> SlackApi | None:
        """The API of the settings' app; None without a token."""
        token = settings.slack_bot_token.get_secret_value()
        return cls(token, settings.slack_api_base) if token else None

    async def post(self, channel: str, message: SlackMessage, thread_ts: str = "") -> Accepted:
        """Posts to a channel or a member; the id is 'channel/ts'. ChannelError: surely not posted. ResultUnknown: perhaps."""
        metadata = {"event_type": EVENT, "event_payload": {"key": message.key}}

        async def send(client: AsyncWebClient) -> Any:
            return await client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks),
                metadata=metadata,
                thread_ts=thread_ts or None,
                unfurl_links=False,
                unfurl_media=False,
            )

        answer = await self._call(send, CALL_WITHIN_S)
        if not (answer.get("channel") and answer.get("ts")):
            raise ResultUnknown("Slack's answer names no message")
        return Accepted(provider_id=f"{answer['channel']}/{answer['ts']}")

    async def update(self, posted: str, message: SlackMessage) -> None:
        """Changes a message of ours; `posted` is the id that posting gave. ChannelError: it cannot be changed. ResultUnknown: perhaps it is."""
        channel, _, ts = posted.partition("/")

        async def send(client: AsyncWebClient) -> Any:
            return await client.chat_update(channel=channel, ts=ts, text=message.text, blocks=list(message.blocks))

        await self._call(send, CALL_WITHIN_S)

    async def find(self, channel: str, key: str) -> Accepted | None:
        """The message with this key in a channel, None if it is not there. ChannelError, ResultUnknown: it could not be looked up."""

        async def look(client: AsyncWebClient) -> Any:
            # A member's direct messages have a channel of their own.
            room = (await client.conversations_open(users=channel))["channel"]["id"] if channel[:1] in MEMBER else channel
            history = await client.conversations_history(channel=room, limit=LOOKED_THROUGH, include_all_metadata=True)
            ours = [one["ts"] for one in history["messages"] if ((one.get("metadata") or {}).get("event_payload") or {}).get("key") == key]
            return [f"{room}/{ts}" for ts in ours]

        found = await self._call(look, LOOK_WITHIN_S)
        return Accepted(provider_id=found[0]) if found else None

    def known(self, address: str) -> str:
        """The member id that was found for an e-mail before; '' if none was."""
        return self._users.get(address, "")

    async def member(self, address: str) -> str:
        """The member id for an address of the handbook: itself, or by e-mail; remembered. ChannelError: there is none, or not now."""
        if "@" not in address:
            return address
        if address not in self._users:

            async def look(client: AsyncWebClient) -> Any:
                return (await client.users_lookupByEmail(email=address))["user"]["id"]

            self._users[address] = str(await self._call(look, LOOK_WITHIN_S, harmless=True))
        return self._users[address]

    async def _call(self, ask: Callable[[AsyncWebClient], Awaitable[Any]], within_s: float, *, harmless: bool = False) -> Any:
        """One request, and what its failure means. `harmless`: it changes nothing, so a lost answer is surely not done."""
        from aiohttp import ClientConnectorError, ClientError
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            async with asyncio.timeout(within_s):
                return await ask(self._web())
        except SlackApiError as error:
            raise refusal(error.response) from error
        except ClientConnectorError as error:
            raise ChannelError("Slack cannot be reached", permanent=False) from error
        except TimeoutError as error:
            reason = f"Slack did not answer within {within_s:g} s"
            raise (ChannelError(reason, permanent=False) if harmless else ResultUnknown(reason)) from error
        except (ClientError, SlackClientError, ConnectionError, ValueError, LookupError, TypeError, AttributeError) as error:
            # The last four: the SDK met an answer that is none of Slack's, or it lacks what it should have.
            reason = f"Slack's answer was lost ({type(error).__name__})"
            raise (ChannelError(reason, permanent=False) if harmless else ResultUnknown(reason)) from error

    def _web(self) -> AsyncWebClient:
        """The SDK's client, made late, with a session whose time-outs hold: one that is passed in voids the SDK's own (telephony.md 5)."""
        if self._client is None or self._session is None or self._session.closed:
            import aiohttp
            from slack_sdk.web.async_client import AsyncWebClient

            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_WITHIN_S), trust_env=False)
            # Its own retries post a second message when the connection drops after acceptance (telephony.md 0.5).
            self._client = AsyncWebClient(token=self._token, base_url=f"{self.api_base}/", session=self._session, retry_handlers=[])
        return self._client

    async def close(self) -> None:
        """Lets the connections go."""
        if self._session is not None:
            await self._session.close()


def refusal(response: Any) -> ChannelError | ResultUnknown:
    """What the answer to a refused call says. The SDK hands on what a proxy in between answered, too: no JSON, or no object."""
    data = getattr(response, "data", None)
    word = str(data.get("error") or "") if isinstance(data, dict) else ""
    return meaning(word, int(getattr(response, "status_code", 0)))


def meaning(error: str, status: int) -> ChannelError | ResultUnknown:
    """What an error of the API says about the message: surely not posted, or unknown."""
    reason = f"{WORDS[error]} ({error})" if error in WORDS else f"Slack refuses it: {error or status}"
    if error in TRY_AGAIN or status == 429:
        return ChannelError(reason, permanent=False)
    if error in MAYBE_DONE or not (error or 400 <= status < 500):
        return ResultUnknown(reason)
    return ChannelError(reason, permanent=True, way_broken=error in NOBODY_THERE, tell_admins=error in ACCOUNT)
