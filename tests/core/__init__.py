"""Tests of the deciding part."""
