"""The demo ends well only if the page was acknowledged and the customer was told."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from oncall.cli import demo
from oncall.cli.output import Code


@pytest.fixture(autouse=True)
def untouched_afterwards() -> Iterator[None]:
    """The demo forgets the environment of its process and sets up logging; the tests' own stays as it was."""
    root, environment = logging.getLogger(), dict(os.environ)
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    os.environ.clear()
    os.environ.update(environment)


def test_the_story_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert asyncio.run(demo.play(120, stay=False)) == Code.FINE
    said = capsys.readouterr().err
    for words in ("reports an emergency", "sleeps on", "did not answer", "replies:", "Yours:", "has your case"):
        assert words in said


def test_a_page_that_nobody_takes_is_no_good_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "PATIENCE_S", 2.0)
    monkeypatch.setattr(demo, "LONGEST_WAIT_S", 300)
    monkeypatch.setattr(demo, "reply_code", lambda _page: "99N")
    assert asyncio.run(demo.play(120, stay=False)) == Code.NO
    assert "the story did not end well: it never happened that" in capsys.readouterr().err
