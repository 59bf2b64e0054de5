"""Reads config/ and rotations/ into a Handbook: positions, grammar, every problem at once. read() takes folders, parse() contents."""

from oncall.handbook.load import Reading, names_of_calendars, parse, paths_under, read
from oncall.handbook.problems import Problem

__all__ = ["Problem", "Reading", "names_of_calendars", "parse", "paths_under", "read"]
