"""Lets `python -m oncall` be the same as the `oncall` command."""

from oncall.cli import main

main()
