"""Tests of decide(), the table and the clocks."""
