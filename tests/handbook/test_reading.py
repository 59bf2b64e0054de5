"""Files become one handbook: text stays text, several files are one, and damaged copies never crash the reading."""

from __future__ import annotations

import random
from pathlib import Path

from oncall.core.rota import ChangeKind
from oncall.handbook import parse, read
from tests.handbook.test_messages import GOOD

ROOT = Path(__file__).parents[2]


def test_nothing_is_guessed_from_the_look_of_a_value() -> None:
    """Numbers keep their plus, times are not sexagesimal, `no` and `on` are words."""
    content = GOOD.replace("ana:", "no:").replace("[ana, ben]", "[no, ben]").replace("ana 2026", "no 2026").replace("admin: [ana]", "admin: [no]")
    handbook = parse({"config/all.yaml": content}).handbook
    assert handbook is not None
    assert handbook.people["no"].phones == ("+447700900001",)
    assert handbook.rotations["support"].shifts[0].handover is not None
    assert handbook.rotations["support"].shifts[0].handover.minutes == (540,)


def test_several_files_are_one_and_settings_are_none_of_them() -> None:
    """Any key may stand in any file; a name stands once."""
    head, tail = GOOD.split("escalations:")
    files = {"config/a.yaml": head, "rotations/b.yaml": f"version: 1\nescalations:{tail}", "config/oncall.yaml": "listen: x\n"}
    reading = parse(files)
    assert reading.problems == ()
    assert reading.handbook is not None
    assert reading.handbook.changes[0].kind is ChangeKind.PUT
    twice = parse({"config/a.yaml": GOOD, "config/b.yaml": "version: 1\npeople:\n  ana: {name: Other}\n"})
    assert [str(one) for one in twice.problems] == ["config/b.yaml:3:3: duplicate name 'ana' in 'people'; the first stands at config/a.yaml:4:3"]


def test_calendars_need_only_zone_people_and_rotations() -> None:
    """`oncall who` works before the policy is written."""
    reading = parse({"config/a.yaml": GOOD.split("escalations:")[0]}, everything=False)
    assert reading.problems == ()


def test_the_version_follows_the_content() -> None:
    """The same files are the same version; a byte more is another; settings do not count."""
    versions = []
    for files in ({"config/a.yaml": GOOD}, {"config/a.yaml": GOOD, "config/oncall.yaml": "x: y"}, {"config/a.yaml": GOOD + "#\n"}):
        handbook = parse(files).handbook
        assert handbook is not None
        versions.append(handbook.version)
    assert versions[0] == versions[1] != versions[2]


def test_damaged_copies_of_the_example_never_crash_and_always_name_a_place() -> None:
    """Half-written, shuffled, cut: either a handbook or problems with file, line and column."""
    files = dict(read(ROOT / "config", ROOT / "rotations").files)
    rng = random.Random(7)
    for _ in range(400):
        name = rng.choice(sorted(files))
        reading = parse({**files, name: damaged(files[name], rng)})
        assert (reading.handbook is None) == bool(reading.problems)
        for problem in reading.problems:
            file, line, column = str(problem.place).rsplit(":", 2)
            assert file
            assert int(line) >= 1
            assert int(column) >= 1


def damaged(content: str, rng: random.Random) -> str:
    """`content` after one to four accidents."""
    for _ in range(rng.randint(1, 4)):
        at, end = sorted((rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)))
        lines = content.splitlines(keepends=True) or [""]
        content = rng.choice([
            content[:at],
            content[:at] + content[end:],
            content[:at] + rng.choice("{}[]:,-&*!|>\"'#\t\n\x00é9 ") + content[at:],
            content[:at] + content[at:end][:40] + content[at:],
            "".join(rng.sample(lines, len(lines))),
            "".join(line for line in lines if rng.random() < 0.9),
        ])  # fmt: skip
    return content


def test_the_example_is_clean_and_its_numbers_are_nobodys() -> None:
    """Example files are free of problems, and their telephones are of ranges reserved for stories (decisions.md 44)."""
    reading = read(ROOT / "config", ROOT / "rotations")
    assert reading.problems == ()
    assert reading.handbook is not None
    for person in reading.handbook.people.values():
        assert all(number.startswith(("+4477009000", "+1512555010")) for number in person.phones)
