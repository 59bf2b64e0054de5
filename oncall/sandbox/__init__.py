"""A Twilio of our own on loopback, with handsets in the browser: demo and tests use the real SDK against it."""

from oncall.sandbox.sandbox import Sandbox
from oncall.sandbox.state import Handset, Misbehaviour, Numbers, Text

__all__ = ["Handset", "Misbehaviour", "Numbers", "Sandbox", "Text"]
