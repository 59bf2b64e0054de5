"""Slack's clicks without a public address: Socket Mode, with a watchdog that makes a new client whenever the connection is not sound."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from oncall.store import StoreUnavailable

if TYPE_CHECKING:
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger(__name__)

PING_EVERY_S = 5.0
"""The SDK pings this often and takes a connection for dead after four pings without an answer: 20 s (telephony.md 5)."""
ASK_WITHIN_S, CONNECT_WITHIN_S, HELLO_WITHIN_S = 4.0, 4.5, 5.0
"""Deadlines of the ticket, of the handshake, and of Slack's hello. The handshake's is shorter than the SDK's pause of PING_EVERY_S before
it would try the same one-use ticket again (telephony.md 0.6), so a client tries once."""
LOOK_EVERY_S = 1.0
CLOSE_WITHIN_S = 1.0
BACKOFF_S, LONGEST_BACKOFF_S = 1.0, 60.0
"""The pause before the next client, from the second connection in a row on that did not come about or did not last; doubled each time."""
LASTS_S = 30.0
"""A connection that lived this long was a sound one: the next one is made at once."""
SAID_AGAIN_S = 3600.0
"""The same trouble is logged once in this span."""

Heard = Callable[[Mapping[str, Any]], Awaitable[str]]
"""What takes a payload of Slack, and says what came of it."""


class SlackSocket:
    """The part of the daemon that hears clicks and commands over Socket Mode. Nothing of Slack's ends it; what is not decided is not acknowledged."""

    def __init__(self, *, app_token: str, api_base: str, clicked: Heard, commanded: Heard) -> None:
        self._app_token = app_token
        self._api_base = api_base
        self._clicked = clicked
        self._commanded = commanded
        self._stopping = asyncio.Event()
        self._said: dict[str, float] = {}

    def stop(self) -> None:
        """Ends run() within a few seconds."""
        self._stopping.set()

    async def run(self) -> None:
        """Keeps one sound connection until stop(): a new one stands before the old one is let go, so that no click falls between them."""
        now, link, failures = asyncio.get_running_loop().time, None, 0
        try:
            while not self._stopping.is_set():
                fresh, began = await self._connected(), now()
                if link is not None:
                    await link.let_go()
                link = fresh
                if link is not None:
                    await self._until_unsound(link)
                failures = 0 if link is not None and now() - began >= LASTS_S else failures + 1
                if failures > 1:
                    await self._pause(min(BACKOFF_S * 2 ** min(failures - 2, 10), LONGEST_BACKOFF_S))
        finally:
            if link is not None:
                await link.let_go()

    async def _connected(self) -> Link | None:
        """A new client that Slack has greeted; None if that did not come about."""
        link = Link(self._app_token, self._api_base, self._hear)
        try:
            await link.open()
        except asyncio.CancelledError:
            await link.let_go()
            raise
        except Exception as error:  # noqa: BLE001 -- the SDK raises what it likes; whatever it is, the next client is tried after a pause
            self._say("clicks in Slack cannot be heard over Socket Mode", said_by_slack(error))
            await link.let_go()
            return None
        log.info("clicks in Slack are heard over Socket Mode")
        return link

    async def _until_unsound(self, link: Link) -> None:
        """Waits until the connection is over, dead or asked to end, or until stop()."""
        while not self._stopping.is_set() and await link.is_sound():
            await self._pause(LOOK_EVERY_S)

    async def _pause(self, seconds: float) -> None:
        """Waits, but not beyond stop()."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """An envelope: decided, then acknowledged. Without the acknowledgement Slack shows its failure to who clicked (decisions.md 37)."""
        from slack_sdk.socket_mode.response import SocketModeResponse

        answer: dict[str, str] | None = None
        try:
            if request.type == "interactive":
                await self._clicked(request.payload)
            elif request.type == "slash_commands":
                answer = {"response_type": "ephemeral", "text": await self._commanded(request.payload)}
        except StoreUnavailable as error:
            self._say("what was clicked or typed in Slack was not stored", str(error))
            return
        except Exception:
            log.exception("what was clicked or typed in Slack could not be taken")
            return
        try:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
        except Exception as error:  # noqa: BLE001 -- the click has been taken; the channel's message says so though this connection is gone
            self._say("a click in Slack was taken but not acknowledged", type(error).__name__)

    def _say(self, what: str, reason: str) -> None:
        """Logs trouble, the same once an hour."""
        now = asyncio.get_running_loop().time()
        last = self._said.get(f"{what}: {reason}")
        if last is None or now - last >= SAID_AGAIN_S:
            self._said = {**{known: at for known, at in self._said.items() if now - at < SAID_AGAIN_S}, f"{what}: {reason}": now}
            log.warning(what, reason=reason)


class Link:
    """One client of the SDK for one connection. It never connects twice: what comes after it is another Link."""

    def __init__(self, app_token: str, api_base: str, hear: Callable[[AsyncBaseSocketModeClient, SocketModeRequest], Awaitable[None]]) -> None:
        from slack_sdk.socket_mode.aiohttp import SocketModeClient
        from slack_sdk.web.async_client import AsyncWebClient

        self._greeted, self._over = asyncio.Event(), asyncio.Event()
        web = AsyncWebClient(base_url=f"{api_base}/", timeout=int(ASK_WITHIN_S), retry_handlers=[], logger=silent())
        self._client: SocketModeClient = SocketModeClient(
            app_token=app_token, web_client=web, logger=silent(), auto_reconnect_enabled=False, ping_interval=PING_EVERY_S
        )
        self._client.message_listeners.append(self._message_came)
        self._client.socket_mode_request_listeners.append(hear)
        # Slack asks to come again every few hours; the SDK would then close the old connection first, and try a used ticket for ever.
        self._client.connect_to_new_endpoint = self._asked_to_end  # type: ignore[method-assign]  # one owner of connecting, and that is run()

    async def open(self) -> None:
        """Connects with a ticket of its own and waits for Slack's hello. Raises what the SDK raises, TimeoutError if it takes too long."""
        async with asyncio.timeout(ASK_WITHIN_S):
            self._client.wss_uri = await self._client.issue_new_wss_url()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await self._client.connect()  # type: ignore[no-untyped-call]  # the SDK has no type there
        async with asyncio.timeout(HELLO_WITHIN_S):
            await self._greeted.wait()

    async def is_sound(self) -> bool:
        """Whether the connection stands, answers pings, and Slack has not asked to end it."""
        return not self._over.is_set() and await self._client.is_connected()

    async def let_go(self) -> None:
        """Closes the connection and everything that the client started, also when the other side is silent."""
        client = self._client
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await client.close()  # type: ignore[no-untyped-call]  # the SDK has no type there
        except Exception as error:  # noqa: BLE001 -- a connection that is let go may fail as it likes
            log.debug("a connection to Slack did not close well", reason=type(error).__name__)
        tasks = [task for task in (client.message_processor, client.current_session_monitor, client.message_receiver) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aiohttp_client_session.close()

    async def _message_came(self, _client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None = None) -> None:
        """Slack's hello says that the connection is good."""
        if message.get("type") == "hello":
            self._greeted.set()

    async def _asked_to_end(self, force: bool = False) -> None:  # noqa: ARG002 -- the SDK's own signature
        """Slack is going to close this connection."""
        self._over.set()


def said_by_slack(error: Exception) -> str:
    """An error in a word; never in the SDK's own words, for those carry the address with its ticket."""
    from slack_sdk.errors import SlackApiError

    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "")) or f"status {error.response.status_code}"
    return "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__


def silent() -> logging.Logger:
    """A logger for the SDK that says nothing: it would write addresses with tickets, and the same trouble every five seconds."""
    logger = logging.getLogger("slack_sdk.socket_mode.quiet")
    logger.setLevel(logging.CRITICAL + 1)
    return logger
