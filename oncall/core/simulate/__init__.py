"""What would happen if: one emergency played through the same decide() as at night, with people and providers as assumed, on a clock of its own."""

from oncall.core.simulate.assumptions import Answer, Assumptions, Behaviour, Fault
from oncall.core.simulate.night import simulate
from oncall.core.simulate.sweep import Run, sweep
from oncall.core.simulate.timeline import Kind, Line, Outcome, Result

__all__ = ["Answer", "Assumptions", "Behaviour", "Fault", "Kind", "Line", "Outcome", "Result", "Run", "simulate", "sweep"]
