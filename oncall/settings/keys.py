"""API keys: how ONCALL_API_KEYS is read, and how a presented key is compared without telling how much of it was right."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
SHORTEST_KEY = 16
"""Characters of a key at least: 16 random letters and digits are over 80 bits, which nobody guesses over HTTP."""


class Scope(StrEnum):
    """What a key may do: report emergencies, read, act on incidents, and what only admins do (forget)."""

    REPORT = "report"
    READ = "read"
    ACT = "act"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key; only its digest is kept, so that no log or trace can show it."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[Scope]


def read_keys(text: str) -> tuple[ApiKey, ...]:
    """Reads `name:key[:scopes]`, comma separated, scopes joined by + (default: report). ValueError never shows a key."""
    keys: dict[str, ApiKey] = {}
    for number, entry in enumerate((part.strip() for part in text.split(",")), start=1):
        if not entry:
            continue
        name, _, rest = entry.partition(":")
        key, _, scopes = rest.partition(":")
        if not NAME.fullmatch(name):
            raise ValueError(f"entry {number} does not begin with a name of small letters, digits, - and _; write name:key or name:key:report+read")
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"the key of '{name}' has fewer than {SHORTEST_KEY} characters; make one with: openssl rand -hex 24")
        if name in keys:
            raise ValueError(f"the name '{name}' stands there twice; each key needs its own name")
        keys[name] = ApiKey(name=name, digest=sha256(key.encode()).digest(), scopes=read_scopes(name, scopes))
    return tuple(keys.values())


def read_scopes(name: str, text: str) -> frozenset[Scope]:
    """Reads scopes joined by +; an empty text is `report`."""
    words = text.split("+") if text else [Scope.REPORT.value]
    for word in words:
        if word not in set(Scope):
            raise ValueError(f"the key '{name}' has the unknown scope '{word}'; scopes are report, read, act and admin, joined by +")
    return frozenset(Scope(word) for word in words)


def find_key(keys: Iterable[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented, or None. Every key is compared, each in constant time, whatever matched before."""
    digest = sha256(presented.encode("utf-8", "surrogateescape")).digest()
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found
