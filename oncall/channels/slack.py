"""Direct messages in Slack: the words, and the buttons that answer them; a message wakes nobody, so it replaces no other way."""

from __future__ import annotations

from typing import Any

from oncall.channels.channel import Accepted, ChannelError, Outgoing, ResultUnknown
from oncall.channels.slack_api import SlackApi, SlackMessage
from oncall.core.asks import ask_of
from oncall.core.buttons import BUTTONS_ABOUT, SEVERITY_ABOUT, ask_buttons, buttons, escaped, marked, severity_menu
from oncall.settings import Settings

LONGEST_SECTION = 3000
"""Slack refuses a section with more characters."""


class SlackDirect:
    """The way 'slack'."""

    way = "slack"

    def __init__(self, api: SlackApi) -> None:
        self.api = api

    @classmethod
    def of(cls, settings: Settings) -> SlackDirect | None:
        """The channel of the settings' app; None: it is off."""
        api = SlackApi.of(settings)
        return None if api is None else cls(api)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Writes to a member; see Channel. A message whose answer was lost is looked up by its key, never posted again here."""
        member = await self.api.member(outgoing.address)
        if outgoing.again and (found := await self._find(member, outgoing)):
            return found
        try:
            return await self.api.post(member, message_of(outgoing))
        except ResultUnknown:
            if found := await self._find(member, outgoing):
                return found
            raise

    async def _find(self, member: str, outgoing: Outgoing) -> Accepted | None:
        """The message, if it can be looked up and is there; a page that may not be there is rather sent twice than not at all."""
        try:
            return await self.api.find(member, outgoing.url_key)
        except (ChannelError, ResultUnknown):
            return None

    async def close(self) -> None:
        """Lets the connections go."""
        await self.api.close()


def message_of(outgoing: Outgoing) -> SlackMessage:
    """The message of an order: its whole sentence, and the buttons that fit what it is about."""
    blocks: list[dict[str, Any]] = [{"type": "section", "text": marked(escaped(outgoing.text, LONGEST_SECTION))}]
    actions, ask = BUTTONS_ABOUT.get(outgoing.about, ()), ask_of(outgoing.order)
    elements = buttons(actions, outgoing.incident, outgoing.turn) if outgoing.incident else ask_buttons(outgoing.about, ask) if ask else []
    if outgoing.incident and outgoing.about in SEVERITY_ABOUT:
        elements = [*elements, *severity_menu(outgoing.severities, outgoing.severity, outgoing.incident, outgoing.turn)]
    if elements:
        blocks.append({"type": "actions", "block_id": "oncall_actions", "elements": elements})
    return SlackMessage(text=escaped(outgoing.text, LONGEST_SECTION), blocks=blocks, key=outgoing.url_key)
