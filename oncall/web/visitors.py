"""Who visits the public pages, as far as a limit has to know: the address that our proxy saw, and what each may do how often."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from fastapi import Request

from oncall.web.limits import RateLimit

HERE = "this machine"


class Visitors:
    """The limits of the public pages, each for a visitor's address or a telephone number. None is so low that one emergency could meet it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.reports = RateLimit(monotonic, per_minute=1, burst=10)
        """By address: a company whose stores share one is let through, and whoever goes on is a program."""
        self.numbers = RateLimit(monotonic, per_minute=0.5, burst=5)
        """By the number that is to be called back: nobody may have others texted without end."""
        self.guesses = RateLimit(monotonic, per_minute=2, burst=10)
        """By address: wrong secrets of cases."""
        self.acts = RateLimit(monotonic, per_minute=2, burst=10)
        """By case: what a customer adds, each of which somebody reads at night."""


def visitor(request: Request) -> str:
    """Whom a limit counts: an IPv4 address, or the network of an IPv6 one, of which everybody at home has a whole /64.

    A proxy on this machine says who asks in the last entry of X-Forwarded-For, which it wrote itself; nobody else is believed that.
    """
    peer = request.client.host if request.client else HERE
    if is_here(peer):
        peer = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or HERE
    return network_of(peer)


def is_here(address: str) -> bool:
    """Whether an address is of this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True


def network_of(address: str) -> str:
    """The address as a limit counts it."""
    try:
        found = ip_address(address)
    except ValueError:
        return HERE
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else found.exploded[:19]
    return str(found)
