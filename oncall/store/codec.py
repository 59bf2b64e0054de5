"""Frozen dataclasses to JSON text and back, exactly; and instants to whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def adapter(kind: type[T]) -> TypeAdapter[T]:
    """The adapter of a type; costly to make, so made once."""
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]


def write(value: object) -> str:
    """`value`, a frozen dataclass, as JSON."""
    return adapter(type(value)).dump_json(value).decode()


def write_all(kind: type[T], values: tuple[T, ...]) -> str:
    """Several values of one kind as a JSON list."""
    return adapter(tuple[kind, ...]).dump_json(values).decode() if values else "[]"  # type: ignore[valid-type]  # a kind that is known at run time


def read(kind: type[T], text: str) -> T:
    """What `write` made from a value of `kind`. pydantic.ValidationError: the text is no such thing."""
    return adapter(kind).validate_json(text)


def micros(at: datetime) -> int:
    """An instant as whole microseconds since 1970, UTC."""
    return (at - EPOCH) // MICROSECOND


def instant(count: int) -> datetime:
    """The instant of whole microseconds since 1970, UTC."""
    return EPOCH + timedelta(microseconds=count)


def maybe_instant(count: int | None) -> datetime | None:
    """The instant, or None for NULL."""
    return None if count is None else instant(count)
