"""Tests of the reading of config/ and rotations/."""
