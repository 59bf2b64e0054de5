"""LISTENS: each intake turns bytes into a `Reported` fact or a refusal in plain words; INTAKES lists them."""

from collections.abc import Mapping

from oncall.intake import api, form, spool
from oncall.intake.report import NotNow, Read, Received, Refused

INTAKES: Mapping[str, Read] = {"api": api.read, "form": form.read, "spool": spool.read}
"""Every intake by name. A new one is a file of this folder and a line here; the contract tests run over all of them."""

__all__ = ["INTAKES", "NotNow", "Read", "Received", "Refused"]
