"""Remembers: one Store, opened by the scheme of its address; units of work are plain functions on a SQLAlchemy connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from oncall.store.sqlite import SqliteStore
from oncall.store.store import Lane, Store, StoreRefused, StoreUnavailable

__all__ = ["STORES", "Lane", "Store", "StoreRefused", "StoreUnavailable", "open_store"]

STORES: Mapping[str, Callable[[str], Store]] = {"sqlite": SqliteStore.open}
"""How a store is opened, by the scheme of its address (`sqlite:///path`)."""


def open_store(address: str) -> Store:
    """The store at `address`. StoreRefused names what is wrong and what to do; nothing is ever made over an existing file."""
    scheme = address.partition(":")[0]
    if scheme not in STORES:
        raise StoreRefused(f"no store is called '{scheme}'; write one of {', '.join(f'{name}:///...' for name in STORES)}")
    return STORES[scheme](address)
