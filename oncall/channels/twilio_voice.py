"""Calls by Twilio: rings a handset shorter than a mailbox waits, ends a call that still rings, and hears keys and statuses."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall.channels import twilio_errors
from oncall.channels.channel import Accepted, Outgoing, Receipt
from oncall.channels.twilio_account import LOOKED_THROUGH, Refused, TwilioAccount, TwilioApi, account_of
from oncall.core.messages import Heard
from oncall.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client

RING_S = 20
"""Seconds a handset rings: most mailboxes take over after 25 to 30 (telephony.md 3)."""
LONGEST_CALL_S = 300
"""A call ends after this long whatever happens: something that sends tones for ever must not hold it."""
EVENTS = ["initiated", "ringing", "answered", "completed"]
"""The statuses we are told of; a list, because Twilio wants the field repeated (telephony.md 3)."""
UNDER_WAY = frozenset({"queued", "initiated", "ringing", "in-progress"})
"""A call whose answer was lost a moment ago has one of these; what is over by now belongs to an earlier order."""
OVER_ALREADY = frozenset({404, 20404, 21220})
"""There is no such call, or it is in no state to be ended: whoever wanted it ended has what they wanted."""
REMEMBERED = 200
"""Ids of our newest calls, so that none of them is taken for one whose answer was lost."""
NO_SUCH_NUMBER = frozenset({"404", "410", "604"})
"""SIP answers that say the number does not exist; it will not until somebody changes something."""
UNREACHABLE = "480"
"""SIP: temporarily unavailable. The handset is off or out of reach, which is nobody answering and no failure (telephony.md 3)."""
ENDINGS = {
    "busy": "it was busy or turned away",
    "no-answer": "nobody answered",
    "completed": "it was answered, and ended without a key that takes it",
}
"""How a call ends that was placed; only a key acknowledges, so none of these does."""


class TwilioVoice:
    """The way 'voice'. No machine detection: it is wrong too often, delays the first word, and only a key counts anyway."""

    way = "voice"

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._api = TwilioApi(account)
        self._placed: deque[str] = deque(maxlen=REMEMBERED)

    @classmethod
    def of(cls, settings: Settings) -> TwilioVoice | None:
        """The channel of the settings' account; None: it is off."""
        account = account_of(settings)
        return None if account is None else cls(account)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Calls the number of `outgoing`, or ends the call that its address names; see Channel."""
        return await (self._hang_up(outgoing) if outgoing.kind == "hang_up" else self._call(outgoing))

    async def _call(self, outgoing: Outgoing) -> Accepted:
        """Places a call. What it says is asked of us when somebody answers, so it is the truth of then."""
        sender = self._account.number(outgoing.line)
        script = self._account.callback("/twilio/voice", outgoing.url_key)

        async def post(client: Client) -> Any:
            return await client.calls.create_async(
                to=outgoing.address,
                from_=sender,
                url=script,
                fallback_url=script,
                status_callback=self._account.callback("/twilio/voice/status", outgoing.url_key),
                status_callback_event=EVENTS,
                timeout=RING_S,
                time_limit=LONGEST_CALL_S,
            )

        async def look(client: Client) -> Accepted | None:
            """A call to the same number that is under way and that is no other order's."""
            found = await client.calls.list_async(to=outgoing.address, from_=sender, limit=LOOKED_THROUGH, page_size=LOOKED_THROUGH)
            others = outgoing.known_ids.union(self._placed)
            ours = (call for call in found if str(call.status) in UNDER_WAY and call.sid not in others)
            return next((Accepted(provider_id=str(call.sid)) for call in ours), None)

        accepted = await self._api.send_once(post, look, again=outgoing.again)
        self._placed.append(accepted.provider_id)
        return accepted

    async def _hang_up(self, outgoing: Outgoing) -> Accepted:
        """Ends a call that is queued or rings; who listens already hears with the next key who took it. Done twice it is done once."""

        async def post(client: Client) -> Any:
            return await client.calls(outgoing.address).update_async(status="canceled")

        try:
            await self._api.patiently(post)
        except Refused as refused:
            if refused.code not in OVER_ALREADY:
                raise
        return Accepted(provider_id=outgoing.address)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._api.close()


def hear(form: Mapping[str, str], *, at: datetime, seed: str, url_key: str, digits: str, press: int) -> Heard:
    """A key in a call of ours, the `press`-th of that call; pure. KeyError: a field that Twilio always sends is missing.

    `sender` is the number that we called: it is who stands behind the key.
    """
    reference = f"{form['CallSid']}:{press}"
    return Heard(at=at, seed=seed, way="voice", sender=form["To"], line="staff", text=digits, reference=reference, about=url_key)


def receipt(form: Mapping[str, str], *, at: datetime, url_key: str) -> Receipt:
    """What a status callback of a call says; pure. KeyError: a field that Twilio always sends is missing.

    The handset that is off counts as one that nobody answers; 'failed' is left for calls that could not be placed.
    """
    status, sip, code = form["CallStatus"], form.get("SipResponseCode", ""), form.get("ErrorCode", "")
    if status == "failed" and sip == UNREACHABLE:
        return Receipt(at=at, url_key=url_key, status="no-answer", reason=f"the handset is off or out of reach (SIP {sip})")
    if status != "failed":
        return Receipt(at=at, url_key=url_key, status=status, reason=ENDINGS.get(status, ""))
    number = int(code) if code.isascii() and code.isdigit() else None
    broken = sip in NO_SUCH_NUMBER or number in twilio_errors.WAY_BROKEN
    return Receipt(at=at, url_key=url_key, status=status, reason=failure(sip, number), way_broken=broken)


def failure(sip: str, number: int | None) -> str:
    """Why a call could not be placed, in words with the code that says so."""
    if number:
        return twilio_errors.words(number)
    if sip in NO_SUCH_NUMBER:
        return f"this number does not exist (SIP {sip})"
    return f"the call could not be placed (SIP {sip})" if sip.isascii() and sip.isdigit() else "the call could not be placed"
