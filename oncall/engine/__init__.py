"""Carries decisions out: take(fact) stores, decides and commits; the loop turns due clocks into facts and due orders into sends."""

from oncall.engine.loop import Engine
from oncall.engine.outcome import Clock, Counts, Outcome, UnknownIncident

__all__ = ["Clock", "Counts", "Engine", "Outcome", "UnknownIncident"]
