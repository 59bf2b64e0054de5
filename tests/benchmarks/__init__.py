"""Tests of what the benchmarks make of their times; they measure nothing themselves."""
