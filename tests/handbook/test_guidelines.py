"""Guidelines are files of the handbook: read with it, part of its version, and whatever is wrong with one is named by its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from oncall.core.policy import Guideline
from oncall.handbook import parse, read
from oncall.handbook.guidelines import LONGEST_GUIDELINE
from oncall.handbook.revisions import reading_of
from tests.handbook.test_messages import GOOD

SHOP = "  shop: {escalation: main}"
NAMED = GOOD.replace(SHOP, "  shop: {escalation: main, guideline: shop.md, help: [Restart it., 'See https://status.example.com']}")
FILES = {"config/all.yaml": NAMED, "config/guidelines/shop.md": "# Shop\n\nRoll back first.\n"}


def test_a_guideline_is_read_and_belongs_to_the_version() -> None:
    reading = parse(FILES)
    assert reading.handbook is not None, reading.problems
    shop = reading.handbook.services["shop"]
    assert shop.guideline == Guideline(file="shop.md", text="# Shop\n\nRoll back first.")
    assert shop.help == ("Restart it.", "See https://status.example.com")
    other = parse({**FILES, "config/guidelines/shop.md": "# Shop\n\nRing the supplier first.\n"})
    assert other.handbook is not None
    assert other.handbook.version != reading.handbook.version


def test_guidelines_are_found_in_the_folder_and_in_a_revision(tmp_path: Path) -> None:
    config, rotations = tmp_path / "config", tmp_path / "rotations"
    (config / "guidelines" / "eu").mkdir(parents=True)
    rotations.mkdir()
    (config / "all.yaml").write_text(NAMED.replace("shop.md", "eu/shop.md"))
    (config / "guidelines" / "eu" / "shop.md").write_text("Roll back.")
    (config / "README.md").write_text("none of the handbook's")
    assert set(read(config, rotations).files) == {"config/all.yaml", "config/guidelines/eu/shop.md"}
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    (config / "guidelines" / "eu" / "shop.md").unlink()
    then = reading_of("HEAD", config, rotations, everything=True).handbook
    assert then is not None
    guideline = then.services["shop"].guideline
    assert guideline is not None
    assert guideline.text == "Roll back."


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"config/all.yaml": NAMED},
            "config/all.yaml:18:39: no guideline called 'shop.md' for service 'shop'; write it in config/guidelines/, as a file that ends in .md",
        ),
        (
            {"config/all.yaml": NAMED, "config/guidelines/shops.md": "x"},
            "config/all.yaml:18:39: no guideline called 'shop.md' for service 'shop'; did you mean 'shops.md'?",
        ),
        (
            {**FILES, "config/guidelines/shop.md": " \n"},
            "config/guidelines/shop.md:1:1: the guideline of service 'shop' is empty; say what to do first, whom to ask, and what not to touch",
        ),
        (
            {**FILES, "config/guidelines/shop.md": "x" * (LONGEST_GUIDELINE + 1)},
            "config/guidelines/shop.md:1:1: the guideline has 32001 characters, 32000 at most; keep what helps at night, and link to the rest",
        ),
        (
            {**FILES, "config/all.yaml": NAMED.replace("Restart it.", "y" * 301)},
            "config/all.yaml:18:55: a help has at most 300 characters, this one has 301; say it shorter, or link to it",
        ),
        (
            {**FILES, "config/all.yaml": NAMED.replace("Restart it.", "a, b, c, d, e, f, g, h, i, j")},
            "config/all.yaml:18:85: a service has at most 10 helps; keep those that help most often",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_to_do(files: dict[str, str], said: str) -> None:
    assert [str(problem) for problem in parse(files).problems] == [said]


def test_a_guideline_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "config" / "guidelines").mkdir(parents=True)
    (tmp_path / "config" / "guidelines" / "shop.md").write_bytes(b"one\n\xff\n")
    said = [str(problem) for problem in read(tmp_path / "config", tmp_path / "rotations").problems]
    assert "config/guidelines/shop.md:2:1: this line is not UTF-8; save the file as UTF-8" in said


def test_an_excerpt_is_whole_lines_without_the_headline_and_says_where_there_is_more() -> None:
    long = Guideline(file="shop.md", text="# Shop\n\n" + "\n".join(f"{number}. Do this." for number in range(1, 9)))
    assert long.excerpt(40) == "1. Do this.\n2. Do this.\n3. Do this.\n... more in shop.md"
    assert Guideline(file="shop.md", text="Roll back.").excerpt(40) == "Roll back."
    assert Guideline(file="shop.md", text="x" * 50).excerpt(10) == "x" * 10 + "\n... more in shop.md"
