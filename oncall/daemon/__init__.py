"""Wires everything together and lives with it: the only place that builds things, reads the machine's clock and hears signals."""
