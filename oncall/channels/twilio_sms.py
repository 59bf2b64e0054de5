"""Texts by Twilio, with its own SDK: sends within a deadline, never posts twice by itself, and hears replies and receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall.channels import twilio_errors
from oncall.channels.channel import Accepted, Outgoing, Receipt
from oncall.channels.twilio_account import LOOKED_THROUGH, TwilioAccount, TwilioApi, account_of
from oncall.core.messages import Heard
from oncall.settings import Settings

if TYPE_CHECKING:
    from twilio.rest import Client

SHORTEST_VALID_S, LONGEST_VALID_S = 5, 36000
"""Twilio's limits of ValidityPeriod."""


class TwilioSms:
    """The way 'sms'."""

    way = "sms"

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        self._api = TwilioApi(account)

    @classmethod
    def of(cls, settings: Settings) -> TwilioSms | None:
        """The channel of the settings' account; None: it is off."""
        account = account_of(settings)
        return None if account is None else cls(account)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Texts `outgoing`; see Channel."""
        sender = self._account.number(outgoing.line)

        async def post(client: Client) -> Any:
            return await client.messages.create_async(
                to=outgoing.address,
                from_=sender,
                body=outgoing.text,
                status_callback=self._account.callback("/twilio/sms/status", outgoing.url_key),
                validity_period=min(max(int(outgoing.valid_for.total_seconds()), SHORTEST_VALID_S), LONGEST_VALID_S),
            )

        async def look(client: Client) -> Accepted | None:
            """The same words to the same number, and none that is known as another message."""
            found = await client.messages.list_async(to=outgoing.address, from_=sender, limit=LOOKED_THROUGH, page_size=LOOKED_THROUGH)
            same = (message for message in found if message.body == outgoing.text and message.sid not in outgoing.known_ids)
            return next((Accepted(provider_id=str(message.sid)) for message in same), None)

        return await self._api.send_once(post, look, again=outgoing.again)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._api.close()


def hear(form: Mapping[str, str], *, at: datetime, seed: str, line: str) -> Heard:
    """What a webhook of an incoming text says; pure. KeyError: a field that Twilio always sends is missing."""
    return Heard(at=at, seed=seed, way="sms", sender=form["From"], line=line, text=form.get("Body", ""), reference=form["MessageSid"])


def receipt(form: Mapping[str, str], *, at: datetime, url_key: str) -> Receipt:
    """What a status callback says; pure. KeyError: a field that Twilio always sends is missing."""
    status, code = form["MessageStatus"], form.get("ErrorCode", "")
    number = int(code) if code.isdigit() else None
    failed = status in {"failed", "undelivered"}
    return Receipt(
        at=at,
        url_key=url_key,
        status=status,
        reason=twilio_errors.words(number) if failed and number else (status if failed else ""),
        way_broken=failed and number in twilio_errors.WAY_BROKEN,
    )
