"""Mail addresses as people write them: what can be written to is kept, anything else is said."""

from __future__ import annotations

from oncall.settings import mailable


def usable(given: str) -> tuple[str, str]:
    """(`given` as mail servers take it, '') if it can be an address, else ('', a sentence that says why it cannot be written to)."""
    if not given:
        return "", ""
    try:
        return mailable(given), ""
    except ValueError:
        return "", "the contact's email is no mail address, so the customer cannot be written to; it stands in the details"
