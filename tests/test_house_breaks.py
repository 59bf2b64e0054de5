"""Breaks every house rule and every import contract on purpose in a small tree, because a gate that was never red proves nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house import RULES
from tests.house.sources import Source, sources

ROOT = Path(__file__).resolve().parent.parent
ABOUT = '"""A small file that keeps every rule of the house."""\n'
CLEAN = {
    "dev": f"#!/usr/bin/env python3\n{ABOUT}",
    "README.md": "# What it is\n",
    "oncall/core/model.py": ABOUT + "@dataclass(frozen=True, slots=True, kw_only=True)\nclass Step:\n    wait: timedelta\n",
    "oncall/daemon.py": ABOUT + "class WallClock:\n    def now(self):\n        '''Return the time.'''\n        return datetime.now(UTC)\n",
    "oncall/channels/__init__.py": ABOUT + "class Channel(Protocol):\n    def send(self):\n        '''Send it.'''\n",
    "oncall/channels/sms.py": ABOUT + "class Sms:\n    def send(self):\n        x = 1  # noqa: S105 -- an example\n",
}

# Rule, file, its text, and the words of the complaint.
BREAKS = [
    ("says_what_it_is_for", "oncall/a.py", "import re\n", "oncall/a.py:1"),
    ("says_what_it_is_for", "oncall/a.py", '"""Short."""\n', "full sentence"),
    ("says_what_it_is_for", "config/a.yaml", "people:\n", "without a comment"),
    ("files_are_short", "oncall/a.py", ABOUT + "x = 1\n" * 300, "301 lines"),
    ("names_mean_something", "oncall/core/utils.py", ABOUT, "says nothing"),
    ("names_no_registry_and_no_machine", "README.md", "pip install --index" + "-url http://127.0.0.1:9/simple x\n", "README.md:1"),
    ("names_no_registry_and_no_machine", "dev", ABOUT + "# /" + "work/main\n", "dev:2"),
    ("nothing_is_left_for_later", "oncall/a.py", ABOUT + "# TODO: more\n", "oncall/a.py:2"),
    ("functions_are_short", "tests/a.py", ABOUT + "def long():\n" + "    x = 1\n" * 40, "41 lines"),
    ("core_is_pure", "oncall/core/a.py", ABOUT + "import time\n", "may not import time"),
    ("core_is_pure", "oncall/core/a.py", ABOUT + "from os.path import join\n", "may not import os.path"),
    ("core_is_pure", "oncall/core/a.py", ABOUT + "def f():\n    import unheard_of\n", "may not import unheard_of"),
    ("core_is_pure", "oncall/core/a.py", ABOUT + "from oncall.store import tx\n", "may not import oncall.store"),
    ("core_is_pure", "oncall/core/a.py", ABOUT + "open('x')\n", "may not call open"),
    ("core_data_never_changes", "oncall/core/a.py", ABOUT + "@dataclass\nclass A:\n    x: int\n", "frozen, kw_only, slots"),
    (
        "core_data_never_changes",
        "oncall/core/a.py",
        ABOUT + "@dataclasses.dataclass(slots=True, kw_only=True)\nclass A:\n    x: int\n",
        "lacks frozen",
    ),
    ("one_clock", "oncall/web/a.py", ABOUT + "at = datetime.now(UTC)\n", "oncall/web/a.py:2"),
    ("one_clock", "oncall/web/a.py", ABOUT + "import time\nat = time.time()\n", "oncall/web/a.py:3"),
    ("one_clock", "oncall/store/a.py", ABOUT + "select(func.now())\n", "oncall/store/a.py:2"),
    ("one_clock", "oncall/core/a.py", ABOUT + "field(default_factory=datetime.utcnow)\n", "oncall/core/a.py:2"),
    ("one_clock", "oncall/daemon.py", ABOUT + "class Wiring:\n    at = date.today()\n", "oncall/daemon.py:3"),
    ("one_clock", "oncall/web/a.py", ABOUT + "class WallClock:\n    at = date.today()\n", "oncall/web/a.py:3"),
    ("tests_are_honest", "tests/a.py", ABOUT + "@pytest.mark.skip\ndef test_a(): ...\n", "skip"),
    ("tests_are_honest", "tests/a.py", ABOUT + "@pytest.mark.xfail(strict=True)\ndef test_a(): ...\n", "xfail"),
    ("tests_are_honest", "tests/a.py", ABOUT + "pytest.importorskip('x')\n", "importorskip"),
    ("tests_are_honest", "tests/a.py", ABOUT + "carrier = MagicMock()\n", "agrees with everything"),
    ("tests_are_honest", "tests/a.py", ABOUT + "from unittest.mock import patch\n", "agrees with everything"),
    ("tests_are_honest", "oncall/a.py", ABOUT + "raise NotImplementedError\n", "a promise"),
    ("public_functions_are_explained", "oncall/a.py", ABOUT + "def page():\n    pass\n", "page has no docstring"),
    ("public_functions_are_explained", "oncall/a.py", ABOUT + "class Sms:\n    async def close(self):\n        pass\n", "close has no docstring"),
    ("exceptions_are_explained", "oncall/a.py", ABOUT + "x = 1  # noqa\n", "oncall/a.py:2"),
    ("exceptions_are_explained", "oncall/a.py", ABOUT + "x = 1  # noqa: S603\n", "oncall/a.py:2"),
    ("exceptions_are_explained", "oncall/a.py", ABOUT + "x = 1  # type: ignore\n", "oncall/a.py:2"),
]


def grown(root: Path, files: dict[str, str]) -> list[Source]:
    """Write the files under the root and read them back the way the real tree is read."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return sources(root)


