"""Who a limit counts, and that limits forget: a flood neither fills the memory nor keeps anybody else out."""

from __future__ import annotations

import pytest
from fastapi import Request

from oncall.web.limits import MOST_KEYS, RateLimit
from oncall.web.visitors import visitor


def asked(peer: str, forwarded: str = "") -> str:
    """Whom a limit counts for a request from `peer`."""
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return visitor(Request({"type": "http", "client": (peer, 1) if peer else None, "headers": headers}))


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("::1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", "this machine"),
        ("127.0.0.1", "unknown", "this machine"),
        ("", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
    ],
)
def test_an_address_is_believed_only_to_our_own_proxy(peer: str, forwarded: str, counted: str) -> None:
    """Whoever comes directly may write what they like into X-Forwarded-For; and all of a home's IPv6 addresses are one home."""
    assert asked(peer, forwarded) == counted


def test_a_burst_is_let_through_and_then_so_many_a_minute() -> None:
    seconds = [0.0]
    limit = RateLimit(lambda: seconds[0], per_minute=1, burst=3)
    assert [limit.wait_s("a") for _ in range(5)] == [0.0, 0.0, 0.0, 60.0, 60.0]
    assert limit.wait_s("b") == 0.0
    seconds[0] = 30.0
    assert limit.wait_s("a", take=False) == 30.0
    seconds[0] = 60.0
    assert [limit.wait_s("a", take=False) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert [limit.wait_s("a") for _ in range(2)] == [0.0, 60.0]
    seconds[0] = 3600.0
    assert [limit.wait_s("a") for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]


def test_a_flood_from_ever_new_addresses_does_not_fill_the_memory() -> None:
    seconds = [0.0]
    limit = RateLimit(lambda: seconds[0], per_minute=60, burst=1)
    for number in range(MOST_KEYS):
        limit.wait_s(f"{number}")
    assert limit.wait_s("0", take=False) == 1.0
    seconds[0] = 10.0
    limit.wait_s("patient")
    assert len(limit._buckets) == 1
    for number in range(3 * MOST_KEYS):
        limit.wait_s(f"{number}")
    assert len(limit._buckets) <= MOST_KEYS
