"""Speaks and hears: one file a channel, listed in CHANNELS; a channel without credentials is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall.channels.channel import Accepted, Channel, ChannelError, Outgoing, Receipt, ResultUnknown
from oncall.channels.email import Email
from oncall.channels.slack import SlackDirect
from oncall.channels.twilio_sms import TwilioSms
from oncall.channels.twilio_voice import TwilioVoice
from oncall.settings import Settings

__all__ = ["CHANNELS", "TO_CUSTOMERS_ONLY", "Accepted", "Channel", "ChannelError", "Outgoing", "Receipt", "ResultUnknown"]

CHANNELS: Mapping[str, Callable[[Settings], Channel | None]] = {
    "sms": TwilioSms.of,
    "voice": TwilioVoice.of,
    "slack": SlackDirect.of,
    "email": Email.of,
}
"""How each way is built from the settings; None: its credentials are missing, so it is off. Must be called inside the running loop."""
TO_CUSTOMERS_ONLY = frozenset({"email"})
"""Ways by which nobody of ours is paged, so that being able to use them is not being able to page."""
