"""Tests of the store: contract of its units, durability, refusals."""
