"""Hunts one mutant: plays seeds on the package in the folder given, and prints the invariants that were violated first."""

from __future__ import annotations

import sys

from tests.simulation.run import play


def main() -> int:
    """0 and the invariants ('died': the engine did) if some seed of the first `sys.argv[1]` violates one; 1 if none does."""
    for seed in range(int(sys.argv[1])):
        try:
            found = sorted({violation.invariant for violation in play(seed).violations})
        except AssertionError:
            found = ["died"]
        if found:
            print(seed, *found)
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
