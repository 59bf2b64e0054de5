"""The house rules about whole files: what they are called, how they begin, how long they are, what they must not name."""

from __future__ import annotations

import ast
import re

from tests.house.sources import Source

LONGEST_FILE = 300
EMPTY_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

FIRST_LINES: dict[re.Pattern[str], str | tuple[str, ...]] = {
    re.compile(r"\.md$"): "# ",
    re.compile(r"\.(yaml|yml|toml|lock|service|socket|timer|path|target|conf|ini|sh)$|^requirements.*\.txt$|^\.gitignore$|^\.ci/"): "#",
    re.compile(r"\.html$"): ("{#", "<!--"),
    re.compile(r"\.(css|js)$"): ("/*", "//"),
    re.compile(r"\.mako$"): ('"""', "##"),
}


def says_what_it_is_for(files: list[Source]) -> list[str]:
    """Each file begins with a sentence that says what it is for."""
    broken = []
    for file in files:
        lines = file.text.splitlines() or [""]
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if file.is_python:
            opening = (ast.get_docstring(file.tree) or "").split("\n\n")[0].strip()
            if not first.startswith('"""') or len(opening.split()) < 4 or not opening.endswith((".", "?")):
                broken.append(f"{file.path}:1: begins without a docstring that says in one full sentence what the file is for")
        else:
            wanted = next((start for pattern, start in FIRST_LINES.items() if pattern.search(file.path)), "")
            if not first.startswith(wanted):
                broken.append(f"{file.path}:1: begins without a comment that says what the file is for")
    return broken


def files_are_short(files: list[Source]) -> list[str]:
    """No file of code is longer than can be read in one sitting."""
    code = [file for file in files if file.is_python or file.path.endswith((".js", ".css", ".html", ".sh"))]
    counted = [(file.path, len(file.text.splitlines())) for file in code]
    return [
        f"{path}: {lines} lines, {LONGEST_FILE} at most: give its second subject a file of its own" for path, lines in counted if lines > LONGEST_FILE
    ]


def names_mean_something(files: list[Source]) -> list[str]:
    """No file has a name that would fit any content."""
    return [
        f"{file.path}: the name says nothing; use the field's word" for file in files if file.path.rsplit("/", 1)[-1].split(".")[0] in EMPTY_NAMES
    ]


# Spelled in parts, so that this file does not name what it forbids.
REGISTRIES = tuple("".join(parts) for parts in (("--index", "-url"), ("--extra-index", "-url"), ("--find", "-links"), ("registry", "=http")))
"""How a file would choose a package registry; whoever installs says where from, by the settings of their machine."""
PLACES = tuple("/".join(parts) for parts in (("", "work", ""), ("", "root", ""), ("..", "shared")))


def names_no_registry_and_no_machine(files: list[Source]) -> list[str]:
    """No file chooses a package registry or names a folder of somebody's machine: both are different elsewhere."""
    broken = []
    for file in files:
        for number, line in enumerate(file.text.splitlines(), start=1):
            broken += [f"{file.path}:{number}: names {word}, which is different on other machines" for word in (*REGISTRIES, *PLACES) if word in line]
    return broken


LEFT_OVER = re.compile(r"\b(TODO|FIXME|HACK)\b")


def nothing_is_left_for_later(files: list[Source]) -> list[str]:
    """No file carries a note of work that is still to do."""
    broken = []
    for file in files:
        lines = file.comments() if file.is_python else enumerate(file.text.splitlines(), start=1)
        broken += [f"{file.path}:{number}: do it now or write an issue, but leave no note" for number, line in lines if LEFT_OVER.search(line)]
    return broken
