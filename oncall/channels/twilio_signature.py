"""Whether Twilio sent a request: the HMAC over the public URL and the form, compared in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Sequence


def signed_by_twilio(auth_token: str, url: str, form: Sequence[tuple[str, str]], signature: str | None) -> bool:
    """Whether `signature` (the header X-Twilio-Signature) is right for `url`, exactly as Twilio called it, and the fields of `form`.

    Names that occur several times and empty values are signed as well. The signature carries no time, so a replay is right too:
    whoever takes the fact must know it by its message id.
    """
    from twilio.request_validator import RequestValidator

    if not signature or not auth_token or not signature.isascii():
        return False
    params: dict[str, list[str]] = {}
    for name, value in form:
        params.setdefault(name, []).append(value)
    expected = RequestValidator(auth_token).compute_signature(url, Multi(params))
    return hmac.compare_digest(expected, signature)


class Multi(dict[str, list[str]]):
    """A form as the SDK's validator wants it: several values of a name by getall()."""

    def getall(self, name: str) -> list[str]:
        """All values of `name`."""
        return self[name]
