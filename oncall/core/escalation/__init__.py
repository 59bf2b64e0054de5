"""Decides what happens to an incident: decide() looks a fact up in TABLE; still_wanted() is asked again just before each send."""

from oncall.core.escalation.draft import View
from oncall.core.escalation.table import TABLE, decide
from oncall.core.escalation.wanted import still_wanted

__all__ = ["TABLE", "View", "decide", "still_wanted"]
