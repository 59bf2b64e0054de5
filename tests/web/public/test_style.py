"""The colours of the public pages can be told apart in both themes: texts by 4.5:1, borders, focus and controls by 3:1 (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re

import pytest

from oncall.web.public.rendering import style

TEXTS = [
    *((name, ground) for name in ("text", "muted", "link") for ground in ("bg", "surface")),
    ("error", "error-bg"), ("error", "bg"), ("bg", "link"), ("bg", "error"),
    *(("text", f"{state}-bg") for state in ("held", "late", "done", "wait", "error")),
]  # fmt: skip
SHAPES = [("border", "bg"), ("border", "surface"), ("focus", "bg"), *((state, "bg") for state in ("held", "late", "done", "wait", "error", "link"))]


def themes() -> list[dict[str, str]]:
    """The tokens in light, and in dark where they are others."""
    blocks = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in re.findall(r":root \{(.*?)\}", style(), re.DOTALL)]
    light, dark = blocks[:2]
    return [light, {**light, **dark}]


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far two colours are apart."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_it_is_defined() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_colours_can_be_told_apart(theme: int) -> None:
    tokens = themes()[theme]
    found = {(least, pair): contrast(tokens[pair[0]], tokens[pair[1]]) for least, pairs in ((4.5, TEXTS), (3.0, SHAPES)) for pair in pairs}
    assert {pair: measured for (least, pair), measured in found.items() if measured < least} == {}


def test_the_themes_differ() -> None:
    light, dark = themes()
    assert (light["bg"], dark["bg"]) == ("#fff", "#0e1116")
    assert light.keys() == dark.keys()
