"""The parts of the Slack workspace put together: what is in it, its API, its sockets, its clicks, its part of the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.routing import BaseRoute

from oncall.sandbox.slack_api import SlackApi
from oncall.sandbox.slack_hooks import SlackHooks
from oncall.sandbox.slack_page import SlackPage
from oncall.sandbox.socket_mode import SocketMode
from oncall.sandbox.state import Handset, SlackWorkspace, State
from oncall.sandbox.webhooks import Webhooks
from oncall.sandbox.workspace import Workspace


class Slack:
    """A workspace that stands. `url` is where the sandbox itself listens."""

    def __init__(
        self,
        keys: SlackWorkspace,
        state: State,
        handsets: list[Handset],
        webhooks: Webhooks,
        now: Callable[[], datetime],
        url: Callable[[], str],
    ) -> None:
        self.workspace = Workspace(keys, state, handsets, now)
        self.sockets = SocketMode(state)
        self.hooks = SlackHooks(state, self.workspace, self.sockets, webhooks, now, url)
        self.page = SlackPage(state, self.workspace, self.hooks)
        self._api = SlackApi(state, self.workspace, url, self.sockets.opened)

    def routes(self) -> list[BaseRoute]:
        """Every route of it."""
        return [*self._api.routes(), *self.hooks.routes(), *self.page.routes()]
