"""The handbook in force: no edit of its files is missed, whenever it comes."""

from __future__ import annotations

import asyncio
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

from oncall.daemon.in_force import InForce, fingerprint
from oncall.handbook import read
from oncall.store import open_store

ROOT = Path(__file__).parents[2]


def test_an_edit_between_the_start_and_the_first_look_is_not_missed(tmp_path: Path) -> None:
    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)

    async def live() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'oncall.db'}")
        book = InForce(store, tmp_path / "config", tmp_path / "rotations", lambda: datetime.now(UTC))
        await book.start()
        # The daemon imports its SDKs now, which takes a second, and only then watches.
        with (tmp_path / "config" / "people.yaml").open("a") as file:
            file.write("\n# Edited.\n")
        noticed = asyncio.Event()

        async def changed() -> None:
            noticed.set()

        watching = asyncio.create_task(book.watch(changed))
        async with asyncio.timeout(10):
            await noticed.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await store.close()

    asyncio.run(live())


def test_folders_that_come_and_go_while_they_are_looked_at_end_nothing(tmp_path: Path) -> None:
    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for number in range(20):
        (tmp_path / "rotations" / f"team{number}").mkdir()
    over = threading.Event()

    def check_out() -> None:
        while not over.is_set():
            for number in range(20):
                (tmp_path / "rotations" / f"team{number}").rmdir()
            for number in range(20):
                (tmp_path / "rotations" / f"team{number}").mkdir()

    busy = threading.Thread(target=check_out)
    busy.start()
    try:
        for _ in range(300):
            fingerprint(tmp_path / "config", tmp_path / "rotations")
        for _ in range(3):
            assert read(tmp_path / "config", tmp_path / "rotations").problems == ()
    finally:
        over.set()
        busy.join()


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "rotations").write_text("not a folder")
    found = [str(problem) for problem in read(ROOT / "config", tmp_path / "rotations").problems]
    assert any(f"{tmp_path / 'rotations'}:1:1" in line and "the folder cannot be read: Not a directory" in line for line in found)
