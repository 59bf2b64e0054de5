"""The editors' schema: from the reader's own table, accepts what the reader accepts, and marks keys that it does not know."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from oncall.cli.program import run
from oncall.handbook.grammar import KEYS
from oncall.handbook.schema import NEEDED, SHAPES, schema
from tests.handbook.mutated import RICH
from tests.handbook.test_messages import GOOD

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("config", "rotations") for path in (ROOT / folder).rglob("*.yaml"))
CHECKER = jsonschema.Draft202012Validator(schema())


def errors(content: str) -> list[str]:
    """What an editor marks: it reads YAML with all its guesses, of numbers, dates and booleans."""
    return [error.message for error in CHECKER.iter_errors(json.loads(json.dumps(yaml.safe_load(content), default=str)))]


def test_the_schema_is_one() -> None:
    """By the specification's own schema, draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_shape_is_of_a_key_that_the_reader_knows() -> None:
    """One table: a key that goes, or is renamed, goes here too."""
    for name, shapes in SHAPES.items():
        assert shapes.keys() <= KEYS[name].keys(), name
    for name, keys in NEEDED.items():
        assert set(keys) <= KEYS[name].keys(), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_example_files_are_accepted_and_name_their_schema(path: Path) -> None:
    """Whoever starts from them gets completion without further ado."""
    content = path.read_text(encoding="utf-8")
    assert errors(content) == []
    named = next(line for line in content.splitlines() if line.startswith("# yaml-language-server: $schema=")).partition("$schema=")[2]
    assert (path.parent / named).resolve() == ROOT / "config" / "oncall.schema.json"


@pytest.mark.parametrize("content", [GOOD, RICH], ids=["good", "rich"])
def test_what_the_reader_takes_is_accepted(content: str) -> None:
    """Every construct of the language, numbers and booleans as editors guess them."""
    assert errors(content) == []
    assert errors(content.replace("+44 7700 900001", "+447700900001")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("handover: mon 09:00", "handoff: mon 09:00", "'handoff' was unexpected"),
        ("    means", "    meens", "'meens' was unexpected"),
        ("version: 1\n", "", "'version' is a required property"),
        ("sev1: {means", "sev1: {after_hours: maybe, means", "'maybe' is not one of"),
        ("{api: 15m}", "{fax: 15m}", "is not valid under any of the given schemas"),
    ],
)
def test_what_the_reader_refuses_by_its_keys_is_marked(old: str, new: str, said: str) -> None:
    """While it is typed."""
    content = GOOD.replace(old, new, 1) if old in GOOD else GOOD.replace("{means", "{meens", 1)
    assert any(said in one for one in errors(content)), errors(content)


def test_the_file_beside_the_examples_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Made anew by: oncall schema > config/oncall.schema.json."""
    assert run(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "config" / "oncall.schema.json").read_text(encoding="utf-8")
