"""Every mistake is named by file, line and column, with what to write instead, and all of them at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from oncall.handbook import parse, read
from oncall.handbook.handovers import FORMS as HANDOVER_FORMS
from oncall.handbook.values import HOURS_FORMS
from tests.handbook.scope_mistakes import SCOPE

GOOD = """version: 1
timezone: Europe/Berlin
people:
  ana: {name: Ana Example, phone: +44 7700 900001}
  ben: {name: Ben Example, phone: +44 7700 900002}
hours: {office: mon-fri 08:00-17:00}
rotations:
  support:
    people: [ana, ben]
    handover: mon 09:00
    start: 2026-01-05
away: [ana 2026-07-06 to 2026-07-17]
changes:
  - {rotation: support, from: 2026-08-01, to: 2026-08-02, put: ben}
escalations:
  main: [{page: support, wait: 5m}]
services:
  shop: {escalation: main}
roles: {admin: [ana]}
policy:
  company: Example
  office: office
  severities:
    sev1: {means: down, contact_within: {api: 15m}, escalation: main}
  triage: [{otherwise: sev1}]
  last_resort: [ben]
"""


def problems(content: str, *, everything: bool = True) -> list[str]:
    """What is said about one file."""
    return [str(problem) for problem in parse({"config/all.yaml": content}, everything=everything).problems]


def test_a_good_file_has_no_problems() -> None:
    """Otherwise the rest of this file would prove nothing."""
    assert problems(GOOD) == []


WRONG = [
    ("    handover: mon", "    handoff: mon", "10:5: unknown key 'handoff' in rotation 'support'; did you mean 'handover'?"),
    ("start: 2026-01-05", "start: 2026-01-07", "11:12: 2026-01-07 is a Wednesday, but the handover is 'mon 09:00'; use 2026-01-05 or 2026-01-12"),
    ("[ana, ben]\n", "[ana, bem]\n", "9:19: no person called 'bem'; did you mean 'ben'?"),
    (
        "mon 09:00",
        "monday 9am",
        "10:15: 'monday 9am' is not a handover; write e.g. 'mon 09:00', 'mon 09:00, fri 17:00', 'daily 08:00, 20:00' or 'every 2 weeks mon 09:00'",
    ),
    ("    handover: mon 09:00\n", "", "9:13: several people but no 'handover'; join people who are on call together with '+'"),
    (
        "    handover: mon 09:00\n",
        "    handover: mon 09:00\n    handover: mon 10:00\n",
        "11:5: duplicate key 'handover'; the first stands in line 10",
    ),
    ("    start: 2026-01-05\n", "", "9:5: rotation 'support' has a handover but no 'start'; write the date of the first person's first turn"),
    (
        "+44 7700 900001",
        "0151 2345",
        "4:35: '0151 2345' is no telephone number in international form; write it with '+' and the country, e.g. +49 151 23450001",
    ),
    ("+44 7700 900001", "+44 77", "4:35: '+44 77' cannot be a telephone number: it has too many or too few digits for its country"),
    (
        "900001}",
        "900001, reach: [sms, fax after 2m]}",
        "4:65: no way to reach somebody called 'fax'",
    ),
    (
        "900001}",
        "900001, reach: [sms after 1m]}",
        "4:60: the first step of 'reach' is at once; take its 'after' out; write e.g. reach: [slack + sms, call after 90s, call after 3m]",
    ),
    (
        "900001}",
        "900001, reach: [sms, call after 3m, call after 3m]}",
        "4:80: 'call after 3m' is not after the step before it; write e.g. reach: [slack + sms, call after 90s, call after 3m]",
    ),
    ("900001}", "900001, reach: [sms + sms]}", "4:60: 'sms + sms' names a way twice; write e.g. reach: [slack + sms, call after 90s, call after 3m]"),
    ("900001}", "900001, reach: [sms, call after 2h]}", "4:65: 'call after 2h': a personal step comes at most 1h after the page"),
    (
        "900001}",
        "900001, reach: []}",
        "4:59: 'reach' is empty, so nobody could be paged by it; write e.g. reach: [slack + sms, call after 90s, call after 3m]",
    ),
    ("900001}", "900001, reach: [slack]}", "4:59: 'reach' of person 'ana' needs 'slack' or 'email', which is not there"),
    ("Europe/Berlin", "Europe/Berln", "2:11: no time zone called 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
    ("wait: 5m", "wait: 5 minutes", "16:32: '5 minutes' is no duration; write a number and s, m, h or d, e.g. 90s, 15m, 4h, 2d"),
    ("wait: 5m", "wait: 0m", "16:32: a step waits more than nothing and at most 24h, not '0m'"),
    ("page: support", "page: suport", "16:17: no person or rotation called 'suport'; did you mean 'support'?"),
    ("handover: mon 09:00", "handover: every 0 days 09:00", f"10:15: 'every 0 days 09:00' is not a handover; {HANDOVER_FORMS}"),
    ("handover: mon 09:00", "handover: every 2 weeks 09:00", f"10:15: 'every 2 weeks 09:00' is not a handover; {HANDOVER_FORMS}"),
    ("handover: mon 09:00", "handover: every 3 days mon 09:00", f"10:15: 'every 3 days mon 09:00' is not a handover; {HANDOVER_FORMS}"),
    ("handover: mon 09:00", "handover: monthly 32nd 09:00", f"10:15: 'monthly 32nd 09:00' is not a handover; {HANDOVER_FORMS}"),
    ("handover: mon 09:00", "handover: daily 24:00", f"10:15: 'daily 24:00' is not a handover; {HANDOVER_FORMS}"),
    ("handover: mon 09:00", "handover: daily 09:00, 09:00", f"10:15: 'daily 09:00, 09:00' is not a handover; {HANDOVER_FORMS}"),
    (
        "handover: mon 09:00",
        "handover: monthly 1st 09:00",
        "11:12: 2026-01-05 is a Monday, but the handover is 'monthly 1st 09:00'; use 2026-01-01 or 2026-02-01",
    ),
    (
        "start: 2026-01-05",
        "start: 2026-01-05 08:00",
        "11:12: 2026-01-05 08:00 is a Monday, but the handover is 'mon 09:00'; use 2025-12-29 09:00 or 2026-01-05 09:00",
    ),
    ("start: 2026-01-05", "start: 2026-01-05\n    turns: some days", "12:12: no answer to 'turns' called 'some days'"),
    (
        "start: 2026-01-05",
        "start: 2026-01-05\n    from: 2026-02-01\n    until: 2026-01-31",
        "13:12: it ends before it begins; the first date is the beginning",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n  second: {backs_up: suport}\n",
        "12:22: no rotation called 'suport'; did you mean 'support'?",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n    apart_from: second\n  second: {backs_up: support}\n",
        "12:17: 'support' and 'second' wait for each other; one of them must be found first",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n  a: {backs_up: a}\n",
        "12:17: 'a' and 'a' wait for each other; one of them must be found first",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n  second: {backs_up: support, people: ana}\n",
        "12:31: 'people' beside 'backs_up' in rotation 'second'; its shifts are those of the rotation it backs up",
    ),
    ("    start: 2026-01-05\n", "    start: 2026-01-05\n    gaps: ok\n", "12:11: no answer to 'gaps' called 'ok'"),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n    shadows: [anna until 2026-03-01]\n",
        "12:15: no person called 'anna'; did you mean 'ana'?",
    ),
    (
        "name: Ana Example",
        "name: Ana Example, skills: [ledger since May]",
        "4:37: 'ledger since May' is no skill; write e.g. 'ledger' or 'ledger from 2026-03-01'",
    ),
    (
        "name: Ana Example",
        "name: Ana Example, skills: [x from 2026-03-01 until 2026-02-01]",
        "4:37: it ends before it begins; the first date is the beginning",
    ),
    ("shop: {escalation: main}", "shop: {escalation: main, needs: ledger}", "18:35: nobody has the skill 'ledger'"),
    (
        "start: 2026-01-05",
        "start: 2026-01-05\n    until: 9999-12-31",
        "12:12: '9999-12-31' is no date of our time; from 1970 to 2199; leave out what has no end",
    ),
    (
        "people: [ana, ben]",
        "people: [ana, ben until 0001-01-01]",
        "9:19: '0001-01-01' is no date of our time; from 1970 to 2199; leave out what has no end",
    ),
    ("version: 1", "version: 2", "1:10: version '2' of the language is not known; this program reads version 1"),
    ("mon-fri 08", "mo-fr 08", f"6:17: 'mo-fr 08:00-17:00' are no weekly hours; {HOURS_FORMS}"),
    ("roles:", "holidays: {x: DE}\nroles:", "19:15: the holidays of 'DE' are not in config/holidays.lock; run: oncall holidays update"),
    ("roles:", "holidays: {x: {minus: 2026-01-01}}\nroles:", "19:15: the holidays 'x' have neither 'calendar' nor 'plus'"),
    ("roles:", "holidays: {x: {plus: 2026-02-30}}\nroles:", "19:22: '2026-02-30' is no date; write 2026-07-06, or 2026-07-06 13:00"),
    ("roles:", "holidays: {x: {plus: 2026-02-03 10:00}}\nroles:", "19:22: '2026-02-03 10:00' is more than a date; holidays are whole days"),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n    hours: mon 08:00-09:00 except holidays\n",
        "12:12: 'mon 08:00-09:00 except holidays' says 'except holidays', but it is not said which; name one, e.g. holidays: {munich: DE-BY}",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n    hours: mon 08:00-09:00 except holidays\nholidays: {x: {plus: 2026-02-03}, y: {plus: 2026-02-04}}\n",
        "12:12: 'mon 08:00-09:00 except holidays' says 'except holidays', but it is not said which; name one of them by 'holidays': x, y",
    ),
    (
        "    start: 2026-01-05\n",
        "    start: 2026-01-05\n    holidays: munch\nholidays: {munich: {plus: 2026-02-03}}\n",
        "12:15: no holiday calendar called 'munch'; did you mean 'munich'?",
    ),
    ("2026-07-06 to", "2026-07-06 until", "12:8: 'ana 2026-07-06 until 2026-07-17' is no absence; write e.g. 'ana 2026-07-06 to 2026-07-17'"),
    ("ana 2026-07-06 to 2026-07-17", "ana 2026-07-06 to 2026-07-01", "12:8: it ends before it begins; the first date is the beginning"),
    ("put: ben}", "put: ben, swap: [ana, ben]}", "14:5: a change has exactly one of 'put', 'cover', 'swap' and 'add'"),
    ("rotation: support, from", "rotation: suport, from", "14:16: no rotation called 'suport'; did you mean 'support'?"),
    (
        "[{otherwise: sev1}]",
        "[{words: [x], severity: sev1}]",
        "25:11: triage must end with exactly one 'otherwise'; write {otherwise: <severity>} as the last rule",
    ),
    ("[{otherwise: sev1}]", "[{otherwise: sev9}]", "25:24: no severity called 'sev9'; did you mean 'sev1'?"),
    ("  last_resort: [ben]\n", "", "21:3: the policy has no 'last_resort' that can be reached; name a person with a phone, or a number"),
    ("{api: 15m}", "{fax: 15m}", "24:42: no channel called 'fax'"),
    (
        "roles: {admin: [ana]}",
        "roles: {manager: [ana]}",
        "19:8: 'roles' has no 'admin'; name who is told when something is wrong, e.g. admin: [priya]",
    ),
    ("name: Ana Example, ", "", "4:8: person 'ana' has no 'name'"),
    ("name: Ben Example", "name: Ben Example, language: xx", "5:38: no texts for language 'xx'; write config/texts/xx.yaml, or use one of en"),
    (
        "people: [ana, ben]",
        "people: [ana since June, ben]",
        "9:14: 'ana since June' is no entry of a ring; write e.g. 'ana', 'ana + ben', 'dana from 2026-06-15' or 'eli until 2026-06-30'",
    ),
    (
        "people: [ana, ben]",
        "people: [ana from June, ben]",
        "9:14: 'ana from June' is no entry of a ring; write e.g. 'ana', 'ana + ben', 'dana from 2026-06-15' or 'eli until 2026-06-30'",
    ),
    (
        "people: [ana, ben]",
        "people: [ana from 2026-06-02 until 2026-06-01, ben]",
        "9:14: it ends before it begins; the first date is the beginning",
    ),
    ("people: [ana, ben]", "people: [ana until 2026-06-31, ben]", "9:14: '2026-06-31' is no date; write 2026-07-06, or 2026-07-06 13:00"),
    ("  ana: {", "  ana: &a {", "4:8: anchors and aliases ('&', '*') are not part of the language; write it out"),
    ("name: Ana", "name: !x Ana", "4:15: tags ('!') are not part of the language; leave it out"),
]


@pytest.mark.parametrize(("old", "new", "said"), [*WRONG, *SCOPE], ids=[said.split("; ")[0] for _, _, said in [*WRONG, *SCOPE]])
def test_a_mistake_is_named_with_its_place_and_remedy(old: str, new: str, said: str) -> None:
    """One mistake, one line that says it."""
    assert GOOD.count(old) >= 1
    assert f"config/all.yaml:{said}" in problems(GOOD.replace(old, new, 1))


def test_all_mistakes_are_told_at_once_and_in_order() -> None:
    """One edit mends them all."""
    told = problems(GOOD.replace("handover: mon", "handoff: mon").replace("[ana, ben]\n", "[ana, bem]\n").replace("wait: 5m", "wait: 5"))
    lines = [int(one.split(":")[1]) for one in told]
    assert len(told) >= 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1, 2\nb: 3\n", "expected"),
        ("a:\n\t- b\n", "indent with spaces, not with tabs"),
        ("a: 1\n---\nb: 2\n", "a second document begins here"),
        ("[" * 30 + "]" * 30, "nested deeper than 20 levels"),
        ("a: 1\x00", "config/all.yaml:1:1:"),
        ("just words", "the file must be keys with values"),
        ("x: y" * 400_000, "the file is larger than 1024 KiB"),
    ],
)
def test_what_is_no_yaml_of_ours_is_named_and_never_raises(content: str, said: str) -> None:
    """Whatever an editor leaves behind."""
    assert any(said in one for one in problems(content))


def test_a_file_that_is_not_utf8_is_named_by_line(tmp_path: Path) -> None:
    """And an unreadable, missing or empty folder is a problem, not a crash."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.yaml").write_bytes(b"version: 1\nname: \xff\n")
    told = [str(problem) for problem in read(tmp_path / "config", tmp_path / "nowhere").problems]
    assert "config/a.yaml:2:1: this line is not UTF-8; save the file as UTF-8" in told
    assert any("no YAML files" in str(problem) for problem in read(tmp_path / "x", tmp_path / "y").problems)


def test_a_companys_texts_are_checked_as_well() -> None:
    """A placeholder that cannot be filled would be a hole in a text at night."""
    told = parse({"config/all.yaml": GOOD, "config/texts/de.yaml": "version: 1\npage: '{severity} {cod}'\n"}).problems
    assert [str(one) for one in told] == [
        "config/texts/de.yaml:2:7: the text 'page' cannot fill '{cod}'",
        "config/texts/de.yaml:2:7: the text 'page' must name '{code}'",
        "config/texts/de.yaml:2:7: the text 'page' must name '{due}'",
    ]


def test_what_is_published_beside_is_read() -> None:
    more = "  title: Our help at night\n  owner: ana\n  effective: 2026-12-01\n  review_every: 90d\n  notices: {languages: [en, nl]}\n"
    handbook = parse({"config/all.yaml": GOOD.replace("  company: Example\n", f"  company: Example\n{more}")}).handbook
    assert handbook is not None
    found = handbook.publication
    assert (found.title, found.owner, str(found.effective), found.review_every) == ("Our help at night", "ana", "2026-12-01", timedelta(days=90))
    assert found.languages == ("en", "nl")
