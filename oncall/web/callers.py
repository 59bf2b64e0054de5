"""Who makes a request: the owner of an API key, or somebody on this machine through the control socket."""

from __future__ import annotations

import math
import pwd
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request

from oncall.core.model import Handbook
from oncall.settings import Scope
from oncall.settings.keys import find_key
from oncall.web.parts import parts_of
from oncall.web.problems import Problem
from oncall.web.servers import PEER


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. `door`: 'api' or 'cli'; `name`: the key's name, or the user's on this machine."""

    door: str
    name: str


def allowed(request: Request, scope: Scope) -> Caller:
    """The caller, if they may do what `scope` says; else a Problem: 401, 403 or 429. The control socket may do everything."""
    uid = request.scope.get(PEER)
    if uid is not None:
        return Caller(door="cli", name=user_name(uid))
    parts = parts_of(request)
    kind, _, presented = request.headers.get("authorization", "").partition(" ")
    key = find_key(parts.keys, presented.strip()) if kind.lower() == "bearer" and presented else None
    if key is None:
        parts.metrics.refused("unknown key")
        raise Problem(HTTPStatus.UNAUTHORIZED, "send an API key that this daemon knows: Authorization: Bearer KEY")
    if scope not in key.scopes:
        parts.metrics.refused("missing scope")
        raise Problem(HTTPStatus.FORBIDDEN, f"the key '{key.name}' lacks the scope '{scope}'; an admin adds it in ONCALL_API_KEYS")
    # Acts are never limited: a human who wants to take an emergency must not wait for a program that shares the key.
    wait_s = 0.0 if scope is Scope.ACT else parts.rate.wait_s(key.name)
    if wait_s:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, f"the key '{key.name}' makes too many requests", retry_after_s=math.ceil(wait_s))
    return Caller(door="api", name=key.name)


def control_only(request: Request) -> Caller:
    """The caller, if they came through the control socket; for everybody else the route does not exist."""
    uid = request.scope.get(PEER)
    if uid is None:
        raise Problem(HTTPStatus.NOT_FOUND, "there is nothing here")
    return Caller(door="cli", name=user_name(uid))


def user_name(uid: int) -> str:
    """The name of a user of this machine, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def acting_person(caller: Caller, given: str, handbook: Handbook) -> str:
    """Who acts: the person that was named, or on this machine the user, if the handbook has a person of that id."""
    if given:
        if given not in handbook.people:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "nobody can act under this name", fields={"by": f"no person '{given}' is in the handbook"})
        return given
    if caller.door == "cli" and caller.name in handbook.people:
        return caller.name
    if caller.door == "cli":
        hint = f"your user name '{caller.name}' is no person of the handbook; say who acts: --as PERSON"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, hint, fields={"by": "is missing"})
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "say who acts: the id of a person of the handbook", fields={"by": "is missing"})
