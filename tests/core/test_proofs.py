"""Each proof finds what it is for, and the example has nothing to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall.core.proofs import EXPLANATIONS, PROOFS, prove
from oncall.handbook import parse, read
from tests.core.rotas import utc
from tests.handbook.test_messages import GOOD

ROOT = Path(__file__).parents[2]
NOW = utc("2026-07-01T00:00")


def codes(content: str) -> list[str]:
    """What is found about one file in four weeks."""
    handbook = parse({"config/all.yaml": content}).handbook
    assert handbook is not None
    return [finding.code for finding in prove(handbook, NOW, 28)]


def test_a_good_handbook_has_no_findings() -> None:
    """Otherwise the rest would prove nothing."""
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("AH110", "ana: {name: Ana Example, phone: +44 7700 900001}", "ana: {name: Ana Example}"),
        ("AH117", "+44 7700 900002", "+44 7700 900001"),
        ("AH120", "wait: 5m", "wait: 2m"),
        ("AH204", "    handover: mon 09:00\n", "    handover: mon 09:00\n    hours: office\n"),
        ("AH210", "[{page: support, wait: 5m}]", "[{page: ana, wait: 5m}, {page: ana, wait: 5m}]"),
        ("AH301", "  main: [", "  idle: [{page: ben, wait: 5m}]\n  main: ["),
    ],
)
def test_each_proof_finds_what_it_is_for(code: str, old: str, new: str) -> None:
    """And says where."""
    assert code in codes(GOOD.replace(old, new))
    assert code in PROOFS


def test_every_code_is_explained() -> None:
    """For `oncall check --explain`."""
    assert all(len(words) > 40 for words in EXPLANATIONS.values())
    assert set(EXPLANATIONS) == set(PROOFS)


@pytest.mark.parametrize("day", ["2026-11-24", "2026-03-01", "2027-01-01"])
def test_the_example_has_no_findings_for_56_days(day: str) -> None:
    """Example files are free of findings (decisions.md 44)."""
    handbook = read(ROOT / "config", ROOT / "rotations").handbook
    assert handbook is not None
    assert prove(handbook, utc(day), 56) == ()


def test_a_gap_is_named_in_local_time_with_its_length() -> None:
    """So that somebody can fill it."""
    handbook = parse({"config/all.yaml": GOOD.replace("    handover: mon 09:00\n", "    handover: mon 09:00\n    hours: office\n")}).handbook
    assert handbook is not None
    gaps = [finding for finding in prove(handbook, NOW, 3) if finding.code == "AH204"]
    assert "nobody is on call for 'support' from Wed 2026-07-01 17:00 to Thu 2026-07-02 08:00 (15 h)" in [finding.what for finding in gaps]
