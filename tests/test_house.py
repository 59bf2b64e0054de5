"""The house rules hold over the whole tree; tests/test_house_breaks.py shows that each of them can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import RULES
from tests.house.sources import Source, sources

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tree() -> list[Source]:
    """Every text file of the checkout that people write."""
    return sources(ROOT)


def test_the_rules_look_at_the_whole_tree(tree: list[Source]) -> None:
    seen = {file.path for file in tree}
    assert {"dev", "pyproject.toml", ".gitignore", "oncall/__init__.py", "oncall/core/model.py", "tests/test_house.py"} <= seen
    assert not [path for path in seen if path.startswith((".venv", ".tools", ".git/"))]


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_keeps_the_house_rule(rule: str, tree: list[Source]) -> None:
    broken = RULES[rule](tree)
    assert not broken, f"{RULES[rule].__doc__}\n" + "\n".join(broken)
