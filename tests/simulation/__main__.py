"""Plays seeds: `./dev simulate --seeds 500`, or one again with `--seed S [--trace]`."""

from __future__ import annotations

import argparse
import sys
import time

from oncall.core.invariants import Committed
from tests.simulation.run import Night, play


def main() -> int:
    """Plays what was asked for; 1 if a seed violates an invariant."""
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many nights")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one only")
    parser.add_argument("--trace", action="store_true", help="print everything that happened")
    asked = parser.parse_args()
    seeds = [asked.seed] if asked.seed is not None else range(asked.start, asked.start + asked.seeds)
    began, nights = time.perf_counter(), []
    for seed in seeds:
        night = play(seed)
        nights.append(night)
        if asked.trace:
            trace(night)
        for violation in night.violations[:5]:
            print(f"seed {seed}: {violation}\n  replay it: ./dev simulate --seed {seed} --trace")
    bad = [night for night in nights if night.violations]
    took_s = time.perf_counter() - began
    events, crashes, incidents = (sum(getattr(night, name) for night in nights) for name in ("events", "crashes", "incidents"))
    print(f"{len(nights)} nights, {incidents} incidents, {events} events, {crashes} crashes in {took_s:.1f} s: {len(bad)} with violations")
    return 1 if bad else 0


def trace(night: Night) -> None:
    """Prints a night, an event a line."""
    for event in night.history:
        if isinstance(event, Committed):
            decision = event.entry.decision
            orders = [f"{order.about}>{order.recipient}" for order in decision.orders]
            name = type(event.entry.fact).__name__
            print(f"{event.at:%H:%M:%S.%f} {decision.incident.id} {name} -> {decision.incident.status.value}: {decision.because} {orders}")
        else:
            print(f"{event.at:%H:%M:%S.%f} {event}")


if __name__ == "__main__":
    sys.exit(main())
