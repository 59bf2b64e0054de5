"""Reads what a service brings for a bad night: its guideline for responders, and what customers can try themselves before they report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from oncall.core.place import Place
from oncall.core.policy import Guideline
from oncall.handbook.reader import Reader
from oncall.handbook.yaml_text import Fields

FOLDER = "config/guidelines/"
"""Where guidelines stand; they are part of the handbook, and of its version."""
LONGEST_GUIDELINE = 32_000
"""Characters of a guideline: more is a book, and nobody reads a book at three in the morning. It is kept with each version of the handbook."""
LONGEST_HELP, MOST_HELP = 300, 10
"""Characters of a help, and helps of a service: what a customer reads before a report has to be short."""


def is_guideline(file: str) -> bool:
    """Whether a file of the two folders is a guideline."""
    return file.startswith(FOLDER) and PurePosixPath(file).suffix == ".md"


def read_guideline(reader: Reader, name: str, fields: Fields, files: Mapping[str, str]) -> Guideline | None:
    """The guideline that the service `name` names; a file that is missing, empty or too long is told with its place."""
    named = reader.text(fields.fields.get("guideline"), "'guideline'")
    if named is None:
        return None
    known = [file.removeprefix(FOLDER) for file in files if is_guideline(file)]
    if named.value not in known:
        what = f"no guideline called '{named.value}' for service '{name}'"
        if known:
            reader.problems.unknown(named.place, what, named.value, known)
        else:
            reader.add(named.place, what, f"write it in {FOLDER}, as a file that ends in .md")
        return None
    text = files[FOLDER + named.value].strip()
    place = Place(file=FOLDER + named.value, line=1, column=1)
    if not text:
        reader.add(place, f"the guideline of service '{name}' is empty", "say what to do first, whom to ask, and what not to touch")
    if len(text) > LONGEST_GUIDELINE:
        reader.add(place, f"the guideline has {len(text)} characters, {LONGEST_GUIDELINE} at most", "keep what helps at night, and link to the rest")
    return Guideline(file=named.value, text=text)


def read_help(reader: Reader, fields: Fields) -> tuple[str, ...]:
    """What customers can try or look at first: short sentences, which may hold an address."""
    found = reader.listed(fields.fields.get("help"), "'help'")
    if len(found) > MOST_HELP:
        reader.add(found[MOST_HELP].place, f"a service has at most {MOST_HELP} helps", "keep those that help most often")
    for one in found:
        if len(one.value) > LONGEST_HELP:
            reader.add(one.place, f"a help has at most {LONGEST_HELP} characters, this one has {len(one.value)}", "say it shorter, or link to it")
    return tuple(" ".join(one.value.split()) for one in found)
