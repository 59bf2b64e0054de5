"""Socket Mode: Slack's clicks over a connection that we open, for who has no public address; whatever fails, a new client is built."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from oncall.store import StoreUnavailable

if TYPE_CHECKING:
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

log = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 10.0
"""The SDK would try a refused handshake for ever with the same ticket, which is good for one (telephony.md 0.6)."""
SILENT_AFTER_S = 20.0
"""The SDK pings every five seconds; a connection without any sign for this long is dead."""
PING_EVERY_S = 5.0
LOOK_EVERY_S = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""The pause before a new client, doubled after each that could not connect."""
CLOSE_WITHIN_S = 3.0
WEB_WITHIN_S = 5


class SlackSocket:
    """Keeps one connection to Slack. `clicked` takes the payload of an interaction (web.slack_clicks)."""

    def __init__(self, *, app_token: str, api_base: str, clicked: Callable[[Mapping[str, Any]], Awaitable[str]]) -> None:
        self._app_token = app_token
        self._api_base = api_base
        self._clicked = clicked
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._heard = 0.0
        self._answers: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Ends run()."""
        self._stopping.set()

    async def run(self) -> None:
        """Connects, watches, and builds anew until stop(); no trouble of Slack ends it."""
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            client = self._client()
            try:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    await client.connect()  # type: ignore[no-untyped-call]  # the SDK leaves its type out
                log.info("Slack's clicks come over a socket")
                pause_s = FIRST_PAUSE_S
                await self._watch(client)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the remedy is a new client; pages do not need Slack
                log.warning("no connection to Slack for its buttons; trying again", reason=type(error).__name__, in_s=pause_s)
            finally:
                await close(client)
            await wait(self._stopping, pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _client(self) -> SocketModeClient:
        """A client of the SDK that does nothing by itself but answer pings."""
        from slack_sdk.socket_mode.aiohttp import SocketModeClient
        from slack_sdk.web.async_client import AsyncWebClient

        # Its errors name the address with the ticket; what matters of them we log ourselves.
        silent = logging.getLogger(f"{__name__}.sdk")
        silent.setLevel(logging.CRITICAL + 1)
        web = AsyncWebClient(base_url=f"{self._api_base}/", timeout=WEB_WITHIN_S, retry_handlers=[], logger=silent)
        client = SocketModeClient(app_token=self._app_token, web_client=web, auto_reconnect_enabled=False, ping_interval=PING_EVERY_S, logger=silent)
        self._over.clear()
        client.on_message_listeners.append(self._message)
        client.socket_mode_request_listeners.append(self._request)
        return client

    async def _watch(self, client: SocketModeClient) -> None:
        """Returns when the connection is over: closed, told to go, or silent for too long."""
        pong: float | None = None
        self._heard = monotonic()
        while not self._stopping.is_set() and not self._over.is_set() and await client.is_connected():
            if client.last_ping_pong_time != pong:
                pong, self._heard = client.last_ping_pong_time, monotonic()
            if monotonic() - self._heard > SILENT_AFTER_S:
                log.warning("the connection to Slack is silent; building a new one")
                return
            await wait(self._over, LOOK_EVERY_S)

    async def _message(self, message: Any) -> None:
        """Something came."""
        self._heard = monotonic()
        if '"type":"disconnect"' in str(message.data).replace(" ", ""):
            self._over.set()

    async def _request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """An envelope; decided beside the connection, so that a slow store does not hold up the next."""
        task = asyncio.create_task(self._decide(client, request))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _decide(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Takes a click, then acknowledges it; one that could not be stored is not, so that its presser sees a failure (decisions.md 37)."""
        from slack_sdk.socket_mode.response import SocketModeResponse

        try:
            if request.type == "interactive":
                await self._clicked(request.payload)
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        except StoreUnavailable as error:
            log.error("a click in Slack could not be stored", reason=str(error))
        except Exception as error:  # noqa: BLE001 -- a click that fails must not end the connection for the others
            log.warning("a click in Slack could not be answered", reason=type(error).__name__)


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Waits for `event`, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def close(client: SocketModeClient) -> None:
    """Lets a client go, whatever state it is in."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await client.close()  # type: ignore[no-untyped-call]  # the SDK leaves its type out
    except Exception as error:  # noqa: BLE001 -- it is thrown away; what it still holds ends with its session
        log.debug("a client of Slack did not close", reason=type(error).__name__)
