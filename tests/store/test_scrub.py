"""What was emptied is gone from the files too, and whoever else reads them holds up no page."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from sqlalchemy import text

from oncall.store.sqlite import SqliteStore
from tests.store.test_sqlite import count, note, play

WORDS = 4711_4711_4711


def test_what_was_emptied_is_gone_from_the_files_after_a_scrub(tmp_path: Path) -> None:
    """Whatever the machine's SQLite was built with; before it, the write-ahead log still has it."""

    def files() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("oncall.db*"))

    async def story(store: SqliteStore) -> None:
        assert await store.tx(lambda conn: conn.exec_driver_sql("PRAGMA secure_delete").scalar()) == 1
        await store.tx(note(WORDS))
        await store.tx(lambda conn: conn.execute(text("DELETE FROM wrong_codes")))
        assert str(WORDS).encode() in files()
        first, _, second = await asyncio.gather(store.scrub(), store.tx(note(1)), store.scrub())
        assert (first, second) == (True, True)
        assert str(WORDS).encode() not in files()
        assert await count(store) == 1

    play(tmp_path, story)


def test_a_scrub_does_not_wait_for_whoever_else_reads_the_file(tmp_path: Path) -> None:
    """The next page would wait with it."""

    async def story(store: SqliteStore) -> None:
        await store.tx(note(1))
        other = sqlite3.connect(tmp_path / "oncall.db")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM wrong_codes").fetchone()
        await store.tx(note(2))
        began = time.monotonic()
        assert await store.scrub() is False
        assert time.monotonic() - began < 1
        await store.tx(note(3))
        other.close()
        assert await store.scrub() is True

    play(tmp_path, story)
