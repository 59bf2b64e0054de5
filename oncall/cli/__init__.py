"""The `oncall` command: parse, call, print. Nothing is decided here; heavy imports wait until a command needs them."""

from oncall.cli.program import main

__all__ = ["main"]
