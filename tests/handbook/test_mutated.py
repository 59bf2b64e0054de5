"""Whatever an edit does to the files, the reader answers with places and remedies, and never falls over."""

from __future__ import annotations

from oncall.handbook import parse
from tests.handbook.mutated import LOCK, NAMES, RICH, read_spoiled


def test_the_handbook_that_is_spoiled_can_be_read() -> None:
    """Otherwise every spoiled one would fail for the same reason."""
    reading = parse(dict(zip(NAMES, (RICH, LOCK), strict=True)))
    assert reading.handbook is not None, [str(one) for one in reading.problems]


def test_a_thousand_spoiled_handbooks_never_crash_the_reader_and_always_name_a_place() -> None:
    """Twenty times as many: `python -m tests.handbook.mutated 20000`."""
    found = read_spoiled(1000, seed=2)
    assert found.faults == ()
    assert 0 < found.readable < 500
