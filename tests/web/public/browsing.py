"""A customer without a script: pages are fetched, read as text, and their forms are filled in and sent; what must hold of every page is checked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from sqlalchemy import Connection, text

from oncall.core.publishing import Ways
from oncall.store.tables import METADATA
from oncall.web.public.rendering import content_policy
from tests.web.standing import Standing

WAYS = Ways(phone="+15125550101", url="https://oncall.example.com")
LARGEST_PAGE = 50_000
VOID = {"meta", "input", "link", "br", "hr", "img"}


@dataclass
class Form:
    """A form as a browser sees it: where it leads, and what it would send."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """What stands on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, Mapping[str, str]]] = []
        self.forms: list[Form] = []
        self._open: list[str] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "input" and (given.get("type") != "radio" or "checked" in given):
            self.forms[-1].values[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._area = given["name"]
            self.forms[-1].values[self._area] = ""
        elif tag == "select":
            self._area = given["name"]
        elif tag == "option" and (self._area not in self.forms[-1].values or "selected" in given):
            self.forms[-1].values[self._area] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"
        if tag in {"td", "th", "li", "span", "label"}:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "textarea":
            self.forms[-1].values[self._area] += data
        if self._open and self._open[-1] == "button":
            self.forms[-1].buttons.append(data.strip())
        if not self._open or self._open[-1] != "style":
            self.words.append(data)


@dataclass
class Seen:
    """A page as it was answered."""

    status: int
    headers: Mapping[str, str]
    html: str
    address: str

    @property
    def read(self) -> Reader:
        """What stands on it."""
        reader = Reader()
        reader.feed(self.html)
        return reader

    @property
    def text(self) -> str:
        """Its words, blanks as one."""
        return " ".join("".join(self.read.words).split())

    def form(self, button: str) -> Form:
        """The form that has this button."""
        return next(form for form in self.read.forms if button in form.buttons)

    def has_form(self, button: str) -> bool:
        """Whether there is a form with this button."""
        return any(button in form.buttons for form in self.read.forms)


OURS = r"(\.\./)*(report|policy(\.\w+)?|(c|feedback)/\S+)$|#\w|sms:\+\d+$|https://oncall\.example\.com/report$|https://status\.example\.com$|$"
"""Where links of public pages lead: to us, and where the example's help for customers does."""


def check(page: Seen) -> Seen:
    """What must hold of every public page: headers, size, no script, nothing from elsewhere, a label for every field."""
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"] == content_policy()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert len(page.html.encode()) < LARGEST_PAGE
    read = page.read
    ids = [given["id"] for _, given in read.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert not [tag for tag, _ in read.tags if tag in {"script", "iframe", "object", "img", "link", "base"}]
    assert not [name for _, given in read.tags for name in given if name.startswith("on") or name == "style"]
    assert [given["lang"] for tag, given in read.tags if tag == "html"]
    labelled = {given["for"] for tag, given in read.tags if tag == "label"}
    for tag, given in read.tags:
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            assert given["id"] in labelled, given
        for name in ("aria-describedby", "aria-labelledby"):
            assert set(given.get(name, "").split()) <= set(ids), given
        if tag == "a":
            assert re.match(OURS, given["href"]), given["href"]
    return page


async def look(doors: Standing, path: str, headers: Mapping[str, str] | None = None) -> Seen:
    """GETs a page, checks what must hold of every one, and that the store is as it was; again if the engine was at work meanwhile."""
    for _ in range(20):
        before = await contents(doors)
        async with doors.public.get(doors.url + path, headers=headers or {}) as response:
            seen = check(Seen(response.status, response.headers, await response.text(), path))
        if await contents(doors) == before:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"each GET of {path} changes the store")


async def send(
    doors: Standing, path: str, values: Mapping[str, str], *, follow: bool = True, headers: Mapping[str, str] | None = None
) -> Seen:  # fmt: skip
    """Sends a form and goes where the answer leads; `follow=False` stays at the first answer."""
    async with doors.public.post(doors.url + path, data=dict(values), headers=headers or {}, allow_redirects=False) as response:
        seen = Seen(response.status, response.headers, await response.text(), path)
    if seen.status != 303:
        return check(seen)
    assert seen.html == ""
    return await look(doors, resolved(path, seen.headers["Location"])) if follow else seen


def resolved(path: str, location: str) -> str:
    """Where a relative address leads from `path`."""
    parts = path.split("/")[:-1]
    for step in location.split("/"):
        parts = parts[:-1] if step == ".." else [*parts, step]
    return "/".join(parts)


async def contents(doors: Standing) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the store, but for the clock's mark, which is written all the time."""

    def read(conn: Connection) -> dict[str, list[tuple[object, ...]]]:
        names = [name for name in METADATA.tables if name != "clock"]
        return {name: sorted((tuple(row) for row in conn.execute(text(f'SELECT * FROM "{name}"'))), key=str) for name in names}  # noqa: S608 -- our own names

    return await doors.store.tx(read)
