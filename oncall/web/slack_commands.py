"""Slash commands of Slack: /oncall says who is on call, /cover asks for cover; the same for HTTP and Socket Mode, seen by who typed alone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from oncall.core.buttons import escaped
from oncall.core.messages import Heard
from oncall.core.model import Handbook
from oncall.core.notices import told_rotations
from oncall.core.schedule import current_duty
from oncall.core.wording import clock_text
from oncall.engine import Engine
from oncall.web.slack_clicks import nobody_known, word

TRIGGER = re.compile(r"[A-Za-z0-9_.-]{1,200}")
LONGEST_WORDS, LONGEST_ANSWER = 200, 3000
KNOWN = "I know two commands: /oncall says who is on call, /cover asks for cover of your next duty, /cover fri 18:00 to sat 08:00 of these hours."


class Commands:
    """Takes slash commands. `person` finds the person that a member is, '' if none."""

    def __init__(
        self, *, engine: Engine, handbook: Callable[[], Handbook], now: Callable[[], datetime], person: Callable[[str], Awaitable[str]]
    ) -> None:  # fmt: skip
        self._engine = engine
        self._handbook = handbook
        self._now = now
        self._person = person

    async def commanded(self, payload: Mapping[str, Any]) -> str:
        """What is said to who typed a command that Slack signed. StoreUnavailable: nothing was done, and Slack shows its failure."""
        command, member = str(payload.get("command", "")), word(payload.get("user_id"))
        if command == "/oncall":
            return on_call_words(self._handbook(), self._now())
        if command != "/cover":
            return KNOWN
        who = await self._person(member) if member else ""
        if not who:
            return nobody_known(member or "U0...")
        trigger = str(payload.get("trigger_id", ""))
        reference = f"{member}:{trigger if TRIGGER.fullmatch(trigger) else secrets.token_hex(8)}"
        words = f"cover {str(payload.get('text', ''))[:LONGEST_WORDS]}"
        heard = Heard(at=self._now(), seed=secrets.token_hex(16), way="slack", sender=who, line="staff", text=words, reference=reference)
        return (await self._engine.take(heard, key=f"slack:{reference}")).because


def on_call_words(handbook: Handbook, at: datetime) -> str:
    """Who is on call for each rotation of which somebody may be called, and until when."""
    lines = [f"*{escaped(name, 80)}*: {duty_words(handbook, name, at)}" for name in told_rotations(handbook)]
    return "\n".join(lines)[:LONGEST_ANSWER] or "No escalation pages a rotation."


def duty_words(handbook: Handbook, rotation: str, at: datetime) -> str:
    """One rotation, on the company's clock."""
    duty = current_duty(handbook, rotation, at)
    people = ", ".join(escaped(handbook.people[who].name, 80) for who in duty.people if who in handbook.people)
    until = f" until {clock_text(duty.end, handbook.timezone, at)}" if duty.end else ""
    return f"{people or 'nobody'}{until}"
