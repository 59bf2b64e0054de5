"""Twilio's error codes and what they mean for a page: try again, another way, a broken address, or an account that an admin must mend."""

from __future__ import annotations

WORDS = {
    13224: "this is no telephone number",
    13227: "the account may not call this country",
    20003: "the account's credentials are refused",
    20005: "the account is not active",
    20404: "the provider does not know it",
    20429: "too many requests at once",
    21205: "our callback address is refused",
    21210: "our sender number is not verified for calls",
    21211: "this is no telephone number",
    21212: "our sender number is not valid",
    21213: "our sender number is missing",
    21214: "this number cannot be reached",
    21215: "the account may not call this number",
    21216: "the account may not call this number",
    21217: "this is no telephone number",
    21219: "a trial account may call only verified numbers",
    21220: "the call is over already",
    21408: "the account may not text this country",
    21606: "our sender number cannot send texts",
    21608: "a trial account may text only verified numbers",
    21610: "the reader has opted out of texts (STOP)",
    21611: "too many texts wait for our sender number",
    21612: "this number cannot be reached from our sender number",
    21614: "this number cannot receive texts",
    21617: "the text is too long",
    30001: "the provider's queue is full",
    30002: "the account is suspended",
    30003: "the handset is off or out of reach",
    30004: "the carrier blocks this message",
    30005: "this number does not exist",
    30006: "this is a landline or cannot receive texts",
    30007: "the carrier filtered it as unwanted",
    30008: "the carrier gives no reason",
    30032: "our sender number is not registered",
    30034: "our sender number is not registered with the carriers",
    30036: "it was not delivered in time",
    30410: "the carrier took too long",
}
"""The codes an operator meets, in words; an unknown one is named by its number (Twilio adds codes without notice)."""

WAY_BROKEN = frozenset({13224, 21211, 21214, 21217, 21610, 21612, 21614, 30005, 30006})
"""This address will not work until somebody changes something (telephony.md 1; decisions.md 38)."""

TELL_ADMINS = frozenset(
    {
        13227, 20003, 20005, 21205, 21210, 21212, 21213, 21215, 21216, 21219, 21408, 21603, 21606, 21608, 21609, 21703, 21704, 21705,
        30002, 30032, 30034, 30035,
    }
)  # fmt: skip
"""Our own account or settings are at fault: no page goes out until an admin mends them."""

NEVER_PROCESSED = frozenset({20429})
"""Surely not processed, so it is safe to send again (Twilio's words on 429)."""


def words(code: int | None, status: int | None = None) -> str:
    """What an error means, with its code; without a code, by the HTTP status."""
    if code in WORDS:
        return f"{WORDS[code]} ({code})"
    return f"provider's error {code}" if code else f"the provider answered {status}"
