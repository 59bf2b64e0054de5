"""Speaks and hears: one file a channel, listed in CHANNELS; a channel without credentials is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall.channels.channel import Accepted, Channel, ChannelError, Outgoing, Receipt, ResultUnknown
from oncall.channels.slack import SlackDirect
from oncall.channels.twilio_sms import TwilioSms
from oncall.channels.twilio_voice import TwilioVoice
from oncall.settings import Settings

__all__ = ["CHANNELS", "Accepted", "Channel", "ChannelError", "Outgoing", "Receipt", "ResultUnknown"]

CHANNELS: Mapping[str, Callable[[Settings], Channel | None]] = {"sms": TwilioSms.of, "voice": TwilioVoice.of, "slack": SlackDirect.of}
"""How each way is built from the settings; None: its credentials are missing, so it is off. Must be called inside the running loop."""
