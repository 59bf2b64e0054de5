"""The handbook in force: no edit of its files is missed, whenever it comes."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

from oncall.daemon.in_force import InForce
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
