"""Checks Block Kit: the limits that Slack documents, each problem named with its place; and fills in the ids that Slack makes itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

MOST_BLOCKS = 50
HEADER, SECTION, FIELD, FIELDS = 150, 3000, 2000, 10
ELEMENTS, CONTEXT, OPTIONS = 25, 10, 5
BUTTON_TEXT, VALUE, ID, URL, ACCESSIBILITY = 75, 2000, 255, 3000, 75
OPTION_TEXT, OPTION_VALUE = 75, 150
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
STYLES = {"primary", "danger"}
KINDS = {"header", "section", "actions", "context", "divider"}
"""The blocks that the page can show; another would be seen by nobody, so it is refused."""

Json = dict[str, Any]


def problems(blocks: list[Any]) -> list[str]:
    """What Slack would refuse, each with its place; empty for good blocks."""
    found = [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"] if len(blocks) > MOST_BLOCKS else []
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        said = list(in_block(block)) if isinstance(block, dict) else ["must be an object"]
        name = str(block.get("block_id", "")) if isinstance(block, dict) else ""
        if name and name in seen:
            said.append("block_id already exists")
        seen.add(name)
        found += [f"{each} [json-pointer:/blocks/{place}]" for each in said]
    return found


def in_block(block: Json) -> Iterator[str]:
    """The problems of one block."""
    kind = block.get("type")
    if kind not in KINDS:
        yield f"unsupported type: {kind}"
    yield from longer(block.get("block_id", ""), ID, "block_id")
    if kind == "header":
        yield from text(block.get("text"), HEADER, "text", kinds={"plain_text"})
    elif kind == "section":
        yield from section(block)
    elif kind == "actions":
        yield from actions(block)
    elif kind == "context":
        elements = block.get("elements")
        if not isinstance(elements, list) or not 0 < len(elements) <= CONTEXT:
            yield f"elements must have 1 to {CONTEXT} items"
        else:
            for each in elements:
                yield from text(each, SECTION, "element")


def section(block: Json) -> Iterator[str]:
    """The problems of a section."""
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield "missing required field: text or fields"
    if block.get("text") is not None:
        yield from text(block["text"], SECTION, "text")
    if fields is not None and (not isinstance(fields, list) or not 0 < len(fields) <= FIELDS):
        yield f"fields must have 1 to {FIELDS} items"
    elif fields:
        for each in fields:
            yield from text(each, FIELD, "field")
    if block.get("accessory") is not None:
        yield from element(block["accessory"])


def actions(block: Json) -> Iterator[str]:
    """The problems of a row of buttons."""
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= ELEMENTS:
        yield f"elements must have 1 to {ELEMENTS} items"
        return
    seen: set[str] = set()
    for each in elements:
        yield from element(each)
        name = str(each.get("action_id", "")) if isinstance(each, dict) else ""
        if name and name in seen:
            yield f"action_id {name!r} already exists in this block"
        seen.add(name)


def element(given: Any) -> Iterator[str]:
    """The problems of a button or an overflow menu."""
    if not isinstance(given, dict) or given.get("type") not in {"button", "overflow"}:
        yield "unsupported element: neither button nor overflow"
        return
    yield from longer(given.get("action_id", ""), ID, "action_id")
    if given.get("confirm") is not None:
        yield from confirm(given["confirm"])
    if given["type"] == "overflow":
        options = given.get("options")
        if not isinstance(options, list) or not 0 < len(options) <= OPTIONS:
            yield f"options must have 1 to {OPTIONS} items"
            return
        for each in options:
            yield from text(each.get("text") if isinstance(each, dict) else None, OPTION_TEXT, "option text", kinds={"plain_text"})
            yield from longer(each.get("value", "") if isinstance(each, dict) else None, OPTION_VALUE, "option value")
        return
    yield from text(given.get("text"), BUTTON_TEXT, "button text", kinds={"plain_text"})
    yield from longer(given.get("value", ""), VALUE, "value")
    yield from longer(given.get("url", ""), URL, "url")
    yield from longer(given.get("accessibility_label", ""), ACCESSIBILITY, "accessibility_label")
    if given.get("style", "primary") not in STYLES:
        yield f"style must be one of {sorted(STYLES)}"


def confirm(given: Any) -> Iterator[str]:
    """The problems of a question before an action."""
    if not isinstance(given, dict):
        yield "confirm must be an object"
        return
    for name, most in CONFIRM.items():
        kinds = {"plain_text", "mrkdwn"} if name == "text" else {"plain_text"}
        yield from text(given.get(name), most, f"confirm {name}", kinds=kinds)


def text(given: Any, most: int, name: str, *, kinds: set[str] | frozenset[str] = frozenset({"plain_text", "mrkdwn"})) -> Iterator[str]:
    """The problems of a text object."""
    if not isinstance(given, dict) or given.get("type") not in kinds:
        yield f"{name} must be a text object of type {' or '.join(sorted(kinds))}"
    elif not isinstance(given.get("text"), str) or not given["text"]:
        yield f"{name} must be more than 0 characters"
    else:
        yield from longer(given["text"], most, name)


def longer(given: Any, most: int, name: str) -> Iterator[str]:
    """The problem of a string that is too long, or no string."""
    if not isinstance(given, str):
        yield f"{name} must be a string"
    elif len(given) > most:
        yield f"{name} must be less than {most + 1} characters"


def elements_of(block: Json) -> list[Json]:
    """Whatever in a block can be clicked."""
    if block.get("type") == "actions":
        return list(block["elements"])
    return [block["accessory"]] if block.get("accessory") else []


def with_ids(blocks: list[Json]) -> list[Json]:
    """Good blocks with an id for each block and each element, as Slack keeps them."""
    kept = [{**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)} for block in blocks]
    for block in kept:
        for name in ("elements", "accessory"):
            if block["type"] == "actions" and name == "elements":
                block[name] = [{**each, "action_id": each.get("action_id") or secrets.token_urlsafe(4)} for each in block[name]]
            elif name == "accessory" and block.get(name):
                block[name] = {**block[name], "action_id": block[name].get("action_id") or secrets.token_urlsafe(4)}
    return kept
