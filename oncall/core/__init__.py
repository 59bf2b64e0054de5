"""The deciding part: facts in, orders out; standard library only, no clock, no I/O. Start at messages.py, then escalation."""
