"""Tests of what is measured: each definition of interfaces.md 6 is a test."""
