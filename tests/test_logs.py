"""Logs: one JSON line per event, and nothing in it that a reader of logs must not have."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from oncall import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Logging into a text, with one secret known."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure(secrets=["s3cret-token-value"], stream=stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()


@pytest.mark.parametrize("number", ["+15125550104", "+1 (512) 555-0104", "%2B15125550104", "0015125550104", "15125550104", "+49 170 1230104"])
def test_a_telephone_number_keeps_its_last_four_digits(lines: io.StringIO, number: str) -> None:
    structlog.get_logger().info(f"texted {number}", to=number, deep={"to": [number]})
    assert number not in lines.getvalue()
    assert json.loads(lines.getvalue())["to"] == "...0104"


@pytest.mark.parametrize("harmless", ["2026-11-24T11:00:00Z", "1001/3/page/ana/sms", "turn 12", "127.0.0.1:8080", "K7QX", "version 20261124"])
def test_what_is_no_number_stays_readable(lines: io.StringIO, harmless: str) -> None:
    structlog.get_logger().info("seen", what=harmless)
    assert json.loads(lines.getvalue())["what"] == harmless


def test_a_secret_never_shows_not_even_in_a_traceback(lines: io.StringIO) -> None:
    try:
        raise ValueError("refused s3cret-token-value for +15125550104")
    except ValueError:
        structlog.get_logger().exception("failed", auth_token="whatever")
    text = lines.getvalue()
    assert "s3cret-token-value" not in text
    assert "5125550104" not in text
    assert "whatever" not in text
    assert "Traceback" in text


def test_libraries_are_masked_and_do_not_chatter(lines: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("-- BEGIN Twilio API Request --")
    assert lines.getvalue() == ""
    logging.getLogger("uvicorn.error").error("broken for +15125550104")
    assert json.loads(lines.getvalue())["event"] == "broken for ...0104"


def test_a_line_break_in_a_text_makes_no_second_line(lines: io.StringIO) -> None:
    structlog.get_logger().info("said", text='x\n{"level": "forged"}')
    assert lines.getvalue().count("\n") == 1


def test_under_journald_each_line_has_its_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure(stream=stream)
    structlog.get_logger().error("a page failed")
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()
    assert stream.getvalue().startswith('<3>{"')


def test_a_line_that_cannot_be_written_stops_nobody(lines: io.StringIO) -> None:
    lines.close()
    structlog.get_logger().error("a page failed")
