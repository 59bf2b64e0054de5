"""Reads the tree of files that the house rules are about."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MADE_BY_TOOLS = {"__pycache__", "build", "dist"}
HIDDEN_BUT_OURS = {".ci", ".gitignore"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text file of the tree, with its path from the root."""

    path: str
    text: str

    @property
    def is_python(self) -> bool:
        """Say whether this is Python, by its suffix or by its first line."""
        return self.path.endswith(".py") or self.text.startswith("#!/usr/bin/env python3")

    @property
    def tree(self) -> ast.Module:
        """Return the syntax tree of a Python file."""
        return parsed(self.text)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Yield line and text of each comment of a Python file."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@cache
def parsed(text: str) -> ast.Module:
    """Parse once what all the rules look at."""
    return ast.parse(text)


Rule = Callable[[list[Source]], list[str]]


def sources(root: Path) -> list[Source]:
    """Read every text file under the root that people write; what tools make and what is binary stays out."""
    found = []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") and part not in HIDDEN_BUT_OURS for part in parts)
        if hidden or not path.is_file() or MADE_BY_TOOLS & set(parts) or any(part.endswith(".egg-info") for part in parts):
            continue
        try:
            found.append(Source(path="/".join(parts), text=path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found
