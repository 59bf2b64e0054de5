"""What can go wrong on purpose, in the words of the page: each has a name and what it sets."""

from __future__ import annotations

from oncall.sandbox.state import Misbehaviour

LATE_S = 60.0
HANG_S = 30.0
FAULTS = {
    "works": Misbehaviour(),
    "refuses": Misbehaviour(refuse=(503, 20503)),
    "hangs": Misbehaviour(hang_s=HANG_S),
    "loses the answer": Misbehaviour(lose_answer=True),
    "repeats": Misbehaviour(receipts_times=2),
    "is late": Misbehaviour(late_s=LATE_S),
    "delivers nothing": Misbehaviour(deliver=False),
}
"""`is late` is in the sandbox's time; a daemon waits for an answer as long as it does, so `hangs` is in real seconds."""
SET_BY_A_TEST = "goes wrong in a way of its own"


def fault_of(wrong: Misbehaviour) -> str:
    """The name of what goes wrong."""
    return next((name for name, fault in FAULTS.items() if fault == wrong), SET_BY_A_TEST)
