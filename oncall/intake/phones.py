"""Telephone numbers as people write them, turned into the international form that carriers take."""

from __future__ import annotations

import phonenumbers


def international(given: str) -> tuple[str, str]:
    """(`given` in E.164, '') if it can be a number, else ('', a sentence that says why it cannot be texted)."""
    if not given:
        return "", ""
    text = "+" + given[2:] if given.startswith("00") else given
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return "", "the contact's phone is not in international form (+1 512 ...), so the customer cannot be texted; it stands in the details"
    if not phonenumbers.is_possible_number(number):
        return "", "the contact's phone cannot exist (too short or too long), so the customer cannot be texted; it stands in the details"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""