@pytest.mark.parametrize("rule", RULES)
def test_a_clean_tree_breaks_no_rule(rule: str, tmp_path: Path) -> None:
    assert RULES[rule](grown(tmp_path, CLEAN)) == []


@pytest.mark.parametrize(("rule", "path", "text", "complaint"), BREAKS)
def test_a_planted_fault_breaks_its_rule(rule: str, path: str, text: str, complaint: str, tmp_path: Path) -> None:
    broken = RULES[rule](grown(tmp_path, {**CLEAN, path: text}))
    assert len(broken) == 1
    assert complaint in broken[0]


def test_every_rule_is_broken_here() -> None:
    assert {rule for rule, *_ in BREAKS} == set(RULES)


CONTRACTS = {contract["id"]: contract for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}


def layers(contract: str) -> list[list[str]]:
    """Return the rows of a layers contract, top first, each with the full names of its modules."""
    container = CONTRACTS[contract]["containers"][0]
    return [[f"{container}.{module.strip(' ()')}" for module in row.split("|")] for row in CONTRACTS[contract]["layers"]]


MODULES = [module for contract in ("layers", "core-layers") for row in layers(contract) for module in row]


def linted(root: Path, imports: list[tuple[str, str]], new_modules: list[str] | None = None) -> str:
    """Lay out a tree with every module of the contracts and these imports; return what import-linter says of it."""
    files = {"pyproject.toml": (ROOT / "pyproject.toml").read_text(), "oncall/__init__.py": ""}
    for module in [*MODULES, *(new_modules or [])]:
        path = "oncall/core/__init__.py" if module == "oncall.core" else module.replace(".", "/") + ".py"
        files[path] = "".join(f"import {imported}\n" for importer, imported in imports if importer == module)
    grown(root, files)
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == ("0 broken" not in done.stdout), done.stdout + done.stderr
    return " ".join(done.stdout.split())


def test_downward_imports_keep_every_contract(tmp_path: Path) -> None:
    said = linted(
        tmp_path, [("oncall.web", "oncall.engine"), ("oncall.engine", "oncall.core.model"), ("oncall.core.invariants", "oncall.core.messages")]
    )
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in said


@pytest.mark.parametrize("contract", ["layers", "core-layers"])
def test_every_upward_import_is_found(contract: str, tmp_path: Path) -> None:
    rows = layers(contract)
    upward = [(low, high) for above, below in pairwise(rows) for low in below for high in above]
    said = linted(tmp_path, upward)
    assert f"{CONTRACTS[contract]['name']} BROKEN" in said
    assert [f"{low} is not allowed to import {high}:" for low, high in upward if f"{low} is not allowed to import {high}:" not in said] == []


@pytest.mark.parametrize("contract", ["layers", "core-layers"])
def test_siblings_of_a_layer_may_not_import_each_other(contract: str, tmp_path: Path) -> None:
    sideways = [(row[i], row[i + 1]) for row in layers(contract) for i in range(len(row) - 1)]
    said = linted(tmp_path, sideways)
    assert [f"{one} is not allowed to import {other}:" for one, other in sideways if f"{one} is not allowed to import {other}:" not in said] == []


@pytest.mark.parametrize(("module", "contract"), [("oncall.newcomer", "layers"), ("oncall.core.newcomer", "core-layers")])
def test_a_module_without_a_place_is_found(module: str, contract: str, tmp_path: Path) -> None:
    said = linted(tmp_path, [], [module])
    assert f"{CONTRACTS[contract]['name']} BROKEN" in said
    assert "newcomer" in said


def test_every_worldly_import_into_the_core_is_found(tmp_path: Path) -> None:
    worldly = CONTRACTS["core-pure"]["forbidden_modules"]
    said = linted(tmp_path, [("oncall.core.escalation", module) for module in worldly])
    assert f"{CONTRACTS['core-pure']['name']} BROKEN" in said
    assert [module for module in worldly if f"oncall.core.escalation -> {module} " not in said] == []


@pytest.mark.parametrize("imported", ["oncall.core.model", "oncall.core.escalation", "oncall.core.wording"])
def test_a_checker_that_knows_more_than_the_messages_is_found(imported: str, tmp_path: Path) -> None:
    said = linted(tmp_path, [("oncall.core.invariants", imported)])
    assert f"{CONTRACTS['independent-checker']['name']} BROKEN" in said
