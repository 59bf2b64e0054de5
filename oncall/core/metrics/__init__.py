"""Measures how promises were kept and what that cost people: lines of the log become cases, cases become figures, figures a report.

Start reading in `cases.py`; the definitions are those of interfaces.md 6, each quoted where it is worked out.
"""
