"""The file: what is confirmed is on disk, one bad unit harms nobody, and what cannot be trusted is refused and left alone."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from oncall.store import STORES, Lane, StoreRefused, StoreUnavailable, clock, open_store, wrong_codes
from oncall.store.migrate import MIGRATIONS, NEWEST, upgrade
from oncall.store.sqlite import SqliteStore
from oncall.store.tables import METADATA
from tests.simulation.world import START
from tests.store.made import memory


def address(folder: Path) -> str:
    """A file in `folder`."""
    return f"sqlite:///{folder / 'oncall.db'}"


def play(folder: Path, story: Callable[[SqliteStore], Awaitable[None]]) -> None:
    """Runs a story with an open store."""

    async def run() -> None:
        store = SqliteStore.open(address(folder))
        try:
            await story(store)
        finally:
            await store.close()

    asyncio.run(run())


def note(number: int) -> Callable[[Connection], None]:
    """A unit that leaves a trace."""
    return lambda conn: wrong_codes.note(conn, str(number), START)


async def count(store: SqliteStore) -> int:
    """How many traces there are."""
    return int(await store.tx(lambda conn: conn.execute(text("SELECT count(*) FROM wrong_codes")).scalar_one()))


def test_every_store_opens_by_its_scheme_and_keeps_what_it_confirmed(tmp_path: Path) -> None:
    """Closed and opened again."""
    for scheme in STORES:

        async def story(folder: Path = tmp_path, kind: str = scheme) -> None:
            for _ in range(2):
                store = open_store(f"{kind}:///{folder / kind}")
                await store.tx(lambda conn: clock.advance(conn, START))
                assert await store.tx(clock.mark) == START
                await store.close()

        asyncio.run(story())


def test_a_unit_that_fails_harms_only_itself(tmp_path: Path) -> None:
    """Its neighbours in the same commit are kept, its own half is undone."""

    async def story(store: SqliteStore) -> None:
        def bad(conn: Connection) -> None:
            wrong_codes.note(conn, "bad", START)
            raise KeyError("mine")

        units = [store.tx(note(one)) for one in range(20)] + [store.tx(bad)] + [store.tx(note(one)) for one in range(20)]
        results = await asyncio.gather(*units, return_exceptions=True)
        assert [str(one) for one in results if one is not None] == ["'mine'"]
        assert await count(store) == 40

    play(tmp_path, story)


def test_acknowledgements_go_before_a_queue_of_reports(tmp_path: Path) -> None:
    """Two lanes: the first is never behind the second (decisions.md 9)."""

    async def story(store: SqliteStore) -> None:
        done: list[str] = []

        async def one(name: str, lane: Lane) -> None:
            await store.tx(lambda conn: wrong_codes.note(conn, name, START), lane=lane)
            done.append(name)

        reports = [asyncio.create_task(one(f"report {number}", Lane.SECOND)) for number in range(2000)]
        await asyncio.sleep(0)
        await one("acknowledgement", Lane.FIRST)
        assert len(done) < 2000, "it waited for the whole queue"
        await asyncio.gather(*reports)

    play(tmp_path, story)


CHILD = """
import asyncio, sys
from oncall.store import open_store, wrong_codes
from tests.simulation.world import START
async def main():
    store = open_store(sys.argv[1])
    for number in range(100000):
        await asyncio.gather(*(store.tx(lambda conn, n=number, k=k: wrong_codes.note(conn, f"{n}.{k}", START)) for k in range(4)))
        print(number, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("after_s", [0.05, 0.11, 0.23])
def test_what_was_confirmed_survives_kill_9(tmp_path: Path, after_s: float) -> None:
    """A child confirms and is killed at some moment; every confirmed row is there, and the file is whole."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, address(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        confirmed = [int(line) for line in (first + child.stdout.read()).splitlines() if line]
    assert confirmed

    async def story(store: SqliteStore) -> None:
        assert await count(store) >= 4 * len(confirmed)

    play(tmp_path, story)


def test_a_full_disk_refuses_and_recovers_without_a_restart(tmp_path: Path) -> None:
    """Nothing half-written, reads go on, and with room again so do writes."""

    async def story(store: SqliteStore) -> None:
        pages = await store.tx(lambda conn: conn.execute(text("PRAGMA page_count")).scalar_one())
        await store.tx(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}"))
        big = "x" * 200_000
        with pytest.raises(StoreUnavailable) as caught:
            await store.tx(lambda conn: wrong_codes.note(conn, big, START))
        assert "full" in str(caught.value)
        assert await count(store) == 0
        await store.tx(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=1000000"))
        await store.tx(lambda conn: wrong_codes.note(conn, big, START))
        assert (await count(store), store.failed) == (1, "")

    play(tmp_path, story)


def test_a_file_that_is_replaced_or_deleted_under_us_ends_the_process(tmp_path: Path) -> None:
    """Writing on into a file that nobody will find again would lose everything quietly."""

    async def story(store: SqliteStore) -> None:
        (tmp_path / "oncall.db").rename(tmp_path / "moved.db")
        with pytest.raises(StoreUnavailable):
            await store.tx(note(1))
        assert "was deleted or replaced" in store.failed

    play(tmp_path, story)


def refused(folder: Path) -> str:
    """Why the file in `folder` is not opened; nothing of it changes."""
    path = folder / "oncall.db"
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(StoreRefused) as caught:
        SqliteStore.open(address(folder))
    assert (path.read_bytes() if path.exists() else None) == before
    return str(caught.value)


def made(folder: Path) -> Path:
    """A closed store's file."""

    async def story(store: SqliteStore) -> None:
        for number in range(300):
            await store.tx(note(number))

    play(folder, story)
    return folder / "oncall.db"


def test_a_second_daemon_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    """Two writers would page twice; the lock is let go at the close."""

    async def story(store: SqliteStore) -> None:
        assert "in use by another daemon" in refused(tmp_path)
        await store.tx(note(1))

    play(tmp_path, story)
    play(tmp_path, story)


def test_a_newer_schema_is_refused_by_name(tmp_path: Path) -> None:
    """An old program must not write into a file it does not understand."""
    path = made(tmp_path)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    assert f"newer version (schema 9999, this one knows up to {NEWEST})" in refused(tmp_path)


@pytest.mark.parametrize(("at", "what"), [(0, "no SQLite file"), (4096 + 8, "damaged")])
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, at: int, what: str) -> None:
    """Never an empty start over an existing file."""
    path = made(tmp_path)
    content = bytearray(path.read_bytes())
    content[at : at + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert what in refused(tmp_path) or "malformed" in refused(tmp_path)


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    """A text file, another program's database, a lost file whose journal is still there."""
    path = tmp_path / "oncall.db"
    path.write_text("not a database, but somebody's notes")
    assert "no SQLite file" in refused(tmp_path)
    path.unlink()
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE theirs (a)")
    conn.commit()
    conn.close()
    assert "another program" in refused(tmp_path)
    path.unlink()
    (tmp_path / "oncall.db-wal").write_bytes(b"x")
    assert "is gone, but oncall.db-wal is there" in refused(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreRefused, match="choose a folder that this user may write"):
        SqliteStore.open(f"sqlite:///{tmp_path / 'file' / 'oncall.db'}")


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    """Numbers of customers are in it."""
    assert made(tmp_path).stat().st_mode & 0o077 == 0


def test_every_commit_is_forced_to_the_disk(tmp_path: Path) -> None:
    """WAL with synchronous=FULL; anything less loses what was confirmed (reliability.md, finding 1)."""

    async def story(store: SqliteStore) -> None:
        assert await store.tx(lambda conn: conn.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"
        assert await store.tx(lambda conn: conn.exec_driver_sql("PRAGMA synchronous").scalar()) == 2

    play(tmp_path, story)


def test_the_migrations_make_exactly_the_tables_of_the_code() -> None:
    """And running them again changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST
    with memory() as conn:
        assert compare_metadata(MigrationContext.configure(conn), METADATA) == []
        upgrade(conn)
        assert clock.mark(conn) is None
