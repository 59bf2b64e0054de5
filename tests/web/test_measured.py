"""Reports over HTTP: in every form the same numbers, whatever customers wrote is text, and only who may read sees them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from oncall.core.messages import Acknowledged, Contacted, Fact, Reported, Resolved, TimeCame
from oncall.web.report_text import cell, plain
from tests.engine.test_reporting import decided
from tests.web.standing import DESK_KEY, REPORT_KEY, Standing, play

NIGHT = datetime(2024, 11, 24, 1, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.com")'
DESK = {"Authorization": f"Bearer {DESK_KEY}"}


async def night(doors: Standing, number: int, *, customer: str = "Northwind", late_min: float = 0, service: str = "") -> None:
    """Ana takes it at once, reaches the customer and closes it; `late_min` after the promise, if not 0."""
    at, name = NIGHT + timedelta(hours=number), str(1001 + number)
    facts: tuple[Fact, ...] = (
        Reported(at=at, incident=name, seed=f"{number:032x}", source="api", channel="api", summary="down", customer=customer, service=service),
        Acknowledged(at=at + timedelta(minutes=1), incident=name, by="ana", how="cli"),
        TimeCame(at=at + timedelta(minutes=10, seconds=1), incident=name),
        Contacted(at=at + timedelta(minutes=15 + late_min if late_min else 5), incident=name, by="ana", how="cli"),
        Resolved(at=at + timedelta(minutes=60), incident=name, by="ana", how="cli"),
    )
    for fact in facts:
        await doors.store.tx(lambda conn, fact=fact: decided(conn, doors.parts.handbook(), fact))  # type: ignore[misc]  # bound at once


async def november(doors: Standing) -> None:
    """Nine emergencies, of which one was late."""
    for number in range(8):
        await night(doors, number)
    await night(doors, 8, customer=HOSTILE, late_min=4)


async def read(doors: Standing, path: str, key: str = DESK_KEY) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers."""
    async with doors.public.get(f"{doors.url}{path}", headers={"Authorization": f"Bearer {key}"} if key else {}) as response:
        return response.status, await response.text(), dict(response.headers)


def test_the_same_month_as_data_markdown_page_csv_and_a_few_lines(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await november(doors)
        said = "8 of 9 emergencies were contacted in time; the one miss was 4 min late."
        data = json.loads((await read(doors, "/v1/reports/2024-11"))[1])
        assert (data["headline"], data["contacted_in_time"]["part"], data["contacted_in_time"]["whole"]) == (said, 8, 9)
        assert [(one["case"] != "", one["late_s"], one["cause"], one["people"]) for one in data["misses"]] == [(True, 240.0, "late contact", ["ana"])]
        status, text, headers = await read(doors, "/v1/reports/2024-11?format=md")
        assert (status, headers["Content-Type"]) == (200, "text/markdown; charset=utf-8")
        assert plain(said) in text
        status, text, headers = await read(doors, "/v1/reports/2024-11?format=html")
        assert (status, headers["Content-Type"], said in text) == (200, "text/html; charset=utf-8", True)
        assert (await read(doors, "/reports/2024-11"))[1].partition("<footer>")[0] == text.partition("<footer>")[0]
        status, text, headers = await read(doors, "/v1/reports/2024-11?format=csv")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert (headers["Content-Type"], len(rows)) == ("text/csv; charset=utf-8", 9)
        assert [(one["outcome"], one["late seconds"], one["cause"], one["taken by"]) for one in rows if one["cause"]] == [
            ("missed", "240", "late contact", "ana")
        ]
        status, text, _ = await read(doors, "/v1/reports/2024-W47?format=digest")
        assert text.splitlines()[:3] == [
            "After hours, week 47 of 2024 (18 Nov to 24 Nov)", "Emergencies: 9 (SEV1 9)", "Contacted in time: 8 of 9.",
        ]  # fmt: skip
        assert text.splitlines()[-1] == "More: oncall report 2024-W47"

    play(tmp_path, story)


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text."""
        self.words += data


def test_the_page_is_small_has_no_script_fetches_nothing_and_keeps_hostile_text_as_text(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await november(doors)
        _, text, headers = await read(doors, "/reports/2024-11")
        page = Page(text)
        assert len(text.encode()) < 50_000
        assert {tag for tag, _ in page.tags} <= {
            "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "section", "table", "caption", "thead", "tbody", "tr", "th", "td",
            "footer",
        }  # fmt: skip
        assert [name for _, attrs in page.tags for name in attrs if name in {"src", "href", "style"} or name.startswith("on")] == []
        assert HOSTILE in page.words
        assert all(attrs.get("scope") in {"row", "col"} for tag, attrs in page.tags if tag == "th")
        assert sum(tag == "caption" for tag, _ in page.tags) == sum(tag == "table" for tag, _ in page.tags) > 3
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
        assert headers["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
        assert "@media print" in style.group(1)
        assert "prefers-color-scheme: dark" in style.group(1)

    play(tmp_path, story)


def test_a_page_of_a_bad_year_stays_small_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for number in range(40):
            await night(doors, number, customer="Northwind " * 5, late_min=4)
        _, text, _ = await read(doors, "/reports/2024")
        assert len(text.encode()) < 50_000
        assert "... and 10 more; see the CSV." in text

    play(tmp_path, story)


def test_in_markdown_and_csv_hostile_text_is_text_too(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await night(doors, 0, customer=f"{HOSTILE} | {FORMULA}\n# x", late_min=4)
        _, text, _ = await read(doors, "/v1/reports/2024-11?format=md")
        (row,) = [line for line in text.splitlines() if "HYPERLINK" in line]
        assert "\\<script\\>alert(1)\\</script\\> \\| =HYPERLINK" in row
        assert len(re.findall(r"(?<!\\)\|", row)) == 9
        assert not any(line.startswith("# x") for line in text.splitlines())

    play(tmp_path, story)


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (3, "3"), ("sev1", "sev1")])
def test_other_cells_are_as_they_are(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/reports/2024-13", 422, "there is no month '2024-13'"),
        ("/v1/reports/november", 422, "'november' is no period; write a month (2026-11), a week (2026-W47) or a year (2026)"),
        ("/v1/reports/2199-01", 422, "January 2199 has not begun"),
        ("/v1/reports/2024-11?format=pdf", 422, "no format 'pdf'; known: json, html, md, csv, digest"),
        ("/reports/2024-13", 422, "there is no month '2024-13'"),
    ],
)
def test_what_cannot_be_given_is_refused_with_the_reason(tmp_path: Path, path: str, status: int, words: str) -> None:
    async def story(doors: Standing) -> None:
        given, text, _ = await read(doors, path)
        assert (given, json.loads(text)["detail"]) == (status, words)

    play(tmp_path, story)


@pytest.mark.parametrize("path", ["/v1/reports/2024-11", "/v1/reports/month?format=html", "/reports/2024-11"])
def test_only_who_may_read_sees_a_report(tmp_path: Path, path: str) -> None:
    async def story(doors: Standing) -> None:
        assert [(await read(doors, path, key))[0] for key in ("", "wrong", REPORT_KEY, DESK_KEY)] == [401, 401, 403, 200]

    play(tmp_path, story)


def test_a_report_of_nothing_says_so(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        assert "No emergency was reported." in (await read(doors, "/reports/2024-10"))[1]
        assert json.loads((await read(doors, "/v1/reports/month"))[1])["emergencies"] == 0
        assert json.loads((await read(doors, "/v1/reports/week"))[1])["misses"] == []

    play(tmp_path, story)
