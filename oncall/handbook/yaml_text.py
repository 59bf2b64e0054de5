"""YAML read as text with positions: no types are guessed, and everything that makes YAML surprising is an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from oncall.core.place import Place
from oncall.handbook.problems import Problems

LARGEST_FILE = 1024 * 1024
"""Characters; a handbook of a thousand people is a tenth of it (reliability.md, fault 37)."""
DEEPEST = 20
"""Levels of nesting; the language needs seven."""

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it: ten times faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar as it is written."""

    value: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping, in the order of the file; `keys` are the places of the keys."""

    fields: dict[str, Node]
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self.fields.items())


Node = Text | Items | Fields


def compose(file: str, content: str, problems: Problems) -> Node | None:
    """The content of `file` as a tree of texts; None, and the problem told, if it is no YAML of ours."""
    start = Place(file=file, line=1, column=1)
    if len(content) > LARGEST_FILE:
        problems.add(start, f"the file is larger than {LARGEST_FILE // 1024} KiB")
        return None
    try:
        if not plain_events(file, content, problems):
            return None
        root = yaml.compose(content.removeprefix("\ufeff"), Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = place_of(file, mark)
        problems.add(place, (error.problem or "this is no YAML").replace("\n", " "), yaml_hint(content, place.line, error.problem or ""))
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problems.add(start, f"this is no YAML: {str(error).splitlines()[0] if str(error) else 'nested too deep'}")
        return None
    return None if root is None else build(file, root, problems)


def yaml_hint(content: str, line: int, problem: str) -> str:
    """What to do about the parser's most frequent complaints; `line` counts from 1."""
    lines = content.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "indent with spaces, not with tabs"
    return "write it in quotes" if "cannot start any token" in problem else ""


def plain_events(file: str, content: str, problems: Problems) -> bool:
    """Whether the file has no anchors, aliases, tags or several documents, and is not nested too deep; looked at before a tree is built."""
    depth, documents = 0, 0
    for event in yaml.parse(content.removeprefix("\ufeff"), Loader=Loader):
        place = place_of(file, event.start_mark)
        what = ""
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            what = f"nested deeper than {DEEPEST} levels" if depth > DEEPEST else ""
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            what = "a second document begins here; one file is one document" if documents > 1 else ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "anchors and aliases ('&', '*') are not part of the language; write it out"
        elif getattr(event, "tag", None):
            what = "tags ('!') are not part of the language; leave it out"
        if what:
            problems.add(place, what)
            return False
    return True


def build(file: str, node: yaml.Node, problems: Problems) -> Node:
    """The tree below `node`."""
    place = place_of(file, node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return Items(items=tuple(build(file, one, problems) for one in node.value), place=place)
    if isinstance(node, yaml.MappingNode):
        found = Fields(fields={}, place=place)
        for key_node, value_node in node.value:
            key_place = place_of(file, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                problems.add(key_place, "a key must be a plain word")
            elif key_node.value in found.fields:
                problems.add(key_place, f"duplicate key '{key_node.value}'", f"the first stands in line {found.keys[key_node.value].line}")
            else:
                found.fields[key_node.value] = build(file, value_node, problems)
                found.keys[key_node.value] = key_place
        return found
    assert isinstance(node, yaml.ScalarNode)
    return Text(value=node.value, place=place)


def place_of(file: str, mark: object) -> Place:
    """A place from the parser's mark, which counts from 0 and may be missing."""
    return Place(file=file, line=getattr(mark, "line", 0) + 1, column=getattr(mark, "column", 0) + 1)
