"""Reads nodes by the grammar: each function gives the value, or None after it has told the problem."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from oncall.core.place import Place
from oncall.handbook.grammar import KEYS, LATER
from oncall.handbook.problems import Problems
from oncall.handbook.yaml_text import Fields, Items, Node, Text


class Reader:
    """What every part of the reading shares: the problems so far and the company's zone."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.timezone = "UTC"

    def add(self, place: Place, what: str, hint: str = "") -> None:
        """Tells a problem."""
        self.problems.add(place, what, hint)

    def fields(self, node: Node, section: str, what: str) -> Fields | None:
        """A mapping of the grammar's `section`; unknown keys are told with the nearest known one."""
        found = self.named(node, what)
        if found is None:
            return None
        for key, place in found.keys.items():
            if key in LATER.get(section, ()):
                self.add(place, f"'{key}' in {what} is not supported yet; take it out")
            elif key not in KEYS[section]:
                self.problems.unknown(place, f"unknown key '{key}' in {what}", key, KEYS[section])
        return found

    def named(self, node: Node, what: str) -> Fields | None:
        """A mapping from free names."""
        if isinstance(node, Fields):
            return node
        self.add(node.place, f"{what} must be keys with values, like 'key: value'")
        return None

    def text(self, node: Node | None, what: str) -> Text | None:
        """A scalar that says something."""
        if node is None:
            return None
        if isinstance(node, Text) and node.value.strip():
            return node
        self.add(node.place, f"{what} is empty" if isinstance(node, Text) else f"{what} must be one value")
        return None

    def needed(self, fields: Fields, key: str, what: str) -> Text | None:
        """The scalar of a key that must be there."""
        if key not in fields.fields:
            self.add(fields.place, f"{what} has no '{key}'")
            return None
        return self.text(fields.fields[key], f"'{key}'")

    def listed(self, node: Node | None, what: str) -> tuple[Text, ...]:
        """One value or a list of values, as texts."""
        if node is None:
            return ()
        nodes = node.items if isinstance(node, Items) else (node,)
        return tuple(text for one in nodes if (text := self.text(one, what)) is not None)

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """A list of anything."""
        if isinstance(node, Items):
            return node.items
        self.add(node.place, f"{what} must be a list, each entry after a '-'")
        return ()

    def known(self, text: Text, what: str, names: Collection[str]) -> bool:
        """Whether `text` is one of `names`; else it is told as 'no <what> called' with the nearest."""
        if text.value in names:
            return True
        self.problems.unknown(text.place, f"no {what} called '{text.value}'", text.value, names)
        return False

    def all_known(self, texts: Sequence[Text], what: str, names: Collection[str]) -> bool:
        """Whether every one of `texts` is known; each that is not is told."""
        return sum(self.known(text, what, names) for text in texts) == len(texts)
