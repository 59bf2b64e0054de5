"""A Twilio, a Slack and a mail server of our own on loopback, with handsets in the browser: demo and tests use the real SDKs against them."""

from oncall.sandbox.line import Behaviour, Call
from oncall.sandbox.mailbox import Mail
from oncall.sandbox.sandbox import Sandbox
from oncall.sandbox.state import Handset, Misbehaviour, Numbers, SlackWorkspace, Text
from oncall.sandbox.telephones import NoCall
from oncall.sandbox.workspace import SlackMessage

__all__ = ["Behaviour", "Call", "Handset", "Mail", "Misbehaviour", "NoCall", "Numbers", "Sandbox", "SlackMessage", "SlackWorkspace", "Text"]
