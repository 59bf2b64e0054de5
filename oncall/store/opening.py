"""Opens a SQLite file with care: locked, whole, ours, of a known schema; or refuses and leaves it alone."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from oncall.store.migrate import UnknownRevision, upgrade
from oncall.store.store import StoreRefused

MAGIC = b"SQLite format 3\x00"
"""How every SQLite file begins."""
APPLICATION_ID = 0x0C411
"""Written into the header of our files, so that we never put our tables into somebody else's."""
BUSY_TIMEOUT_MS = 5000


def path_of(address: str) -> Path:
    """The file that `sqlite:///path` names."""
    scheme, _, path = address.partition(":///")
    if scheme != "sqlite" or not path:
        raise StoreRefused(f"'{address}' names no SQLite file; write sqlite:///path/to/oncall.db (four slashes for an absolute path)")
    return Path(path)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there now; None if none does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def lock(path: Path) -> int:
    """Locks the file for this process by a file beside it. StoreRefused: another daemon has it, or nothing can be written there."""
    beside = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreRefused(f"{beside} cannot be made: {error.strerror}; choose a folder that this user may write") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreRefused(f"{path} is in use by another daemon; stop that one first, or give this one a file of its own") from error
    return descriptor


def connect(path: Path | str) -> Connection:
    """The one connection to a SQLite file (or ':memory:'), set up for durability: what is committed survives a power cut."""
    if path != ":memory:":
        look_before(Path(path))

    def creator() -> sqlite3.Connection:
        raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        # What is emptied is overwritten in the file as well (`oncall forget`); a VACUUM would do it too, and hold up every page meanwhile.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    engine = create_engine("sqlite://", creator=creator, poolclass=StaticPool, hide_parameters=True)
    # The driver itself would begin late and without the write lock.
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        return engine.connect()
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreRefused(f"{path} cannot be opened: {getattr(error, 'orig', error)}; look at the file, its folder and the disk") from error


def look_before(path: Path) -> None:
    """Refuses what is there and is no SQLite file; a new file is made for this user alone."""
    beside = path.with_name(f"{path.name}-wal")
    try:
        head = path.read_bytes()[: len(MAGIC)] if path.stat().st_size < len(MAGIC) else first_bytes(path)
    except FileNotFoundError:
        if beside.exists():
            raise StoreRefused(f"{path} is gone, but {beside.name} is there: put the file back or restore a backup; nothing was made") from None
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        return
    except OSError as error:
        raise StoreRefused(f"{path} cannot be read: {error.strerror}; check its owner and permissions") from error
    if head == b"" and not beside.exists():
        return
    if head != MAGIC:
        raise StoreRefused(f"{path} is no SQLite file, or its beginning is damaged; it was left alone. Restore a backup or move it away")
    refuse_foreign(path)


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(len(MAGIC))


def prepare(path: Path | str, conn: Connection) -> Connection:
    """Brings the schema of a file up to date. StoreRefused closes the connection."""
    try:
        with conn.begin():
            upgrade(conn)
            conn.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    except UnknownRevision as unknown:
        conn.close()
        raise StoreRefused(
            f"{path} was written by a newer version (schema {unknown}, this one knows up to {unknown.known}); start that version, or restore a backup"
        ) from unknown
    except DBAPIError as error:
        conn.close()
        raise StoreRefused(f"{path} cannot be used: {error.orig}; it was left as it was. Check disk, permissions, or restore a backup") from error
    return conn


def refuse_foreign(path: Path) -> None:
    """Refuses a damaged file and one that holds somebody else's tables; read-only, so that not even its journal mode changes."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as look:
            found, tables, owner = (
                look.execute(asked).fetchone()[0]
                for asked in ("PRAGMA quick_check(1)", "SELECT count(*) FROM sqlite_master", "PRAGMA application_id")
            )
    except sqlite3.Error as error:
        raise StoreRefused(f"{path} cannot be read as it is: {error}; it was left alone. Restore a backup or move it away") from error
    if found != "ok":
        raise StoreRefused(f"{path} is damaged ({found}); it was left alone. Restore a backup")
    if tables and owner != APPLICATION_ID:
        raise StoreRefused(f"{path} is a SQLite file of another program; give this daemon a file of its own")
