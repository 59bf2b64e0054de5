"""A statement of the hot path: written in SQLAlchemy's language once, compiled once for each dialect, then run by the driver itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a dialect's driver is given: the SQL, its parameters by position, constants among them, and how a row is made."""

    sql: str
    names: tuple[str, ...]
    constants: dict[str, Any]
    row: Callable[[Any], Any]

    def by_position(self, values: dict[str, Any]) -> list[Any]:
        """The parameters, constants among them, in the order in which the SQL has them."""
        known = {**self.constants, **values} if self.constants else values
        return [known[name] for name in self.names]


class Statement:
    """A statement with all its values bound by name; `first`, `all`, `scalar`, `run` and `many` are what is ever asked of one.

    Through SQLAlchemy a statement of these takes 40 to 200 microseconds, 3 by the driver alone, and an emergency needs thirty of them.
    Errors are SQLAlchemy's all the same. Columns come as the driver gives them: whole numbers and text, which is all that our tables hold.
    """

    def __init__(self, clause: Executable) -> None:
        self._clause = clause
        self._compiled: dict[str, Compiled] = {}

    def run(self, conn: Connection, **values: Any) -> int:
        """Runs it and says how many rows it changed."""
        return int(self._cursor(conn, values)[0].rowcount)

    def many(self, conn: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Runs it for each of `rows` and says how many rows it changed in all."""
        return int(self._cursor(conn, rows)[0].rowcount) if rows else 0

    def first(self, conn: Connection, **values: Any) -> Any:
        """The first row, by the names of its columns, or None."""
        cursor, compiled = self._cursor(conn, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else compiled.row(row)

    def all(self, conn: Connection, **values: Any) -> list[Any]:
        """Every row, by the names of its columns."""
        cursor, compiled = self._cursor(conn, values)
        return [compiled.row(row) for row in cursor.fetchall()]

    def scalar(self, conn: Connection, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.first(conn, **values)
        return None if row is None else row[0]

    def _cursor(self, conn: Connection, values: dict[str, Any] | Sequence[dict[str, Any]]) -> tuple[Any, Compiled]:
        """A cursor of the driver on which it was run, once or for each of several."""
        dialect = conn.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        driver = conn.connection.driver_connection
        assert driver is not None
        try:
            if isinstance(values, dict):
                cursor = driver.execute(compiled.sql, compiled.by_position(values))
            else:
                cursor = driver.executemany(compiled.sql, [compiled.by_position(one) for one in values])
        except dialect.loaded_dbapi.Error as error:
            failed = DBAPIError.instance(compiled.sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
            raise failed from error
        return cursor, compiled

    def _compile(self, dialect: Dialect) -> Compiled:
        """Compiles it for a dialect whose parameters stand by position."""
        found = cast("SQLCompiler", cast("ClauseElement", self._clause).compile(dialect=dialect))
        names = tuple(found.positiontup or ())
        columns = [str(column[0]) for column in found._result_columns]
        constants = {name: value for name, value in found.params.items() if value is not None and name in names}
        named: Any = NamedTuple("Row", [(column, Any) for column in columns])  # type: ignore[misc]  # which columns there are is known only now
        compiled = self._compiled[dialect.name] = Compiled(found.string, names, constants, named._make)
        return compiled
