"""Five hundred nights without a violation, the same seed twice, and the checker's own proof: planted faults are found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.run import play

ROOT = Path(__file__).parents[2]
SEEDS, CHUNK = 500, 25
HUNTED = 200
"""A planted fault has to show within this many nights."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_night_violates_an_invariant(first: int) -> None:
    """Whatever people, carriers, crashes and clocks do, the invariants hold; a failing seed says how to replay it."""
    for seed in range(first, first + CHUNK):
        found = [str(violation) for violation in play(seed).violations]
        assert not found, "\n".join([*found[:5], f"replay it: ./dev simulate --seed {seed} --trace"])


def test_the_same_seed_plays_the_same_night() -> None:
    """Otherwise a failing seed could not be replayed."""
    for seed in (2, 3):
        assert play(seed).fingerprint == play(seed).fingerprint


def test_other_seeds_play_other_nights() -> None:
    """Otherwise five hundred nights would be one."""
    assert len({play(seed, hours=0.5).fingerprint for seed in range(6)}) == 6


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_checker_finds_a_planted_fault(mutant: Mutant, tmp_path: Path) -> None:
    """The checker names the invariant that the fault breaks; a checker that finds nothing would pass every night too."""
    plant(mutant, tmp_path)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    hunt = subprocess.run(
        [sys.executable, "-m", "tests.simulation.hunt", str(HUNTED)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert hunt.returncode == 0, f"no seed below {HUNTED} shows it\n{hunt.stderr[-2000:]}"
    named = set(hunt.stdout.split()[1:])
    assert named & set(mutant.found_as), f"found as {hunt.stdout.strip()}, expected one of {mutant.found_as}"


def plant(mutant: Mutant, folder: Path) -> None:
    """Puts a copy of the package with the fault into `folder`; a fault that does not fit the source any more fails."""
    shutil.copytree(ROOT / "oncall", folder / "oncall", ignore=shutil.ignore_patterns("__pycache__"))
    target = folder / "oncall" / mutant.file
    source = target.read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"the planted fault does not fit {mutant.file} any more; write it anew"
    target.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
